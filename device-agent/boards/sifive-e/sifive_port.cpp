// SPDX-License-Identifier: MIT-0
#include "sifive_port.hpp"

namespace ember {
namespace sifive {

SifivePort::SifivePort()
{
    m_link.begin();
    m_sensor.uart().begin();
    InterruptController::enable(kUart0Irq);
    InterruptController::enable(kUart1Irq);
    m_micros.begin(Timer::kHz, Timer::ticks());
    m_session = boards::sessionNumber(++faultRecord.starts, Timer::ticks);
}

// A pending interrupt ends the sleep although it is masked. What woke the core last time is acknowledged first and the
// UARTs are looked at afterwards, so that a byte that arrives in between is seen one way or the other.
void SifivePort::idle(uint32_t microseconds)
{
    InterruptController::acknowledge();
    if (m_link.readable() || m_sensor.uart().readable())
        return;
    Timer::alarm(microseconds * (Timer::kHz / 1000000u));
    enableWakeUp(kTimerInterrupt | kExternalInterrupt);
    waitForInterrupt();
    enableWakeUp(0);
}

} // namespace sifive
} // namespace ember
