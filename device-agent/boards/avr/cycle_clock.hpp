// SPDX-License-Identifier: MIT-0
#pragma once

#include <stdint.h>

namespace ember {
namespace avr {

/// CPU cycles since start-up, from timer 1 and an interrupt at each of its overflows (every 65536 cycles).
class CycleClock
{
public:
    static void begin();
    /// Microseconds since start-up; wraps after 2^32 of them. To be asked once in 2^32 cycles.
    static uint32_t micros();
    /// Cycles, without those that the overflow interrupts took: what a measurement is made with. Takes the same time at
    /// every call; wraps after 2^32 of them.
    static uint32_t workCycles();

private:
    static uint16_t timedLoop(bool withInterrupt);
};

} // namespace avr
} // namespace ember
