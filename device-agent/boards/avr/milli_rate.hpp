// SPDX-License-Identifier: MIT-0
#pragma once

#include <stdint.h>

namespace ember {
namespace avr {

/// The period in whole milliseconds, from 1 to `most`, whose rate is nearest to this one (not 0).
uint16_t nearestPeriod(uint32_t milliHz, uint16_t most);

/// The rate, in Hz, that belongs to a period of 1 to 1000 milliseconds.
float milliRate(uint16_t millis);

} // namespace avr
} // namespace ember
