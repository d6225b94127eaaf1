// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/signal/npy.h"

#include "core/signal/npy_header.h"

#include <QFile>
#include <QFloat16>
#include <QSaveFile>
#include <QtEndian>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

namespace ember::signal {
namespace {

constexpr qint64 kMaxFileBytes = qint64{4} << 30;

struct TypeEntry
{
    NpyType type;
    const char* name;
    const char* code; ///< without the byte-order mark
    std::size_t bytes;
};

constexpr std::array kTypes = {
    TypeEntry{NpyType::Bool, "bool", "b1", 1},       TypeEntry{NpyType::Int8, "int8", "i1", 1},
    TypeEntry{NpyType::Int16, "int16", "i2", 2},     TypeEntry{NpyType::Int32, "int32", "i4", 4},
    TypeEntry{NpyType::Int64, "int64", "i8", 8},     TypeEntry{NpyType::UInt8, "uint8", "u1", 1},
    TypeEntry{NpyType::UInt16, "uint16", "u2", 2},   TypeEntry{NpyType::UInt32, "uint32", "u4", 4},
    TypeEntry{NpyType::UInt64, "uint64", "u8", 8},   TypeEntry{NpyType::Float16, "float16", "f2", 2},
    TypeEntry{NpyType::Float32, "float32", "f4", 4}, TypeEntry{NpyType::Float64, "float64", "f8", 8},
};

const TypeEntry& entryFor(NpyType type)
{
    return *std::find_if(kTypes.begin(), kTypes.end(), [type](const TypeEntry& entry) { return entry.type == type; });
}

template <typename T>
T readAt(const char* at)
{
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

// Calls `use` with every element in its own type.
template <typename Use>
void forEachElement(const NpyArray& array, Use use)
{
    const auto walk = [&]<typename T>(T) {
        for (qint64 i = 0; i + static_cast<qint64>(sizeof(T)) <= array.data.size(); i += static_cast<qint64>(sizeof(T)))
            use(readAt<T>(array.data.constData() + i));
    };
    switch (array.type) {
    case NpyType::Bool:
    case NpyType::UInt8:
        return walk(quint8{});
    case NpyType::Int8:
        return walk(qint8{});
    case NpyType::Int16:
        return walk(qint16{});
    case NpyType::Int32:
        return walk(qint32{});
    case NpyType::Int64:
        return walk(qint64{});
    case NpyType::UInt16:
        return walk(quint16{});
    case NpyType::UInt32:
        return walk(quint32{});
    case NpyType::UInt64:
        return walk(quint64{});
    case NpyType::Float16:
        return walk(qfloat16{});
    case NpyType::Float32:
        return walk(float{});
    case NpyType::Float64:
        return walk(double{});
    }
}

// Whether a floating value is a whole number within [low, high). The bounds are powers of two, exact in double.
bool isWholeWithin(double value, double low, double high)
{
    return value >= low && value < high && value == std::floor(value);
}

template <typename Target, typename Source>
bool fits(Source value)
{
    using Limits = std::numeric_limits<Target>;
    if constexpr (std::is_integral_v<Source>) {
        return std::in_range<Target>(value);
    } else {
        const double low = static_cast<double>(Limits::min());
        return isWholeWithin(static_cast<double>(value), low, -low);
    }
}

template <typename Target>
Result<std::vector<Target>> toWhole(const NpyArray& array, const char* name)
{
    std::vector<Target> out;
    out.reserve(static_cast<std::size_t>(array.size()));
    qint64 misfit = -1;
    forEachElement(array, [&](auto value) {
        const bool good = fits<Target>(value);
        if (!good && misfit < 0)
            misfit = static_cast<qint64>(out.size());
        out.push_back(good ? static_cast<Target>(value) : Target{});
    });
    if (misfit >= 0)
        return Error(ErrorKind::BadData, QStringLiteral("Element %1 of the array is not a whole number of type %2.")
                                             .arg(misfit)
                                             .arg(QLatin1String(name)));
    return out;
}

template <typename T>
NpyArray arrayOf(NpyType type, std::span<const T> values, std::vector<qint64> shape)
{
    NpyArray array;
    array.type = type;
    array.shape = std::move(shape);
    array.data = QByteArray(reinterpret_cast<const char*>(values.data()), static_cast<qsizetype>(values.size_bytes()));
    return array;
}

void swapBytes(QByteArray& data, std::size_t elementBytes)
{
    char* bytes = data.data();
    for (qsizetype at = 0; at + static_cast<qsizetype>(elementBytes) <= data.size();
         at += static_cast<qsizetype>(elementBytes))
        std::reverse(bytes + at, bytes + at + elementBytes);
}

// Element (i0, i1, ...) of a Fortran-ordered array lies at i0 + shape0 * (i1 + shape1 * (...)).
QByteArray fromFortranOrder(const QByteArray& data, const std::vector<qint64>& shape, std::size_t elementBytes)
{
    if (shape.size() < 2)
        return data;
    QByteArray out(data.size(), Qt::Uninitialized);
    std::vector<qint64> stride(shape.size(), 1);
    for (std::size_t d = 1; d < shape.size(); ++d)
        stride[d] = stride[d - 1] * shape[d - 1];
    std::vector<qint64> index(shape.size(), 0);
    const auto bytes = static_cast<qint64>(elementBytes);
    qint64 source = 0;
    for (qint64 at = 0; at < data.size(); at += bytes) {
        std::memcpy(out.data() + at, data.constData() + source * bytes, elementBytes);
        for (std::size_t d = shape.size(); d-- > 0;) {
            source += stride[d];
            if (++index[d] < shape[d])
                break;
            source -= stride[d] * shape[d];
            index[d] = 0;
        }
    }
    return out;
}

Result<NpyType> typeFromCode(const QString& code)
{
    for (const TypeEntry& entry : kTypes) {
        if (code == QLatin1String(entry.code))
            return entry.type;
    }
    return Error(ErrorKind::Unsupported, QStringLiteral("NumPy element type '%1' cannot be read.").arg(code),
                 QStringLiteral("Save the array as float32 or as an integer type (array.astype('float32'))."));
}

// Bytes that the shape asks for; the header limits the number of dimensions, not the sizes.
Result<qint64> dataBytes(const std::vector<qint64>& shape, std::size_t elementBytes)
{
    qint64 bytes = static_cast<qint64>(elementBytes);
    for (const qint64 size : shape) {
        if (size == 0)
            return qint64{0};
        if (bytes > kMaxFileBytes / size)
            return Error(ErrorKind::BadData, QStringLiteral("The array's shape asks for more than 4 GB."));
        bytes *= size;
    }
    return bytes;
}

// `missingRows` null: all data must be there.
Result<NpyArray> parseArray(const QByteArray& bytes, qint64* missingRows)
{
    EMBER_TRY(const detail::NpyHeader header, detail::parseNpyHeader(bytes));
    NpyArray array;
    EMBER_TRY(array.type, typeFromCode(header.typeCode));
    array.shape = header.shape;
    const std::size_t elementBytes = npyElementSize(array.type);
    EMBER_TRY(qint64 wanted, dataBytes(array.shape, elementBytes));
    const qint64 there = std::max<qint64>(bytes.size() - header.dataOffset, 0);
    if (there < wanted && missingRows && !array.shape.empty() && !header.fortranOrder) {
        const qint64 rowBytes = wanted / array.shape[0];
        *missingRows = array.shape[0] - there / rowBytes;
        array.shape[0] = there / rowBytes;
        wanted = array.shape[0] * rowBytes;
    }
    if (there < wanted)
        return Error(ErrorKind::BadData,
                     QStringLiteral("The array should have %1 bytes of data and has %2.").arg(wanted).arg(there),
                     QStringLiteral("The file was cut off; copy or save it again."));
    array.data = bytes.mid(header.dataOffset, wanted);
    if (header.bigEndian)
        swapBytes(array.data, elementBytes);
    if (header.fortranOrder)
        array.data = fromFortranOrder(array.data, array.shape, elementBytes);
    return array;
}

Result<NpyArray> readArray(const QString& path, qint64* missingRows)
{
    QFile file(path);
    if (!file.exists())
        return Error(ErrorKind::NotFound, QStringLiteral("There is no file '%1'.").arg(path));
    if (!file.open(QIODevice::ReadOnly))
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be read: %2.").arg(path, file.errorString()));
    if (file.size() > kMaxFileBytes)
        return Error(ErrorKind::Unsupported, QStringLiteral("'%1' is larger than 4 GB.").arg(path));
    auto array = parseArray(file.readAll(), missingRows);
    if (!array)
        return array.error().context(QStringLiteral("reading %1").arg(path));
    return array;
}

} // namespace

std::size_t npyElementSize(NpyType type)
{
    return entryFor(type).bytes;
}

QString npyTypeName(NpyType type)
{
    return QString::fromLatin1(entryFor(type).name);
}

qint64 NpyArray::size() const
{
    return data.size() / static_cast<qint64>(npyElementSize(type));
}

std::vector<float> NpyArray::toFloat() const
{
    std::vector<float> out;
    out.reserve(static_cast<std::size_t>(size()));
    forEachElement(*this, [&](auto value) { out.push_back(static_cast<float>(value)); });
    return out;
}

std::vector<double> NpyArray::toDouble() const
{
    std::vector<double> out;
    out.reserve(static_cast<std::size_t>(size()));
    forEachElement(*this, [&](auto value) { out.push_back(static_cast<double>(value)); });
    return out;
}

Result<std::vector<qint32>> NpyArray::toInt32() const
{
    return toWhole<qint32>(*this, "int32");
}

Result<std::vector<qint64>> NpyArray::toInt64() const
{
    return toWhole<qint64>(*this, "int64");
}

NpyArray NpyArray::of(std::span<const float> values, std::vector<qint64> shape)
{
    return arrayOf(NpyType::Float32, values, std::move(shape));
}

NpyArray NpyArray::of(std::span<const double> values, std::vector<qint64> shape)
{
    return arrayOf(NpyType::Float64, values, std::move(shape));
}

NpyArray NpyArray::of(std::span<const qint8> values, std::vector<qint64> shape)
{
    return arrayOf(NpyType::Int8, values, std::move(shape));
}

NpyArray NpyArray::of(std::span<const qint16> values, std::vector<qint64> shape)
{
    return arrayOf(NpyType::Int16, values, std::move(shape));
}

NpyArray NpyArray::of(std::span<const qint32> values, std::vector<qint64> shape)
{
    return arrayOf(NpyType::Int32, values, std::move(shape));
}

NpyArray NpyArray::of(std::span<const qint64> values, std::vector<qint64> shape)
{
    return arrayOf(NpyType::Int64, values, std::move(shape));
}

Result<NpyArray> parseNpy(const QByteArray& bytes)
{
    return parseArray(bytes, nullptr);
}

Result<NpyArray> readNpy(const QString& path)
{
    return readArray(path, nullptr);
}

Result<NpyArray> readNpyRows(const QString& path, qint64& missingRows)
{
    missingRows = 0;
    return readArray(path, &missingRows);
}

QByteArray npyBytes(const NpyArray& array)
{
    return detail::npyHeaderBytes(QLatin1String(entryFor(array.type).code), npyElementSize(array.type), array.shape) +
           array.data;
}

Status writeNpy(const QString& path, const NpyArray& array)
{
    EMBER_TRY(const qint64 wanted, dataBytes(array.shape, npyElementSize(array.type)));
    if (wanted != array.data.size())
        return Error(ErrorKind::Usage, QStringLiteral("An array of %1 bytes does not fill its shape (%2 bytes).")
                                           .arg(array.data.size())
                                           .arg(wanted));
    QSaveFile file(path);
    const QByteArray bytes = npyBytes(array);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be written: %2.").arg(path, file.errorString()),
                     QStringLiteral("Check that the folder exists, can be written to and has space."));
    return {};
}

} // namespace ember::signal
