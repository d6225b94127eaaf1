// SPDX-License-Identifier: MIT-0
#pragma once

#include <stdint.h>

namespace ember {
namespace avr {

/// The bits of a positive float of IEEE 754, while compiling.
constexpr uint32_t compiledFloatBits(float value)
{
    uint32_t exponent = 127;
    for (; value < 1.0f; value *= 2.0f)
        --exponent;
    for (; value >= 2.0f; value *= 0.5f)
        ++exponent;
    return (exponent << 23) | (static_cast<uint32_t>(value * 8388608.0f) & 0x7FFFFFu);
}

constexpr uint8_t byteOf(float value, uint8_t number)
{
    return static_cast<uint8_t>(compiledFloatBits(value) >> (8 * number));
}

// What a description (wire/description.hpp) says of a stream of int16: its map up to the rate, whose four bytes follow.
// Names and units are given as CBOR has them: 0x60 and the length, then the letters.
#define EMBER_STREAM(number, channels, ...)                                                                            \
    0xA5, 0x61, 'i', number, 0x61, 't', 1, 0x61, 'n', __VA_ARGS__, 0x61, 'c', 0x80 + (channels)
#define EMBER_RATE_FOLLOWS 0x61, 'r', 0xFA

// A channel's map: "n", "u" and "s".
#define EMBER_CHANNEL_NAME(...) 0xA3, 0x61, 'n', __VA_ARGS__
#define EMBER_CHANNEL_UNIT(...) 0x61, 'u', __VA_ARGS__
#define EMBER_CHANNEL_SCALE(value)                                                                                     \
    0x61, 's', 0xFA, byteOf(value, 3), byteOf(value, 2), byteOf(value, 1), byteOf(value, 0)

} // namespace avr
} // namespace ember
