// SPDX-License-Identifier: MIT-0
#include "avr_port.hpp"

#include "../../agent/flash_text.hpp"
#include "../../agent/stack_meter.hpp"
#include "restart_record.hpp"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <avr/wdt.h>
#include <string.h>

#ifndef EMBER_BOARD_ID
#error "EMBER_BOARD_ID must be the board's id as a string"
#endif
#ifndef EMBER_LINK_BAUD
#error "EMBER_LINK_BAUD must be the speed of the link"
#endif

extern "C" {
extern uint8_t __stack_limit[];
extern uint8_t __stack_top[];
extern const uint8_t __build_id_note[];
}

namespace ember {
namespace avr {

namespace {

// A note is three words (sizes and type), the name "GNU" with its zero, and the description.
constexpr uint8_t kNoteHeader = 16;
constexpr uint8_t kCyclesPerMicro = F_CPU / 1000000u;

} // namespace

AvrPort::AvrPort()
{
    Uart::begin(EMBER_LINK_BAUD);
    CycleClock::begin();
    m_lastCycles = CycleClock::cycles();
    // Noise after a power-up, and counted on by every restart.
    m_session = ++restartRecord.starts;
}

const char* AvrPort::boardId() const
{
    return EMBER_TEXT(EMBER_BOARD_ID);
}

const uint8_t* AvrPort::buildId() const
{
    return __build_id_note + kNoteHeader;
}

uint32_t AvrPort::micros()
{
    const uint32_t now = CycleClock::cycles();
    const uint32_t passed = now - m_lastCycles + m_spareCycles;
    m_lastCycles = now;
    m_spareCycles = static_cast<uint8_t>(passed % kCyclesPerMicro);
    m_micros += passed / kCyclesPerMicro;
    return m_micros;
}

uint8_t* AvrPort::stackLimit() const
{
    return __stack_limit;
}

uint8_t* AvrPort::stackTop() const
{
    return __stack_top;
}

uint8_t* AvrPort::stackPointer() const
{
    return reinterpret_cast<uint8_t*>(SP);
}

bool AvrPort::stackIntact() const
{
    uint32_t lowest;
    memcpy(&lowest, __stack_limit, sizeof lowest);
    return lowest == agent::StackMeter::kPaint;
}

// Every interrupt ends the sleep: a byte in, room for a byte out, or the timer's overflow every 65536 cycles, which is
// sooner than the agent's longest sleep. Interrupts are let in by the instruction before `sleep`, so that none slips in
// between the look and the sleep.
void AvrPort::idle(uint32_t)
{
    SMCR = 0; // the lightest sleep: timer and USART go on
    cli();
    if (!Uart::readable()) {
        SMCR = 1 << SE;
        sei();
        sleep_cpu();
        SMCR = 0;
    }
    sei();
}

// The answer to the request may still be in the UART's ring, which interrupts empty.
void AvrPort::reset(bool)
{
    Uart::drain();
    cli();
    wdt_enable(WDTO_15MS);
    for (;;) {
    }
}

} // namespace avr
} // namespace ember
