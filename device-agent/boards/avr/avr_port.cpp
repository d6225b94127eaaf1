// SPDX-License-Identifier: MIT-0
#include "avr_port.hpp"

#include "../../agent/flash_text.hpp"
#include "../../agent/stack_meter.hpp"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <avr/wdt.h>

#ifndef EMBER_BOARD_ID
#error "EMBER_BOARD_ID must be the board's id as a string"
#endif
#ifndef EMBER_LINK_BAUD
#error "EMBER_LINK_BAUD must be the speed of the link"
#endif

extern "C" {
extern const uint8_t __build_id_note[];
}

namespace ember {
namespace avr {

namespace {

// A note is three words (sizes and type), the name "GNU" with its zero, and the description.
constexpr uint8_t kNoteHeader = 16;

#if EMBER_LEARNING
Eeprom eeprom;
#endif

} // namespace

void AvrPort::begin()
{
    Uart::begin(EMBER_LINK_BAUD);
    CycleClock::begin();
    // Noise after a power-up, and counted on by every restart.
    ++restartRecord.starts;
}

const char* AvrPort::boardId()
{
    static_assert(sizeof EMBER_BOARD_ID <= 24, "a description has no longer ones");
    return EMBER_TEXT(EMBER_BOARD_ID);
}

const uint8_t* AvrPort::buildId()
{
    return __build_id_note + kNoteHeader;
}

uint8_t* AvrPort::stackPointer()
{
    return reinterpret_cast<uint8_t*>(SP);
}

bool AvrPort::stackIntact()
{
    return agent::StackMeter::isPainted(__stack_limit);
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

#if EMBER_LEARNING
agent::PersistentStore* AvrPort::store()
{
    return &eeprom;
}
#endif

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
