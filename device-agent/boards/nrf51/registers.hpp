// SPDX-License-Identifier: MIT-0
#pragma once

#include "../cortex-m/core.hpp"

#include <stdint.h>

namespace ember {
namespace nrf51 {

using cortexm::reg;

// nRF51 Series Reference Manual. A peripheral does what a task register is told, and says in event registers what
// happened; a set event with its bit in INTENSET raises the interrupt.
constexpr uintptr_t kClock = 0x40000000u;
constexpr uintptr_t kUart0 = 0x40002000u;
constexpr uintptr_t kTimer0 = 0x40008000u;
constexpr uintptr_t kGpio = 0x50000000u;
constexpr uint32_t kUart0Irq = 2;
constexpr uint32_t kTimer0Irq = 8;
constexpr uint32_t kClockHz = 16000000u;

constexpr uintptr_t kInterruptSet = 0x304;
constexpr uintptr_t kInterruptClear = 0x308;

/// TIMER0, the only one of 32 bits, at the clock of the core: free-running, with an alarm.
class Timer
{
public:
    static void runFree()
    {
        reg(kTimer0 + kMode) = 0; // counts time
        reg(kTimer0 + kBitMode) = 3;
        reg(kTimer0 + kPrescaler) = 0;
        reg(kTimer0 + kClear) = 1;
        reg(kTimer0 + kStart) = 1;
    }

    static uint32_t ticks()
    {
        reg(kTimer0 + kCapture) = 1;
        return reg(kTimer0 + kValue);
    }

    static void alarm(uint32_t in)
    {
        reg(kTimer0 + kCompared + 4) = 0;
        reg(kTimer0 + kValue + 4) = ticks() + in;
        reg(kTimer0 + kInterruptSet) = kCompare1;
    }

    static void cancelAlarm()
    {
        reg(kTimer0 + kInterruptClear) = kCompare1;
        reg(kTimer0 + kCompared + 4) = 0;
    }

private:
    static constexpr uintptr_t kStart = 0x000;
    static constexpr uintptr_t kClear = 0x00C;
    static constexpr uintptr_t kCapture = 0x040;
    static constexpr uintptr_t kCompared = 0x140;
    static constexpr uintptr_t kMode = 0x504;
    static constexpr uintptr_t kBitMode = 0x508;
    static constexpr uintptr_t kPrescaler = 0x510;
    static constexpr uintptr_t kValue = 0x540;
    static constexpr uint32_t kCompare1 = 1u << 17;
};

/// Starts the crystal, without which the UART's speed is a few per cent off. Goes on with the internal oscillator where
/// it does not start.
inline void startCrystal()
{
    constexpr uintptr_t kStart = 0x000;
    constexpr uintptr_t kStarted = 0x100;
    reg(kClock + kStarted) = 0;
    reg(kClock + kStart) = 1;
    for (uint32_t i = 0; i < 100000 && reg(kClock + kStarted) == 0; ++i) {
    }
}

} // namespace nrf51
} // namespace ember
