// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tflite_attributes.h"

#include "core/model/tflite_ops.h"

#include <algorithm>

namespace ember::model::detail {
namespace {

constexpr quint64 kMaxEntries = 100;
constexpr std::size_t kMaxName = 200;
constexpr std::size_t kRootBytes = 2; ///< type and width of the root lie behind it

/// Types of the format, as the upper 6 bits of a packed type say them.
enum FlexType : quint8
{
    kInt = 1,
    kUInt = 2,
    kMap = 9,
    kBool = 26
};

Error damagedAttributes(const char* what)
{
    return damagedTflite(QStringLiteral("the attributes of a custom operator %1").arg(QLatin1String(what)));
}

/// Reads with bounds. Places are offsets from the first byte, and what a place points to lies before it.
class FlexReader
{
public:
    explicit FlexReader(std::span<const quint8> bytes)
        : m_bytes(bytes)
    {}

    Result<TfliteAttributes> read() const
    {
        if (m_bytes.size() <= kRootBytes)
            return damagedAttributes("are cut off");
        const std::size_t width = m_bytes[m_bytes.size() - 1];
        const quint8 type = m_bytes[m_bytes.size() - 2];
        if (type >> 2 != kMap)
            return damagedAttributes("are no map");
        if (!isWidth(width) || width > m_bytes.size() - kRootBytes)
            return damagedAttributes("have no root");
        EMBER_TRY(const std::size_t map, target(m_bytes.size() - kRootBytes - width, width));
        return readMap(map, std::size_t{1} << (type & 3));
    }

private:
    static bool isWidth(std::size_t width) { return width == 1 || width == 2 || width == 4 || width == 8; }

    bool has(std::size_t place, std::size_t count) const
    {
        return place <= m_bytes.size() && count <= m_bytes.size() - place;
    }

    Result<quint64> number(std::size_t place, std::size_t width) const
    {
        if (!has(place, width))
            return damagedAttributes("point outside");
        quint64 value = 0;
        for (std::size_t i = 0; i < width; ++i)
            value |= quint64{m_bytes[place + i]} << (8 * i);
        return value;
    }

    Result<qint64> signedNumber(std::size_t place, std::size_t width) const
    {
        EMBER_TRY(const quint64 value, number(place, width));
        const auto unused = static_cast<int>(64 - 8 * width);
        return static_cast<qint64>(value << unused) >> unused;
    }

    Result<std::size_t> target(std::size_t place, std::size_t width) const
    {
        EMBER_TRY(const quint64 back, number(place, width));
        if (back > place)
            return damagedAttributes("point outside");
        return place - static_cast<std::size_t>(back);
    }

    Result<std::string> name(std::size_t place) const
    {
        const auto begin = m_bytes.begin() + static_cast<std::ptrdiff_t>(std::min(place, m_bytes.size()));
        const auto end = std::find(begin, m_bytes.end(), quint8{0});
        if (end == m_bytes.end() || end - begin > static_cast<std::ptrdiff_t>(kMaxName))
            return damagedAttributes("have a name without end");
        return std::string(begin, end);
    }

    // Before the values of a map lie where its names are, the width of those places, and how many values there are;
    // behind them a type for each.
    Result<TfliteAttributes> readMap(std::size_t map, std::size_t width) const
    {
        if (map < 3 * width)
            return damagedAttributes("point outside");
        EMBER_TRY(const std::size_t names, target(map - 3 * width, width));
        EMBER_TRY(const quint64 nameWidth, number(map - 2 * width, width));
        EMBER_TRY(const quint64 count, number(map - width, width));
        if (count > kMaxEntries || !isWidth(static_cast<std::size_t>(nameWidth)))
            return damagedAttributes("have an impossible size");
        TfliteAttributes attributes;
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t place = names + i * static_cast<std::size_t>(nameWidth);
            EMBER_TRY(const std::size_t text, target(place, static_cast<std::size_t>(nameWidth)));
            EMBER_TRY(std::string key, name(text));
            EMBER_TRY(const quint64 type, number(map + count * width + i, 1));
            EMBER_CHECK(readValue(map + i * width, width, static_cast<quint8>(type >> 2), attributes[std::move(key)]));
        }
        return attributes;
    }

    Status readValue(std::size_t place, std::size_t width, quint8 type, qint64& value) const
    {
        if (type == kInt) {
            EMBER_TRY(value, signedNumber(place, width));
            return {};
        }
        if (type != kUInt && type != kBool)
            return damagedAttributes("are not whole numbers");
        EMBER_TRY(const quint64 number, this->number(place, width));
        if (number > quint64{1} << 62)
            return damagedAttributes("have an impossible size");
        value = static_cast<qint64>(number);
        return {};
    }

    std::span<const quint8> m_bytes;
};

} // namespace

Result<TfliteAttributes> readTfliteAttributes(std::span<const quint8> bytes)
{
    if (bytes.empty())
        return TfliteAttributes();
    return FlexReader(bytes).read();
}

} // namespace ember::model::detail
