// SPDX-License-Identifier: MIT-0
#include "milli_rate.hpp"

#include <string.h>

namespace ember {
namespace avr {

namespace {

constexpr uint32_t kBaseMilliHz = 1000000;

} // namespace

float milliRate(uint16_t millis)
{
    // Long division, bit by bit, into the digits of a float of IEEE 754: dividing floats would take half a kilobyte of
    // flash. What does not fit its 24 bits is cut off.
    uint16_t whole = millis;
    uint8_t exponent = 127;
    for (; whole <= 500; whole = static_cast<uint16_t>(2 * whole))
        ++exponent;
    uint16_t rest = 1000;
    uint32_t digits = 0;
    for (uint8_t i = 0; i < 24; ++i) {
        digits <<= 1;
        if (rest >= whole) {
            rest = static_cast<uint16_t>(rest - whole);
            digits |= 1;
        }
        rest = static_cast<uint16_t>(2 * rest);
    }
    const uint32_t bits = (static_cast<uint32_t>(exponent) << 23) | (digits & 0x7FFFFFul);
    float rate;
    memcpy(&rate, &bits, sizeof rate);
    return rate;
}

uint16_t nearestPeriod(uint32_t milliHz, uint16_t most)
{
    uint16_t whole = 1;
    for (uint32_t next = milliHz + milliHz / 2; next <= kBaseMilliHz && whole < most; next += milliHz)
        ++whole;
    return whole;
}

} // namespace avr
} // namespace ember
