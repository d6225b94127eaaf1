// SPDX-License-Identifier: MIT-0
#pragma once

#include "../../agent/board_port.hpp"
#include "../common/byte_link.hpp"
#include "../common/clock.hpp"
#include "../common/image.hpp"
#include "registers.hpp"

namespace ember {
namespace mps2 {

/// The UART of the emulated sensor.
class SensorUart final : public boards::ByteLink
{
public:
    explicit constexpr SensorUart(uintptr_t base)
        : m_uart(base)
    {}
    bool read(uint8_t* byte) override { return m_uart.read(byte); }
    bool write(uint8_t byte) override { return m_uart.write(byte); }
    const Uart& uart() const { return m_uart; }

private:
    Uart m_uart;
};

/// The agent's view of an MPS2 board: UART0 is the link, UART1 the sensor's (see FeedSensor), UART2 that of a
/// second one, timer 0 the clock, timer 1 the alarm that ends a sleep. No interrupt handler ever runs.
class Mps2Port final : public agent::BoardPort
{
public:
    Mps2Port();

    const char* boardId() const override { return EMBER_BOARD_ID; }
    const uint8_t* buildId() const override { return boards::imageBuildId(); }
    uint32_t session() const override { return m_session; }

    bool linkRead(uint8_t* byte) override { return m_link.read(byte); }
    bool linkWrite(uint8_t byte) override { return m_link.write(byte); }

    uint32_t micros() override { return m_micros.micros(cpuTicks()); }
    uint32_t cpuTicks() override { return ~m_clock.value(); }
    uint32_t cpuTickHz() const override { return kClockHz; }
    void beginMeasurement() override {}
    void endMeasurement() override {}

    uint8_t* stackLimit() const override { return __stack_limit; }
    uint8_t* stackTop() const override { return __stack_top; }
    uint8_t* stackPointer() const override { return cortexm::stackPointer(); }

    void idle(uint32_t microseconds) override;
    bool hasBootloader() const override { return false; }
    void reset(bool) override { cortexm::restart(); }

    boards::ByteLink& sensorLink() { return m_sensor; }
    boards::ByteLink& secondSensorLink() { return m_second; }

private:
    Uart m_link{kUart0};
    SensorUart m_sensor{kUart1};
    SensorUart m_second{kUart2};
    Timer m_clock{kTimer0};
    Timer m_alarm{kTimer1};
    boards::MicroClock m_micros{kClockHz};
    uint32_t m_session = 0;
};

} // namespace mps2
} // namespace ember
