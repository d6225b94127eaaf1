// SPDX-License-Identifier: MIT-0
#include "mps2_port.hpp"

#include "../cortex-m/fault_record.hpp"

namespace ember {
namespace mps2 {

namespace {

constexpr uint32_t kTicksPerMicro = kClockHz / 1000000u;

} // namespace

Mps2Port::Mps2Port()
{
    m_clock.runFree();
    m_link.begin();
    m_sensor.uart().begin();
    m_second.uart().begin();
    cortexm::enableInterrupt(kTimer1Irq);
    cortexm::enableInterrupt(kUart0RxIrq);
    cortexm::enableInterrupt(kUart1RxIrq);
    cortexm::enableInterrupt(kUart2RxIrq);
    m_micros.begin(kClockHz, cpuTicks());
    m_session = boards::sessionNumber(++cortexm::faultRecord.starts, [this] { return cpuTicks(); });
}

// A pending interrupt ends the sleep although it is masked. What raised it is cleared first and looked at afterwards,
// so that a byte that arrives in between is seen one way or the other.
void Mps2Port::idle(uint32_t microseconds)
{
    m_link.clearReceiveInterrupt();
    m_sensor.uart().clearReceiveInterrupt();
    m_second.uart().clearReceiveInterrupt();
    cortexm::clearPendingInterrupt(kUart0RxIrq);
    cortexm::clearPendingInterrupt(kUart1RxIrq);
    cortexm::clearPendingInterrupt(kUart2RxIrq);
    if (m_link.readable() || m_sensor.uart().readable() || m_second.uart().readable())
        return;
    m_alarm.alarm(microseconds * kTicksPerMicro);
    cortexm::waitForInterrupt();
    m_alarm.cancelAlarm();
    cortexm::clearPendingInterrupt(kTimer1Irq);
}

} // namespace mps2
} // namespace ember
