// SPDX-License-Identifier: MIT-0
#pragma once

#include "../../agent/board_port.hpp"
#include "registers.hpp"

namespace ember {
namespace mps2 {

/// The agent's view of an MPS2 board: UART0 is the link, UART1 the sensor's (see FeedSensor), timer 0 the clock, timer
/// 1 the alarm that ends a sleep. No interrupt handler ever runs.
class Mps2Port final : public agent::BoardPort
{
public:
    Mps2Port();

    const char* boardId() const override;
    const uint8_t* buildId() const override;
    uint32_t session() const override { return m_session; }

    bool linkRead(uint8_t* byte) override { return m_link.read(byte); }
    bool linkWrite(uint8_t byte) override { return m_link.write(byte); }

    uint32_t micros() override;
    uint32_t cpuTicks() override { return ~m_clock.value(); }
    uint32_t cpuTickHz() const override { return kClockHz; }
    void beginMeasurement() override {}
    void endMeasurement() override {}

    uint8_t* stackLimit() const override;
    uint8_t* stackTop() const override;
    uint8_t* stackPointer() const override;

    void idle(uint32_t microseconds) override;
    bool hasBootloader() const override { return false; }
    void reset(bool intoBootloader) override;

    const Uart& sensorUart() const { return m_sensor; }

private:
    uint32_t makeSession();

    Uart m_link{kUart0};
    Uart m_sensor{kUart1};
    Timer m_clock{kTimer0};
    Timer m_alarm{kTimer1};
    uint32_t m_lastTicks = 0;
    uint32_t m_spareTicks = 0; ///< less than a microsecond
    uint32_t m_micros = 0;
    uint32_t m_session = 0;
};

} // namespace mps2
} // namespace ember
