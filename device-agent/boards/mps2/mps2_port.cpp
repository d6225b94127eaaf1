// SPDX-License-Identifier: MIT-0
#include "mps2_port.hpp"

#include "fault_record.hpp"

#ifndef EMBER_BOARD_ID
#error "EMBER_BOARD_ID must be the board's id as a string"
#endif

extern "C" {
extern uint8_t __stack_limit[];
extern uint8_t __stack_top[];
extern const uint8_t __build_id_note[];
}

namespace ember {
namespace mps2 {

namespace {

// A note is three words (sizes and type), the name "GNU" with its zero, and the description.
constexpr uint32_t kNoteHeader = 16;
constexpr uint32_t kTicksPerMicro = kClockHz / 1000000u;

// One step of a multiplicative mixer: every input bit reaches every output bit.
uint32_t mix(uint32_t value)
{
    value ^= value >> 16;
    value *= 0x7FEB352Du;
    value ^= value >> 15;
    value *= 0x846CA68Bu;
    return value ^ (value >> 16);
}

} // namespace

Mps2Port::Mps2Port()
{
    m_clock.runFree();
    m_link.begin();
    m_sensor.begin();
    enableInterrupt(kTimer1Irq);
    enableInterrupt(kUart0RxIrq);
    enableInterrupt(kUart1RxIrq);
    m_lastTicks = cpuTicks();
    m_session = makeSession();
}

// Restarts are counted in memory that they do not clear, so that no two in a row are alike; how long reading the timer
// takes tells power-ups apart where time is real.
uint32_t Mps2Port::makeSession()
{
    uint32_t noise = ++faultRecord.starts;
    for (uint8_t i = 0; i < 64; ++i)
        noise = mix(noise) + cpuTicks();
    return noise;
}

const char* Mps2Port::boardId() const
{
    return EMBER_BOARD_ID;
}

const uint8_t* Mps2Port::buildId() const
{
    return __build_id_note + kNoteHeader;
}

uint32_t Mps2Port::micros()
{
    const uint32_t now = cpuTicks();
    m_spareTicks += now - m_lastTicks;
    m_lastTicks = now;
    m_micros += m_spareTicks / kTicksPerMicro;
    m_spareTicks %= kTicksPerMicro;
    return m_micros;
}

uint8_t* Mps2Port::stackLimit() const
{
    return __stack_limit;
}

uint8_t* Mps2Port::stackTop() const
{
    return __stack_top;
}

uint8_t* Mps2Port::stackPointer() const
{
    uint8_t* pointer;
    __asm volatile("mov %0, sp" : "=r"(pointer));
    return pointer;
}

// A pending interrupt ends the sleep although it is masked. What raised it is cleared first and looked at afterwards,
// so that a byte that arrives in between is seen one way or the other.
void Mps2Port::idle(uint32_t microseconds)
{
    m_link.clearReceiveInterrupt();
    m_sensor.clearReceiveInterrupt();
    clearPendingInterrupt(kUart0RxIrq);
    clearPendingInterrupt(kUart1RxIrq);
    if (m_link.readable() || m_sensor.readable())
        return;
    m_alarm.alarm(microseconds * kTicksPerMicro);
    __asm volatile("dsb\n wfi\n isb" ::: "memory");
    m_alarm.cancelAlarm();
    clearPendingInterrupt(kTimer1Irq);
}

void Mps2Port::reset(bool)
{
    __asm volatile("dsb" ::: "memory");
    reg(kAircr) = kAircrResetRequest;
    for (;;)
        __asm volatile("dsb" ::: "memory");
}

} // namespace mps2
} // namespace ember
