// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QString>

#include <cstdint>
#include <span>
#include <vector>

namespace ember::signal {

/// Element types of NumPy files that this program reads; it writes little-endian ones only.
enum class NpyType
{
    Bool,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Float16,
    Float32,
    Float64
};

/// Size of one element in bytes.
std::size_t npyElementSize(NpyType type);

/// "int16", "float32", ... as NumPy says it.
QString npyTypeName(NpyType type);

/// An array of one of the types above; `data` is little-endian and in C order whatever the file had.
struct NpyArray
{
    NpyType type = NpyType::Float32;
    std::vector<qint64> shape; ///< empty: a scalar
    QByteArray data;

    qint64 size() const; ///< number of elements

    /// Elements converted one by one; integers beyond 2^24 lose precision in float.
    std::vector<float> toFloat() const;
    std::vector<double> toDouble() const;
    /// Errors: BadData when a value is not a whole number or does not fit.
    Result<std::vector<qint32>> toInt32() const;
    Result<std::vector<qint64>> toInt64() const;

    static NpyArray of(std::span<const float> values, std::vector<qint64> shape);
    static NpyArray of(std::span<const double> values, std::vector<qint64> shape);
    static NpyArray of(std::span<const qint8> values, std::vector<qint64> shape);
    static NpyArray of(std::span<const qint16> values, std::vector<qint64> shape);
    static NpyArray of(std::span<const qint32> values, std::vector<qint64> shape);
    static NpyArray of(std::span<const qint64> values, std::vector<qint64> shape);
};

/// Format versions 1 to 3; both byte orders; C and Fortran order; up to 8 dimensions. The header is parsed, never
/// evaluated. Errors: BadData (what is wrong with the header, or how many bytes are missing), Unsupported (objects,
/// strings, structured and complex types).
Result<NpyArray> parseNpy(const QByteArray& bytes);
Result<NpyArray> readNpy(const QString& path);

/// As readNpy, but a file in C order that was cut off gives the rows that are whole, and how many are missing: what a
/// logger leaves that wrote its header first.
Result<NpyArray> readNpyRows(const QString& path, qint64& missingRows);

/// Version 1.0, little-endian, C order; the same array gives the same bytes. Requires that data fits shape and type.
QByteArray npyBytes(const NpyArray& array);
Status writeNpy(const QString& path, const NpyArray& array);

} // namespace ember::signal
