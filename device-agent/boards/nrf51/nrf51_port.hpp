// SPDX-License-Identifier: MIT-0
#pragma once

#include "../../agent/board_port.hpp"
#include "../common/clock.hpp"
#include "../common/image.hpp"
#if EMBER_LEARNING
#include "flash_pages.hpp"
#endif
#include "uart.hpp"

namespace ember {
namespace nrf51 {

/// The agent's view of an nRF51: its one UART is the link, TIMER0 clock, CPU timer and alarm. One object only.
class Nrf51Port final : public agent::BoardPort
{
public:
    Nrf51Port();

    const char* boardId() const override { return EMBER_BOARD_ID; }
    const uint8_t* buildId() const override { return boards::imageBuildId(); }
    uint32_t session() const override { return m_session; }

    bool linkRead(uint8_t* byte) override { return m_link.read(byte); }
    bool linkWrite(uint8_t byte) override { return m_link.write(byte); }

    uint32_t micros() override { return m_micros.micros(Timer::ticks()); }
    uint32_t cpuTicks() override { return Timer::ticks(); }
    uint32_t cpuTickHz() const override { return kClockHz; }
    void beginMeasurement() override { m_link.deafen(); }
    void endMeasurement() override { m_link.listen(); }

    uint8_t* stackLimit() const override { return __stack_limit; }
    uint8_t* stackTop() const override { return __stack_top; }
    uint8_t* stackPointer() const override { return cortexm::stackPointer(); }

    void idle(uint32_t microseconds) override;
#if EMBER_LEARNING
    agent::PersistentStore* store() override
    {
        return FlashPages::areFree() ? &m_pages : nullptr;
    }
#endif
    bool hasBootloader() const override
    {
        return false;
    }
    void reset(bool) override
    {
        cortexm::restart();
    }

    /// Interrupt only.
    void onInterrupt();

private:
    Uart m_link;
    boards::MicroClock m_micros{kClockHz};
    uint32_t m_session = 0;
#if EMBER_LEARNING
    FlashPages m_pages;
#endif
};

} // namespace nrf51
} // namespace ember
