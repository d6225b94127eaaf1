// SPDX-License-Identifier: MIT-0
#pragma once

#include "../../agent/limits.hpp"
#include "cycle_clock.hpp"
#include "eeprom.hpp"
#include "restart_record.hpp"
#include "uart.hpp"

#include <stddef.h>
#include <stdint.h>

extern "C" {
extern uint8_t __stack_limit[];
extern uint8_t __stack_top[];
}

namespace ember {
namespace avr {

/// The agent's view of an ATmega328P board: USART0 is the link, timer 1 the clock. Interrupts fill and empty the link's
/// rings and count the timer's overflows. It has the functions of agent::BoardPort, which says what they are for, by
/// name alone: there is one such board in a firmware, and nothing of it is in an object.
class AvrPort final
{
public:
    /// Link and clock at work; before anything else.
    static void begin();

    static const char* boardId();
    static const uint8_t* buildId();
    static uint32_t session() { return restartRecord.starts; }

    static bool linkRead(uint8_t* byte) { return Uart::read(byte); }
    static bool linkWrite(uint8_t byte) { return Uart::write(byte); }

    static uint32_t micros() { return CycleClock::micros(); }
    static uint32_t cpuTicks() { return CycleClock::workCycles(); }
    static constexpr uint32_t cpuTickHz() { return F_CPU; }
    /// What still waits to be sent goes out first. Receiving goes on, so that nothing is lost that arrives meanwhile; a
    /// host that measures is silent until it has its answer.
    static void beginMeasurement() { Uart::drain(); }
    static void endMeasurement() {}

    static constexpr uint8_t* stackLimit() { return __stack_limit; }
    static constexpr uint8_t* stackTop() { return __stack_top; }
    static uint8_t* stackPointer();

    static void idle(uint32_t microseconds);
#if EMBER_LEARNING
    static agent::PersistentStore* store();
#endif
    static constexpr bool hasBootloader()
    {
        return false;
    } ///< optiboot stays only after the reset pin was pulled
    static void reset(bool intoBootloader);

    /// Whether the lowest word of the stack is as start-up left it.
    static bool stackIntact();
};

} // namespace avr

namespace agent {

using Port = avr::AvrPort;

} // namespace agent
} // namespace ember
