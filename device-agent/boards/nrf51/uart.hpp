// SPDX-License-Identifier: MIT-0
#pragma once

#include "../common/byte_ring.hpp"
#include "registers.hpp"

#ifndef EMBER_LINK_RING
#define EMBER_LINK_RING 256
#endif
#if !defined(EMBER_PIN_TX) || !defined(EMBER_PIN_RX)
#error "Define EMBER_PIN_TX and EMBER_PIN_RX, numbers of pins of port 0"
#endif

namespace ember {
namespace nrf51 {

/// UART0 with a ring that its interrupt fills; the chip itself keeps six bytes. Where the ring is full the interrupt
/// stays off until there is room: further bytes wait in the line on the emulator and are lost, and seen by the frame's
/// CRC, on wire.
class Uart
{
public:
    void begin()
    {
        reg(kGpio + kOutSet) = 1u << EMBER_PIN_TX; // the line rests high
        reg(kGpio + kDirectionSet) = 1u << EMBER_PIN_TX;
        reg(kGpio + kPinConfig + 4 * EMBER_PIN_RX) = kInputWithPullUp;
        reg(kUart0 + kPinTx) = EMBER_PIN_TX;
        reg(kUart0 + kPinRx) = EMBER_PIN_RX;
        reg(kUart0 + kPinRts) = kNoPin;
        reg(kUart0 + kPinCts) = kNoPin;
        reg(kUart0 + kBaudRate) = k115200;
        reg(kUart0 + kConfig) = 0; // 8N1, no flow control
        reg(kUart0 + kEnable) = 4;
        reg(kUart0 + kInterruptSet) = kRxReady;
        reg(kUart0 + kStartTx) = 1;
        reg(kUart0 + kStartRx) = 1;
        cortexm::enableInterrupt(kUart0Irq);
    }

    bool read(uint8_t* byte)
    {
        const bool got = m_ring.take(byte);
        if (m_held && m_listens && !m_ring.full()) {
            m_held = false;
            cortexm::enableInterrupt(kUart0Irq);
            cortexm::pendInterrupt(kUart0Irq);
        }
        return got;
    }

    bool write(uint8_t byte)
    {
        if (m_sending && reg(kUart0 + kTxDone) == 0) {
            reg(kUart0 + kInterruptSet) = kTxReady; // so that a sleep ends when there is room
            return false;
        }
        reg(kUart0 + kTxDone) = 0;
        m_sending = true;
        reg(kUart0 + kTxData) = byte;
        return true;
    }

    bool hasData() const { return !m_ring.empty(); }

    /// Keeps the interrupt away, and lets it come again.
    void deafen()
    {
        m_listens = false;
        cortexm::disableInterrupt(kUart0Irq);
    }
    void listen()
    {
        m_listens = true;
        if (!m_held)
            cortexm::enableInterrupt(kUart0Irq);
    }

    /// Interrupt only.
    void onInterrupt()
    {
        reg(kUart0 + kInterruptClear) = kTxReady; // write() looks at the event itself
        reg(kUart0 + kErrorEvent) = 0;            // a damaged byte shows as a damaged frame
        while (reg(kUart0 + kRxReadyEvent) != 0) {
            if (m_ring.full()) {
                m_held = true;
                cortexm::disableInterrupt(kUart0Irq);
                return;
            }
            reg(kUart0 + kRxReadyEvent) = 0; // before the byte is taken: the next one sets it again
            m_ring.put(static_cast<uint8_t>(reg(kUart0 + kRxData)));
        }
    }

private:
    static constexpr uintptr_t kStartRx = 0x000;
    static constexpr uintptr_t kStartTx = 0x008;
    static constexpr uintptr_t kRxReadyEvent = 0x108;
    static constexpr uintptr_t kTxDone = 0x11C;
    static constexpr uintptr_t kErrorEvent = 0x124;
    static constexpr uintptr_t kEnable = 0x500;
    static constexpr uintptr_t kPinRts = 0x508;
    static constexpr uintptr_t kPinTx = 0x50C;
    static constexpr uintptr_t kPinCts = 0x510;
    static constexpr uintptr_t kPinRx = 0x514;
    static constexpr uintptr_t kRxData = 0x518;
    static constexpr uintptr_t kTxData = 0x51C;
    static constexpr uintptr_t kBaudRate = 0x524;
    static constexpr uintptr_t kConfig = 0x56C;
    static constexpr uintptr_t kOutSet = 0x508;
    static constexpr uintptr_t kDirectionSet = 0x518;
    static constexpr uintptr_t kPinConfig = 0x700;
    static constexpr uint32_t kInputWithPullUp = 3u << 2;
    static constexpr uint32_t kNoPin = 0xFFFFFFFFu;
    static constexpr uint32_t k115200 = 0x01D7E000u;
    static constexpr uint32_t kRxReady = 1u << 2;
    static constexpr uint32_t kTxReady = 1u << 7;

    boards::ByteRing<EMBER_LINK_RING> m_ring;
    volatile bool m_held = false; ///< the interrupt is off because the ring was full
    bool m_listens = true;
    bool m_sending = false;
};

} // namespace nrf51
} // namespace ember
