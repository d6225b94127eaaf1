// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tensor.h"

#include <QStringList>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ember::model {
namespace {

// Calls `function` with a null pointer of the C++ type that stores the elements; not for strings.
template <typename Function>
void withElementType(TensorType type, Function function)
{
    switch (type) {
    case TensorType::Float32:
        return function(static_cast<float*>(nullptr));
    case TensorType::Float64:
        return function(static_cast<double*>(nullptr));
    case TensorType::Int8:
        return function(static_cast<qint8*>(nullptr));
    case TensorType::Int16:
        return function(static_cast<qint16*>(nullptr));
    case TensorType::Int32:
        return function(static_cast<qint32*>(nullptr));
    case TensorType::Int64:
        return function(static_cast<qint64*>(nullptr));
    case TensorType::Bool:
    case TensorType::UInt8:
        return function(static_cast<quint8*>(nullptr));
    case TensorType::UInt16:
        return function(static_cast<quint16*>(nullptr));
    case TensorType::UInt32:
        return function(static_cast<quint32*>(nullptr));
    case TensorType::UInt64:
        return function(static_cast<quint64*>(nullptr));
    case TensorType::String:
        return;
    }
}

template <typename To, typename From>
To converted(From value)
{
    if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>) {
        // What C++ leaves undefined has an answer here: not a number is zero, the rest saturates.
        if (std::isnan(value))
            return To(0);
        if (value <= static_cast<From>(std::numeric_limits<To>::min()))
            return std::numeric_limits<To>::min();
        if (value >= static_cast<From>(std::numeric_limits<To>::max()))
            return std::numeric_limits<To>::max();
    }
    return static_cast<To>(value);
}

template <typename To>
std::vector<To> convertedCopy(const Tensor& tensor)
{
    std::vector<To> result(static_cast<std::size_t>(tensor.size()));
    withElementType(tensor.type(), [&](auto* tag) {
        using From = std::remove_pointer_t<decltype(tag)>;
        const auto* from = reinterpret_cast<const From*>(tensor.bytes().data());
        for (std::size_t i = 0; i < result.size(); ++i)
            result[i] = converted<To>(from[i]);
    });
    return result;
}

template <typename From>
void store(Tensor& tensor, std::span<const From> values)
{
    withElementType(tensor.type(), [&](auto* tag) {
        using To = std::remove_pointer_t<decltype(tag)>;
        auto* to = reinterpret_cast<To*>(tensor.bytes().data());
        const bool isBool = tensor.type() == TensorType::Bool;
        for (std::size_t i = 0; i < values.size(); ++i)
            to[i] = isBool ? static_cast<To>(values[i] != From(0)) : converted<To>(values[i]);
    });
}

} // namespace

QString tensorTypeName(TensorType type)
{
    switch (type) {
    case TensorType::Float32:
        return QStringLiteral("float32");
    case TensorType::Float64:
        return QStringLiteral("float64");
    case TensorType::Int8:
        return QStringLiteral("int8");
    case TensorType::Int16:
        return QStringLiteral("int16");
    case TensorType::Int32:
        return QStringLiteral("int32");
    case TensorType::Int64:
        return QStringLiteral("int64");
    case TensorType::Bool:
        return QStringLiteral("bool");
    case TensorType::UInt8:
        return QStringLiteral("uint8");
    case TensorType::UInt16:
        return QStringLiteral("uint16");
    case TensorType::UInt32:
        return QStringLiteral("uint32");
    case TensorType::UInt64:
        return QStringLiteral("uint64");
    case TensorType::String:
        return QStringLiteral("string");
    }
    return QStringLiteral("unknown");
}

std::size_t elementBytes(TensorType type)
{
    std::size_t bytes = 0;
    withElementType(type, [&bytes](auto* tag) { bytes = sizeof *tag; });
    return bytes;
}

bool isFloat(TensorType type)
{
    return type == TensorType::Float32 || type == TensorType::Float64;
}

QString shapeText(const Shape& shape)
{
    if (shape.empty())
        return QStringLiteral("scalar");
    QStringList parts;
    for (const qint64 size : shape)
        parts << (size < 0 ? QStringLiteral("?") : QString::number(size));
    return parts.join(QLatin1Char('x'));
}

Result<qint64> elementCount(const Shape& shape)
{
    if (shape.size() > kMaxRank)
        return Error(
            ErrorKind::Unsupported,
            QStringLiteral("A value has %1 dimensions; up to %2 are supported.").arg(shape.size()).arg(kMaxRank),
            QStringLiteral("Reshape it in the model, or check that the file is whole."));
    qint64 count = 1;
    bool empty = false;
    for (const qint64 size : shape) {
        if (size < 0)
            return Error(ErrorKind::BadData, QStringLiteral("A value has the dimension %1.").arg(size),
                         QStringLiteral("The file may be damaged: convert it again."));
        empty = empty || size == 0;
        // Checked without the zero, so that 0 times a monstrous size is refused as well.
        if (size > 0 && count > kMaxTensorElements / size)
            return Error(ErrorKind::Unsupported,
                         QStringLiteral("A value of %1 has more than %2 million elements.")
                             .arg(shapeText(shape))
                             .arg(kMaxTensorElements / 1'000'000),
                         QStringLiteral("No model for a microcontroller comes near that; the file may be damaged."));
        count *= std::max<qint64>(size, 1);
    }
    return empty ? 0 : count;
}

Tensor::Tensor(TensorType type, Shape shape, qint64 size)
    : m_type(type)
    , m_shape(std::move(shape))
    , m_size(size)
{
    const auto count = elementCount(m_shape);
    require(count && *count == size, "size");
    if (type == TensorType::String)
        m_strings.resize(static_cast<std::size_t>(size));
    else
        m_bytes.resize(static_cast<std::size_t>(size) * elementBytes(type));
}

void Tensor::require(bool holds, const char* what) const
{
    if (!holds)
        qFatal("a %s tensor of %s was used with another %s", qPrintable(tensorTypeName(m_type)),
               qPrintable(shapeText(m_shape)), what);
}

Result<Tensor> Tensor::zeros(TensorType type, Shape shape)
{
    EMBER_TRY(const qint64 count, elementCount(shape));
    const auto each = static_cast<qint64>(type == TensorType::String ? sizeof(std::string) : elementBytes(type));
    if (count > kMaxTensorBytes / each)
        return Error(ErrorKind::Unsupported, QStringLiteral("A value of %1 %2 needs more than %3 MB.")
                                                 .arg(shapeText(shape), tensorTypeName(type))
                                                 .arg(kMaxTensorBytes / 1'000'000));
    return Tensor(type, std::move(shape), count);
}

Result<Tensor> Tensor::withoutElements(Shape shape)
{
    EMBER_TRY(const qint64 count, elementCount(shape));
    Tensor tensor;
    tensor.m_type = TensorType::String; // which has no elements of a number type to read
    tensor.m_shape = std::move(shape);
    tensor.m_size = count;
    return tensor;
}

Tensor Tensor::ofStrings(std::vector<std::string> values, Shape shape)
{
    Tensor tensor(TensorType::String, std::move(shape), static_cast<qint64>(values.size()));
    tensor.m_strings = std::move(values);
    return tensor;
}

Status Tensor::reshape(Shape shape)
{
    EMBER_TRY(const qint64 count, elementCount(shape));
    if (count != m_size)
        return Error(ErrorKind::BadData,
                     QStringLiteral("%1 cannot become %2.").arg(shapeText(m_shape), shapeText(shape)));
    m_shape = std::move(shape);
    return {};
}

std::vector<qint64> Tensor::toInt64() const
{
    return convertedCopy<qint64>(*this);
}

std::vector<double> Tensor::toDouble() const
{
    return convertedCopy<double>(*this);
}

std::vector<float> Tensor::toFloat() const
{
    return convertedCopy<float>(*this);
}

void Tensor::assign(std::span<const double> values)
{
    require(values.size() == static_cast<std::size_t>(m_size), "size");
    store(*this, values);
}

void Tensor::assign(std::span<const float> values)
{
    require(values.size() == static_cast<std::size_t>(m_size), "size");
    store(*this, values);
}

void Tensor::assign(std::span<const qint64> values)
{
    require(values.size() == static_cast<std::size_t>(m_size), "size");
    store(*this, values);
}

} // namespace ember::model
