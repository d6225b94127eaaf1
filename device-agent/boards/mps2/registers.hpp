// SPDX-License-Identifier: MIT-0
#pragma once

#include "../cortex-m/core.hpp"

#include <stdint.h>

namespace ember {
namespace mps2 {

// Where things are: Arm application notes AN385, AN386, AN500 (common map) and AN505 (secure aliases; the board starts
// in the secure state and stays there).
#if defined(EMBER_MPS2_AN505)
constexpr uintptr_t kTimer0 = 0x50000000u;
constexpr uintptr_t kTimer1 = 0x50001000u;
constexpr uintptr_t kUart0 = 0x50200000u;
constexpr uintptr_t kUart1 = 0x50201000u;
constexpr uintptr_t kUart2 = 0x50202000u;
constexpr uint32_t kTimer1Irq = 4;
constexpr uint32_t kUart0RxIrq = 32;
constexpr uint32_t kUart1RxIrq = 34;
constexpr uint32_t kUart2RxIrq = 36;
constexpr uint32_t kClockHz = 20000000u;
#elif defined(EMBER_MPS2_AN385) || defined(EMBER_MPS2_AN386) || defined(EMBER_MPS2_AN500)
constexpr uintptr_t kTimer0 = 0x40000000u;
constexpr uintptr_t kTimer1 = 0x40001000u;
constexpr uintptr_t kUart0 = 0x40004000u;
constexpr uintptr_t kUart1 = 0x40005000u;
constexpr uintptr_t kUart2 = 0x40006000u;
constexpr uint32_t kTimer1Irq = 9;
constexpr uint32_t kUart0RxIrq = 0;
constexpr uint32_t kUart1RxIrq = 2;
constexpr uint32_t kUart2RxIrq = 4;
constexpr uint32_t kClockHz = 25000000u;
#else
#error "Define EMBER_MPS2_AN385, EMBER_MPS2_AN386, EMBER_MPS2_AN500 or EMBER_MPS2_AN505"
#endif

using cortexm::reg;

/// CMSDK APB timer: 32 bits, counts down at kClockHz.
class Timer
{
public:
    explicit constexpr Timer(uintptr_t base)
        : m_base(base)
    {}

    /// Runs for ever over the full 32 bits.
    void runFree() const
    {
        reg(m_base + kReload) = 0xFFFFFFFFu;
        reg(m_base + kValue) = 0xFFFFFFFFu;
        reg(m_base + kControl) = 1;
    }

    uint32_t value() const { return reg(m_base + kValue); }

    /// Raises its interrupt once, so many ticks from now.
    void alarm(uint32_t ticks) const
    {
        reg(m_base + kReload) = 0;
        reg(m_base + kValue) = ticks;
        reg(m_base + kControl) = 1 | kInterruptEnable;
    }

    void cancelAlarm() const
    {
        reg(m_base + kControl) = 0;
        reg(m_base + kInterrupt) = 1;
    }

private:
    static constexpr uintptr_t kControl = 0x0;
    static constexpr uintptr_t kValue = 0x4;
    static constexpr uintptr_t kReload = 0x8;
    static constexpr uintptr_t kInterrupt = 0xC;
    static constexpr uint32_t kInterruptEnable = 8;

    uintptr_t m_base;
};

/// CMSDK APB UART: one byte deep each way. On the emulator the sender waits until a byte has been read, so polling
/// loses nothing.
class Uart
{
public:
    explicit constexpr Uart(uintptr_t base)
        : m_base(base)
    {}

    void begin() const
    {
        reg(m_base + kBaudDivider) = 16; // the fastest there is
        reg(m_base + kControl) = kTxEnable | kRxEnable | kRxInterruptEnable;
    }

    bool read(uint8_t* byte) const
    {
        if (!readable())
            return false;
        *byte = static_cast<uint8_t>(reg(m_base + kData));
        return true;
    }

    bool readable() const { return (reg(m_base + kState) & kRxFull) != 0; }

    bool write(uint8_t byte) const
    {
        if ((reg(m_base + kState) & kTxFull) != 0)
            return false;
        reg(m_base + kData) = byte;
        return true;
    }

    void clearReceiveInterrupt() const { reg(m_base + kInterrupt) = kRxInterrupt; }

private:
    static constexpr uintptr_t kData = 0x0;
    static constexpr uintptr_t kState = 0x4;
    static constexpr uintptr_t kControl = 0x8;
    static constexpr uintptr_t kInterrupt = 0xC;
    static constexpr uintptr_t kBaudDivider = 0x10;
    static constexpr uint32_t kTxFull = 1;
    static constexpr uint32_t kRxFull = 2;
    static constexpr uint32_t kTxEnable = 1;
    static constexpr uint32_t kRxEnable = 2;
    static constexpr uint32_t kRxInterruptEnable = 8;
    static constexpr uint32_t kRxInterrupt = 2;

    uintptr_t m_base;
};

} // namespace mps2
} // namespace ember
