// SPDX-License-Identifier: MIT-0
#include "stm32_port.hpp"

#include "../cortex-m/fault_record.hpp"

namespace ember {
namespace stm32 {

namespace {

Stm32Port* thePort = nullptr;

// One handler for all interrupts: there are two at most, and looking costs less than a table.
extern "C" void onInterrupt()
{
    thePort->onInterrupt();
}

} // namespace

Stm32Port::Stm32Port()
    : m_clocks(startClocks())
{
    thePort = this;
#if defined(EMBER_STM32_F1)
    reg(kRccApb2Enable) |= 1; // the pins' alternate functions
#endif
    m_link.begin(m_clocks, EMBER_LINK_BAUD);
#if defined(EMBER_SENSOR_USART)
    m_sensor.begin(m_clocks, EMBER_LINK_BAUD);
#endif
    deafen(); // the clock measures its own interrupt, and no other may come between
    cortexm::unmaskInterrupts();
    m_clock.begin(m_clocks.coreHz);
    listen();
    m_micros.begin(m_clocks.coreHz, m_clock.ticks());
    m_session = boards::sessionNumber(++cortexm::faultRecord.starts, [this] { return m_clock.ticks(); });
}

void Stm32Port::onInterrupt()
{
    m_link.onInterrupt();
#if defined(EMBER_SENSOR_USART)
    m_sensor.onInterrupt();
#endif
}

void Stm32Port::deafen()
{
    m_link.deafen();
#if defined(EMBER_SENSOR_USART)
    m_sensor.deafen();
#endif
}

void Stm32Port::listen()
{
    m_link.listen();
#if defined(EMBER_SENSOR_USART)
    m_sensor.listen();
#endif
}

void Stm32Port::beginMeasurement()
{
    deafen();
    m_clock.beginMeasurement();
}

void Stm32Port::endMeasurement()
{
    m_clock.endMeasurement();
    listen();
}

bool Stm32Port::hasData() const
{
#if defined(EMBER_SENSOR_USART)
    if (m_sensor.hasData())
        return true;
#endif
    return m_link.hasData();
}

// Ends with the clock's next interrupt at the latest: a millisecond, of which a longer sleep takes several. Masked, an
// interrupt still ends it, and none can slip in between the look and the sleep.
void Stm32Port::idle(uint32_t microseconds)
{
    const uint32_t begin = micros();
    do {
        cortexm::maskInterrupts();
        if (!hasData())
            cortexm::waitForInterrupt();
        cortexm::unmaskInterrupts();
    } while (!hasData() && microseconds > 1000 && micros() - begin < microseconds - 1000);
}

} // namespace stm32
} // namespace ember
