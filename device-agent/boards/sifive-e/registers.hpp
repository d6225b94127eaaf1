// SPDX-License-Identifier: MIT-0
#pragma once

#include "core.hpp"

namespace ember {
namespace sifive {

// SiFive FE310-G000 manual.
constexpr uintptr_t kUart0 = 0x10013000u;
constexpr uintptr_t kUart1 = 0x10023000u;
constexpr uint32_t kUart0Irq = 3;
constexpr uint32_t kUart1Irq = 4;

/// Core-local interruptor: a timer of 64 bits, and a comparator that raises the timer interrupt. The emulator's counts
/// at 10 MHz; the chip's would count its slow crystal.
class Timer
{
public:
    static constexpr uint32_t kHz = 10000000u;

    static uint32_t ticks() { return reg(kTime); }

    /// Raises the timer interrupt so many ticks from now.
    static void alarm(uint32_t in)
    {
        uint32_t high;
        uint32_t low;
        do {
            high = reg(kTime + 4);
            low = reg(kTime);
        } while (reg(kTime + 4) != high);
        const uint32_t at = low + in;
        reg(kCompare + 4) = 0xFFFFFFFFu; // no alarm while one half is new and the other old
        reg(kCompare) = at;
        reg(kCompare + 4) = high + (at < low ? 1 : 0);
    }

private:
    static constexpr uintptr_t kCompare = 0x02004000u;
    static constexpr uintptr_t kTime = 0x0200BFF8u;
};

/// Platform-level interrupt controller: says which UART has something.
class InterruptController
{
public:
    static void enable(uint32_t irq)
    {
        reg(kPriority + 4 * irq) = 1;
        reg(kEnable) |= 1u << irq;
    }
    /// Takes note of one that is pending, if any, so that it wakes nobody any more; a UART that still has bytes is
    /// pending again.
    static void acknowledge()
    {
        const uint32_t irq = reg(kClaim);
        if (irq != 0)
            reg(kClaim) = irq;
    }

private:
    static constexpr uintptr_t kPriority = 0x0C000000u;
    static constexpr uintptr_t kEnable = 0x0C002000u;
    static constexpr uintptr_t kClaim = 0x0C200004u;
};

/// SiFive UART: eight bytes deep. On the emulator the sender waits until there is room, so polling loses nothing.
class Uart
{
public:
    explicit constexpr Uart(uintptr_t base)
        : m_base(base)
    {}

    void begin() const
    {
        reg(m_base + kDivider) = 0; // as fast as it goes
        reg(m_base + kTxControl) = kOn;
        reg(m_base + kRxControl) = kOn; // interrupt from the first byte on
        reg(m_base + kInterruptEnable) = kRxWaits;
    }

    bool readable() const { return (reg(m_base + kPending) & kRxWaits) != 0; }

    bool read(uint8_t* byte) const
    {
        const uint32_t data = reg(m_base + kRxData);
        *byte = static_cast<uint8_t>(data);
        return (data & kEmpty) == 0;
    }

    bool write(uint8_t byte) const
    {
        if ((reg(m_base + kTxData) & kFull) != 0)
            return false;
        reg(m_base + kTxData) = byte;
        return true;
    }

private:
    static constexpr uintptr_t kTxData = 0x00;
    static constexpr uintptr_t kRxData = 0x04;
    static constexpr uintptr_t kTxControl = 0x08;
    static constexpr uintptr_t kRxControl = 0x0C;
    static constexpr uintptr_t kInterruptEnable = 0x10;
    static constexpr uintptr_t kPending = 0x14;
    static constexpr uintptr_t kDivider = 0x18;
    static constexpr uint32_t kOn = 1;
    static constexpr uint32_t kRxWaits = 2;
    static constexpr uint32_t kFull = 1u << 31;
    static constexpr uint32_t kEmpty = 1u << 31;

    uintptr_t m_base;
};

} // namespace sifive
} // namespace ember
