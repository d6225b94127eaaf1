// SPDX-License-Identifier: MIT-0
#include "milli_rate.hpp"

#include <string.h>

namespace ember {
namespace avr {

namespace {

constexpr uint32_t kBaseMilliHz = 1000000;

// 1000 Hz / `whole` (1 to 500) as a float of IEEE 754, put together from whole numbers: a division of floats would take
// half a kilobyte of flash. What does not fit its 24 bits is cut off.
float baseRateOver(uint16_t whole)
{
    uint32_t digits = (1000ul << 22) / whole; // at least 2^23
    uint32_t exponent = 128;
    for (; digits >= 1ul << 24; digits >>= 1)
        ++exponent;
    const uint32_t bits = (exponent << 23) | (digits & 0x7FFFFFul);
    float rate;
    memcpy(&rate, &bits, sizeof rate);
    return rate;
}

} // namespace

uint16_t setMilliRate(agent::StreamInfo& stream, uint32_t milliHz, uint16_t most)
{
    const uint32_t steps = (kBaseMilliHz + milliHz / 2) / milliHz;
    const uint16_t whole = steps < 1 ? uint16_t{1} : steps > most ? most : static_cast<uint16_t>(steps);
    stream.rateHz = baseRateOver(whole);
    stream.period = (static_cast<uint32_t>(whole) * 1000u) << 8;
    return whole;
}

} // namespace avr
} // namespace ember
