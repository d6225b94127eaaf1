// SPDX-License-Identifier: MIT-0
#pragma once

#include "../common/byte_link.hpp"
#include "../common/byte_ring.hpp"
#include "chip.hpp"
#include "clock.hpp"

namespace ember {
namespace stm32 {

/// A USART with a ring that its interrupt fills. Where the ring is full the interrupt stays off until there is room:
/// further bytes wait in the line on the emulator and are lost, and seen by the frame's CRC, on wire.
template <uint16_t RingSize>
class Usart final : public boards::ByteLink
{
public:
    explicit constexpr Usart(const UsartInfo& info)
        : m_info(info)
    {}

    /// Clock, pins, speed, interrupt.
    void begin(const Clocks& clocks, uint32_t baud);

    bool read(uint8_t* byte) override
    {
        const bool got = m_ring.take(byte);
        if (m_held && m_listens && !m_ring.full()) {
            m_held = false;
            cortexm::enableInterrupt(m_info.irq);
            cortexm::pendInterrupt(m_info.irq); // the emulator's line may be low although a byte waits
        }
        return got;
    }

    bool write(uint8_t byte) override
    {
        if ((reg(m_info.base + kStatus) & kTxEmpty) == 0) {
            reg(m_info.base + kControl1) = kOn | kTxInterrupt; // so that a sleep ends when there is room
            return false;
        }
        reg(m_info.base + kData) = byte;
        return true;
    }

    bool hasData() const { return !m_ring.empty(); }

    /// Keeps the interrupt away, and lets it come again.
    void deafen()
    {
        m_listens = false;
        cortexm::disableInterrupt(m_info.irq);
    }
    void listen()
    {
        m_listens = true;
        if (!m_held)
            cortexm::enableInterrupt(m_info.irq);
    }

    /// Interrupt only.
    void onInterrupt()
    {
        uint32_t status = reg(m_info.base + kStatus);
        while ((status & (kRxFull | kOverrun)) != 0) {
            if (m_ring.full()) {
                m_held = true;
                cortexm::disableInterrupt(m_info.irq);
                return;
            }
            const uint8_t byte = static_cast<uint8_t>(reg(m_info.base + kData)); // also clears the overrun
            if ((status & kRxFull) != 0)
                m_ring.put(byte);
            status = reg(m_info.base + kStatus);
        }
        if ((status & kTxEmpty) != 0)
            reg(m_info.base + kControl1) = kOn;
    }

private:
    static constexpr uintptr_t kStatus = 0x00;
    static constexpr uintptr_t kData = 0x04;
    static constexpr uintptr_t kBaudRate = 0x08;
    static constexpr uintptr_t kControl1 = 0x0C;
    static constexpr uint32_t kOverrun = 1u << 3;
    static constexpr uint32_t kRxFull = 1u << 5;
    static constexpr uint32_t kTxEmpty = 1u << 7;
    static constexpr uint32_t kTxInterrupt = 1u << 7;
    static constexpr uint32_t kOn = (1u << 13) | (1u << 5) | (1u << 3) | (1u << 2); // USART, RX interrupt, TX, RX

    UsartInfo m_info;
    boards::ByteRing<RingSize> m_ring;
    volatile bool m_held = false; ///< the interrupt is off because the ring was full
    bool m_listens = true;
};

/// Gives a pin to its USART.
void routePin(const Pin& pin, uint8_t alternate, bool output);

template <uint16_t RingSize>
void Usart<RingSize>::begin(const Clocks& clocks, uint32_t baud)
{
    reg(m_info.enable) |= 1u << m_info.enableBit;
    routePin(m_info.tx, m_info.alternate, true);
    routePin(m_info.rx, m_info.alternate, false);
    const uint32_t busHz = m_info.onApb2 ? clocks.apb2Hz : clocks.apb1Hz;
    reg(m_info.base + kBaudRate) = (busHz + baud / 2) / baud;
    reg(m_info.base + kControl1) = kOn;
    cortexm::enableInterrupt(m_info.irq);
}

} // namespace stm32
} // namespace ember
