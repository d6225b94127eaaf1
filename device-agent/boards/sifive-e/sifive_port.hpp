// SPDX-License-Identifier: MIT-0
#pragma once

#include "../../agent/board_port.hpp"
#include "../common/byte_link.hpp"
#include "../common/clock.hpp"
#include "../common/image.hpp"
#include "registers.hpp"

namespace ember {
namespace sifive {

/// The UART of the emulated sensor.
class SensorUart final : public boards::ByteLink
{
public:
    bool read(uint8_t* byte) override { return m_uart.read(byte); }
    bool write(uint8_t byte) override { return m_uart.write(byte); }
    const Uart& uart() const { return m_uart; }

private:
    Uart m_uart{kUart1};
};

/// The agent's view of the emulator's SiFive E: UART0 is the link, UART1 the sensor's, the core-local timer the clock.
/// No interrupt handler ever runs.
class SifivePort final : public agent::BoardPort
{
public:
    SifivePort();

    const char* boardId() const override { return EMBER_BOARD_ID; }
    const uint8_t* buildId() const override { return boards::imageBuildId(); }
    uint32_t session() const override { return m_session; }

    bool linkRead(uint8_t* byte) override { return m_link.read(byte); }
    bool linkWrite(uint8_t byte) override { return m_link.write(byte); }

    uint32_t micros() override { return m_micros.micros(Timer::ticks()); }
    uint32_t cpuTicks() override { return Timer::ticks(); }
    uint32_t cpuTickHz() const override { return Timer::kHz; }
    void beginMeasurement() override {}
    void endMeasurement() override {}

    uint8_t* stackLimit() const override { return __stack_limit; }
    uint8_t* stackTop() const override { return __stack_top; }
    uint8_t* stackPointer() const override { return sifive::stackPointer(); }

    void idle(uint32_t microseconds) override;
    bool hasBootloader() const override { return false; }
    void reset(bool) override { start(); }

    boards::ByteLink& sensorLink() { return m_sensor; }

private:
    Uart m_link{kUart0};
    SensorUart m_sensor;
    boards::MicroClock m_micros{Timer::kHz};
    uint32_t m_session = 0;
};

} // namespace sifive
} // namespace ember
