// SPDX-License-Identifier: MIT-0
#include "../../agent/stack_meter.hpp"
#include "restart_record.hpp"

#include <avr/io.h>
#include <avr/wdt.h>

namespace ember {
namespace avr {

RestartRecord restartRecord __attribute__((section(".noinit")));

} // namespace avr
} // namespace ember

extern "C" {
extern uint8_t __stack_limit[];
extern uint8_t __stack_top[];

// Runs in avr-libc's start-up, before variables are set and before there is a stack frame: hence naked, and in assembly
// where memory is written that a compiled loop might use itself.
void emberBeforeData() __attribute__((naked, used, section(".init3")));

void emberBeforeData()
{
    // After a watchdog restart it still runs, at its shortest period.
    MCUSR = 0;
    wdt_disable();
    // Paint the stack from its limit to its top.
    __asm volatile(
        "ldi r30, lo8(__stack_limit)\n"
        "ldi r31, hi8(__stack_limit)\n"
        "ldi r24, %[b0]\n"
        "ldi r25, %[b1]\n"
        "ldi r19, hi8(__stack_top)\n"
        "1:\n"
        "st Z+, r24\n"
        "st Z+, r25\n"
        "cpi r30, lo8(__stack_top)\n"
        "cpc r31, r19\n"
        "brlo 1b\n"
        :
        : [b0] "M"(ember::agent::StackMeter::kPaint & 0xFF), [b1] "M"((ember::agent::StackMeter::kPaint >> 8) & 0xFF));
}
}
