// SPDX-License-Identifier: MIT-0
#pragma once

#include "../../agent/board_port.hpp"
#include "cycle_clock.hpp"
#include "eeprom.hpp"
#include "uart.hpp"

namespace ember {
namespace avr {

/// The agent's view of an ATmega328P board: USART0 is the link, timer 1 the clock. Interrupts fill and empty the link's
/// rings and count the timer's overflows.
class AvrPort final : public agent::BoardPort
{
public:
    AvrPort();

    const char* boardId() const override;
    const uint8_t* buildId() const override;
    uint32_t session() const override { return m_session; }

    bool linkRead(uint8_t* byte) override { return Uart::read(byte); }
    bool linkWrite(uint8_t byte) override { return Uart::write(byte); }

    uint32_t micros() override;
    uint32_t cpuTicks() override { return CycleClock::workCycles(); }
    uint32_t cpuTickHz() const override { return F_CPU; }
    /// What still waits to be sent goes out first. Receiving goes on, so that nothing is lost that arrives meanwhile; a
    /// host that measures is silent until it has its answer.
    void beginMeasurement() override { Uart::drain(); }
    void endMeasurement() override {}

    uint8_t* stackLimit() const override;
    uint8_t* stackTop() const override;
    uint8_t* stackPointer() const override;

    void idle(uint32_t microseconds) override;
#if EMBER_LEARNING
    agent::PersistentStore* store() override
    {
        return &m_eeprom;
    }
#endif
    bool hasBootloader() const override
    {
        return false;
    } ///< optiboot stays only after the reset pin was pulled
    void reset(bool intoBootloader) override;

    /// Whether the lowest word of the stack is as start-up left it.
    bool stackIntact() const;

private:
    uint32_t m_lastCycles = 0;
    uint32_t m_micros = 0;
    uint8_t m_spareCycles = 0; ///< less than a microsecond
    uint32_t m_session = 0;
#if EMBER_LEARNING
    Eeprom m_eeprom;
#endif
};

} // namespace avr
} // namespace ember
