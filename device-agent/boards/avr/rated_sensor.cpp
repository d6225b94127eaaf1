// SPDX-License-Identifier: MIT-0
#include "rated_sensor.hpp"

#include <string.h>

namespace ember {
namespace avr {

namespace {

constexpr uint32_t kBaseMilliHz = 1000000;

// 1000 Hz / `divisor` (1 to 1000). Long division, bit by bit, into the digits of a float of IEEE 754: dividing floats
// would take half a kilobyte of flash. What does not fit its 24 bits is cut off.
float rateOf(uint16_t divisor)
{
    uint32_t bits = 127; // the exponent, which its 23 digits move to its place
    for (; divisor <= 500; divisor = static_cast<uint16_t>(2 * divisor))
        ++bits;
    uint16_t rest = static_cast<uint16_t>(1000 - divisor); // the first digit is a 1 that is not said
    for (uint8_t i = 23; i > 0; --i) {
        rest = static_cast<uint16_t>(2 * rest);
        bits <<= 1;
        if (rest >= divisor) {
            rest = static_cast<uint16_t>(rest - divisor);
            bits |= 1;
        }
    }
    float rate;
    memcpy(&rate, &bits, sizeof rate);
    return rate;
}

} // namespace

bool RatedSensor::setRate(uint32_t milliHz)
{
    uint16_t millis = 1;
    uint32_t period = 1000;
    for (uint32_t next = milliHz + milliHz / 2;
         next <= kBaseMilliHz && milliHz <= kBaseMilliHz && millis < m_mostMillis; next += milliHz) {
        ++millis;
        period += 1000; // no multiplication
    }
    m_millis = millis;
    m_period = period;
    m_stream.rateHz = rateOf(millis);
    describe(stream());
    return true;
}

} // namespace avr
} // namespace ember
