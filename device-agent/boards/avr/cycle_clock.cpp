// SPDX-License-Identifier: MIT-0
#include "cycle_clock.hpp"

#include "../../agent/limits.hpp"

#include <avr/interrupt.h>
#include <avr/io.h>

extern "C" {
volatile uint32_t emberOverflows;
}

namespace ember {
namespace avr {

namespace {

uint8_t interruptCycles;

constexpr uint8_t kCyclesPerMicro = F_CPU / 1000000u;

} // namespace

// How long a loop takes in which the timer overflows once.
uint16_t CycleClock::timedLoop(bool withInterrupt)
{
    constexpr uint16_t kBefore = 100; // cycles before the overflow; the loop takes 256
    TIMSK1 = withInterrupt ? 1 << TOIE1 : 0;
    TIFR1 = 1 << TOV1;
    TCNT1 = static_cast<uint16_t>(0u - kBefore);
    uint8_t turns = 64;
    __asm volatile("sei\n"
                   "1: dec %0\n"
                   "nop\n"
                   "brne 1b\n"
                   "cli\n"
                   : "+r"(turns));
    return TCNT1;
}

// What an overflow interrupt takes is measured, not assumed: it is the same every time, because its code has no branch.
void CycleClock::begin()
{
    TCCR1B = 1 << CS10;
    if (agent::kWithModel) {
        cli();
        const uint16_t without = timedLoop(false);
        const uint16_t with = timedLoop(true);
        interruptCycles = static_cast<uint8_t>(with - without);
        emberOverflows = 0;
        TIFR1 = 1 << TOV1;
        TCNT1 = 0;
    }
    TIMSK1 = 1 << TOIE1;
    sei();
}

uint32_t CycleClock::micros()
{
    const uint8_t status = SREG;
    cli();
    const uint16_t low = TCNT1;
    const uint8_t pending = TIFR1;
    uint32_t high = emberOverflows;
    SREG = status;
    // An overflow whose interrupt has not run yet belongs to a low count, not to one from just before it.
    if ((pending & (1 << TOV1)) != 0 && static_cast<int16_t>(low) >= 0)
        ++high;
    if (kCyclesPerMicro == 16) { // of the 48 bits those from bit 4 on
        union {
            uint8_t bytes[4];
            uint32_t value;
        } upper;
        upper.bytes[0] = static_cast<uint8_t>(low >> 8);
        upper.bytes[1] = static_cast<uint8_t>(high);
        upper.bytes[2] = static_cast<uint8_t>(high >> 8);
        upper.bytes[3] = static_cast<uint8_t>(high >> 16);
        upper.value <<= 4;
        uint8_t lower = static_cast<uint8_t>(low);
        lower = static_cast<uint8_t>(lower >> 4);
        upper.bytes[0] = static_cast<uint8_t>(upper.bytes[0] | lower);
        return upper.value;
    }
    static uint32_t last;
    static uint32_t whole;
    static uint8_t spare; // less than a microsecond
    const uint32_t now = (high << 16) | low;
    const uint32_t passed = now - last + spare;
    last = now;
    spare = static_cast<uint8_t>(passed % kCyclesPerMicro);
    return whole += passed / kCyclesPerMicro;
}

uint32_t CycleClock::workCycles()
{
    const uint8_t status = SREG;
    cli();
    const uint16_t low = TCNT1;
    const uint8_t pending = TIFR1;
    const uint32_t served = emberOverflows;
    SREG = status;
    const uint32_t high =
        served +
        static_cast<uint8_t>(pending & static_cast<uint8_t>(static_cast<uint8_t>(~(low >> 8)) >> 7) & (1 << TOV1));
    return ((high << 16) | low) - served * interruptCycles;
}

} // namespace avr
} // namespace ember

// emberOverflows += 1 in constant time: subtracting -1 lets the carry run through all four bytes.
ISR(TIMER1_OVF_vect, ISR_NAKED)
{
    __asm volatile("push r24\n"
                   "in r24, __SREG__\n"
                   "push r24\n"
                   "lds r24, emberOverflows\n"
                   "subi r24, 0xFF\n"
                   "sts emberOverflows, r24\n"
                   "lds r24, emberOverflows+1\n"
                   "sbci r24, 0xFF\n"
                   "sts emberOverflows+1, r24\n"
                   "lds r24, emberOverflows+2\n"
                   "sbci r24, 0xFF\n"
                   "sts emberOverflows+2, r24\n"
                   "lds r24, emberOverflows+3\n"
                   "sbci r24, 0xFF\n"
                   "sts emberOverflows+3, r24\n"
                   "pop r24\n"
                   "out __SREG__, r24\n"
                   "pop r24\n"
                   "reti\n");
}
