// SPDX-License-Identifier: MIT-0
#pragma once

#include "../../agent/board_port.hpp"
#include "../common/clock.hpp"
#include "../common/image.hpp"
#include "../cortex-m/core.hpp"
#include "../cortex-m/systick_clock.hpp"
#include "usart.hpp"

// From the board file; what is here fits the boards with least memory.
#ifndef EMBER_LINK_USART
#define EMBER_LINK_USART 1
#endif
#ifndef EMBER_LINK_BAUD
#define EMBER_LINK_BAUD 115200
#endif
#ifndef EMBER_LINK_RING
#define EMBER_LINK_RING 128
#endif
#ifndef EMBER_SENSOR_RING
#define EMBER_SENSOR_RING 128
#endif

namespace ember {
namespace stm32 {

/// The agent's view of an STM32: a USART as the link, another as the emulated sensor's where the board file names one,
/// SysTick as clock and CPU timer. One object only.
class Stm32Port final : public agent::BoardPort
{
public:
    Stm32Port();

    const char* boardId() const override { return EMBER_BOARD_ID; }
    const uint8_t* buildId() const override { return boards::imageBuildId(); }
    uint32_t session() const override { return m_session; }

    bool linkRead(uint8_t* byte) override { return m_link.read(byte); }
    bool linkWrite(uint8_t byte) override { return m_link.write(byte); }

    uint32_t micros() override { return m_micros.micros(m_clock.ticks()); }
    uint32_t cpuTicks() override { return m_clock.measuredTicks(); }
    uint32_t cpuTickHz() const override { return m_clocks.coreHz; }
    void beginMeasurement() override;
    void endMeasurement() override;

    uint8_t* stackLimit() const override { return __stack_limit; }
    uint8_t* stackTop() const override { return __stack_top; }
    uint8_t* stackPointer() const override { return cortexm::stackPointer(); }

    void idle(uint32_t microseconds) override;
    bool hasBootloader() const override { return false; }
    void reset(bool) override { cortexm::restart(); }

#if defined(EMBER_SENSOR_USART)
    boards::ByteLink& sensorLink()
    {
        return m_sensor;
    }
#endif

    /// Interrupt only.
    void onInterrupt();

private:
    void deafen();
    void listen();
    bool hasData() const;

    Clocks m_clocks;
    Usart<EMBER_LINK_RING> m_link{usartInfo(EMBER_LINK_USART)};
#if defined(EMBER_SENSOR_USART)
    Usart<EMBER_SENSOR_RING> m_sensor{usartInfo(EMBER_SENSOR_USART)};
#endif
    cortexm::SysTickClock m_clock;
    boards::MicroClock m_micros{kCoreHz};
    uint32_t m_session = 0;
};

} // namespace stm32
} // namespace ember
