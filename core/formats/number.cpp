// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/number.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

namespace ember::formats {
namespace {

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

// Clinger's fast path ("How to read floating point numbers accurately", PLDI 1990): a mantissa and a power of ten that
// are both exact give the correctly rounded quotient with one division. In float that covers seven digits, which is
// what sensors print. Null when the text is not of this kind.
const char* parseShort(const char* at, const char* end, bool negative, float& value)
{
    constexpr float kPowers[] = {1e0F, 1e1F, 1e2F, 1e3F, 1e4F, 1e5F, 1e6F, 1e7F, 1e8F, 1e9F, 1e10F};
    constexpr std::uint32_t kExact = 1U << 24;
    std::uint32_t mantissa = 0;
    const char* begin = at;
    for (; at < end && isDigit(*at); ++at) {
        mantissa = mantissa * 10 + static_cast<std::uint32_t>(*at - '0');
        if (mantissa > kExact)
            return nullptr;
    }
    auto digits = at - begin;
    int decimals = 0;
    if (at < end && *at == '.') {
        ++at;
        for (; at < end && isDigit(*at); ++at) {
            mantissa = mantissa * 10 + static_cast<std::uint32_t>(*at - '0');
            if (mantissa > kExact || ++decimals > 10)
                return nullptr;
        }
        digits += decimals;
    }
    if (digits == 0 || (at < end && (*at == 'e' || *at == 'E' || *at == 'x' || *at == 'X')))
        return nullptr;
    const float magnitude = static_cast<float>(mantissa) / kPowers[decimals];
    value = negative ? -magnitude : magnitude;
    return at;
}

const char* parseHexadecimal(const char* at, const char* end, double& value)
{
    std::uint64_t number = 0;
    const auto [stop, error] = std::from_chars(at, end, number, 16);
    if (error != std::errc() || stop == at)
        return nullptr;
    value = static_cast<double>(number);
    return stop;
}

// Of a number out of range: whether it is too small rather than too large.
bool isTiny(const char* at, const char* end)
{
    for (; at < end && *at != 'e' && *at != 'E'; ++at) {
    }
    return end - at > 1 && at[1] == '-';
}

const char* parseGeneral(const char* at, const char* end, bool negative, double& value)
{
    if (end - at > 2 && at[0] == '0' && (at[1] == 'x' || at[1] == 'X'))
        return negative ? nullptr : parseHexadecimal(at + 2, end, value);
    // from_chars takes a minus of its own.
    if (at < end && (*at == '-' || *at == '+'))
        return nullptr;
    const auto [stop, error] = std::from_chars(at, end, value);
    if (error == std::errc::result_out_of_range)
        value = isTiny(at, stop) ? 0 : std::numeric_limits<double>::infinity();
    else if (error != std::errc())
        return nullptr;
    if (std::isnan(value))
        return nullptr;
    if (negative)
        value = -value;
    return stop;
}

const char* skipSign(const char* at, const char* end, bool& negative)
{
    negative = at < end && *at == '-';
    return at < end && (*at == '-' || *at == '+') ? at + 1 : at;
}

} // namespace

const char* parseNumber(const char* begin, const char* end, double& value)
{
    bool negative = false;
    const char* at = skipSign(begin, end, negative);
    return parseGeneral(at, end, negative, value);
}

const char* parseNumber(const char* begin, const char* end, float& value)
{
    bool negative = false;
    const char* at = skipSign(begin, end, negative);
    if (const char* stop = parseShort(at, end, negative, value))
        return stop;
    // Straight to float where that is possible: by way of double some values would be rounded twice.
    const bool plain = at < end && (isDigit(*at) || *at == '.') && !(end - at > 1 && (at[1] == 'x' || at[1] == 'X'));
    if (plain) {
        const auto [stop, error] = std::from_chars(at, end, value);
        if (error == std::errc()) {
            value = negative ? -value : value;
            return stop;
        }
        if (error != std::errc::result_out_of_range)
            return nullptr;
    }
    double wide = 0;
    const char* stop = parseGeneral(at, end, negative, wide);
    if (!stop)
        return nullptr;
    if (std::abs(wide) > static_cast<double>(std::numeric_limits<float>::max()))
        wide = std::copysign(std::numeric_limits<double>::infinity(), wide);
    value = static_cast<float>(wide);
    return stop;
}

} // namespace ember::formats
