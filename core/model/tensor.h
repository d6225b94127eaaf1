// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QString>
#include <QtGlobal>

#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace ember::model {

/// Element types of graph values.
enum class TensorType
{
    Float32,
    Int8,
    Int16,
    Int32,
    Int64,
    String,
    Bool, ///< one byte, 0 or 1
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Float64
};

/// "float32", "int8", ... as NumPy says it.
QString tensorTypeName(TensorType type);

/// Bytes of one element; 0 for strings, which have none in common.
std::size_t elementBytes(TensorType type);

bool isFloat(TensorType type);

using Shape = std::vector<qint64>;

/// "1x49x10x8"; "scalar" for no dimensions, "?" for one that is not known.
QString shapeText(const Shape& shape);

// Beyond these a model is damaged or hostile: a tensor of a microcontroller model has some thousand elements.
constexpr qint64 kMaxTensorElements = 64'000'000;
constexpr qint64 kMaxTensorBytes = 128'000'000;
constexpr std::size_t kMaxRank = 8;

/// Number of elements. Errors: BadData for a negative dimension, Unsupported for more dimensions or elements than
/// above.
Result<qint64> elementCount(const Shape& shape);

/// The TensorType that holds a C++ type.
template <typename T>
constexpr TensorType tensorTypeOf()
{
    if constexpr (std::is_same_v<T, float>)
        return TensorType::Float32;
    else if constexpr (std::is_same_v<T, double>)
        return TensorType::Float64;
    else if constexpr (std::is_same_v<T, qint8>)
        return TensorType::Int8;
    else if constexpr (std::is_same_v<T, qint16>)
        return TensorType::Int16;
    else if constexpr (std::is_same_v<T, qint32>)
        return TensorType::Int32;
    else if constexpr (std::is_same_v<T, quint8>)
        return TensorType::UInt8;
    else if constexpr (std::is_same_v<T, quint16>)
        return TensorType::UInt16;
    else if constexpr (std::is_same_v<T, quint32>)
        return TensorType::UInt32;
    else if constexpr (std::is_same_v<T, quint64>)
        return TensorType::UInt64;
    else {
        static_assert(std::is_same_v<T, qint64> || std::is_same_v<T, std::int64_t>);
        return TensorType::Int64;
    }
}

/// A typed array in C order. A plain value; its size always agrees with its shape.
class Tensor
{
public:
    Tensor() = default; ///< a float32 array of no elements

    /// Zeros, or empty strings. Errors: as elementCount(); Unsupported beyond kMaxTensorBytes.
    static Result<Tensor> zeros(TensorType type, Shape shape);

    /// A shape with nothing behind it, for what asks for the shape of a value alone: reading an element ends the
    /// program. Errors: as elementCount().
    static Result<Tensor> withoutElements(Shape shape);

    /// Takes the values as they are. `shape` must agree with their number (checked; a disagreement ends the program,
    /// for it is the caller's mistake: readers check before).
    template <typename T>
    static Tensor of(const std::vector<T>& values, Shape shape);
    static Tensor ofStrings(std::vector<std::string> values, Shape shape);

    TensorType type() const { return m_type; }
    const Shape& shape() const { return m_shape; }
    qint64 size() const { return m_size; }
    std::size_t rank() const { return m_shape.size(); }

    /// The same elements under another shape with as many. Errors: BadData.
    Status reshape(Shape shape);

    /// The elements. T must be the type's own (a mistake ends the program); Bool reads as quint8.
    template <typename T>
    std::span<T> as();
    template <typename T>
    std::span<const T> as() const;

    std::span<std::byte> bytes() { return m_bytes; }
    std::span<const std::byte> bytes() const { return m_bytes; }
    std::vector<std::string>& strings() { return m_strings; }
    const std::vector<std::string>& strings() const { return m_strings; }

    /// Converted copies: numbers of any type (strings give zeros). Integers are exact, floats are cut toward zero.
    std::vector<qint64> toInt64() const;
    std::vector<double> toDouble() const;
    std::vector<float> toFloat() const;

    /// Stores converted numbers; integers wrap, floats beyond an integer's range saturate. Sizes must agree.
    void assign(std::span<const double> values);
    void assign(std::span<const float> values);
    void assign(std::span<const qint64> values);

private:
    Tensor(TensorType type, Shape shape, qint64 size);
    void require(bool holds, const char* what) const;

    TensorType m_type = TensorType::Float32;
    Shape m_shape{0};
    qint64 m_size = 0;
    std::vector<std::byte> m_bytes;
    std::vector<std::string> m_strings;
};

template <typename T>
std::span<T> Tensor::as()
{
    require(tensorTypeOf<T>() == m_type || (std::is_same_v<T, quint8> && m_type == TensorType::Bool), "type");
    return {reinterpret_cast<T*>(m_bytes.data()), static_cast<std::size_t>(m_size)};
}

template <typename T>
std::span<const T> Tensor::as() const
{
    require(tensorTypeOf<T>() == m_type || (std::is_same_v<T, quint8> && m_type == TensorType::Bool), "type");
    return {reinterpret_cast<const T*>(m_bytes.data()), static_cast<std::size_t>(m_size)};
}

template <typename T>
Tensor Tensor::of(const std::vector<T>& values, Shape shape)
{
    Tensor tensor(tensorTypeOf<T>(), std::move(shape), static_cast<qint64>(values.size()));
    if (!values.empty())
        std::memcpy(tensor.m_bytes.data(), values.data(), values.size() * sizeof(T));
    return tensor;
}

} // namespace ember::model
