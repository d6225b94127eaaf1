// SPDX-License-Identifier: MIT-0
#include "nrf51_port.hpp"

#include "../cortex-m/fault_record.hpp"

namespace ember {
namespace nrf51 {

namespace {

Nrf51Port* thePort = nullptr;

// One handler for both interrupts: the alarm's has done its work when it wakes the core.
extern "C" void onInterrupt()
{
    thePort->onInterrupt();
}

} // namespace

// SysTick is not on this chip.
extern "C" void onSysTick() {}

Nrf51Port::Nrf51Port()
{
    thePort = this;
    startCrystal();
    Timer::runFree();
    m_link.begin();
    cortexm::enableInterrupt(kTimer0Irq);
    cortexm::unmaskInterrupts();
    m_micros.begin(kClockHz, Timer::ticks());
    m_session = boards::sessionNumber(++cortexm::faultRecord.starts, Timer::ticks);
}

void Nrf51Port::onInterrupt()
{
    Timer::cancelAlarm();
    m_link.onInterrupt();
}

// Masked, an interrupt still ends the sleep, and none can slip in between the look and the sleep.
void Nrf51Port::idle(uint32_t microseconds)
{
    Timer::alarm(microseconds * (kClockHz / 1000000u));
    cortexm::maskInterrupts();
    if (!m_link.hasData())
        cortexm::waitForInterrupt();
    cortexm::unmaskInterrupts();
    Timer::cancelAlarm();
}

} // namespace nrf51
} // namespace ember
