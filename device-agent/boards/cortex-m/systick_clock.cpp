// SPDX-License-Identifier: MIT-0
#include "systick_clock.hpp"

#include "core.hpp"

namespace ember {
namespace cortexm {

namespace {

constexpr uint32_t kMask24 = 0x00FFFFFFu;
constexpr uint32_t kRun = 7; // core clock, interrupt, on
constexpr uint32_t kPend = 1u << 26;
constexpr uint32_t kUnpend = 1u << 25;
constexpr uint8_t kTries = 64;
// Nobody's interrupt takes so long: a computer that emulates was busy with something else.
constexpr uint32_t kMostCost = 4096u * kTries;

volatile uint32_t wraps = 0;

// What so many writes to ICSR take, with an interrupt for each or without.
uint32_t writesToIcsr(uint32_t value)
{
    const uint32_t before = reg(kSysTickValue);
    for (uint8_t i = 0; i < kTries; ++i) {
        reg(kIcsr) = value;
        __asm volatile("dsb\n isb" ::: "memory");
    }
    return (before - reg(kSysTickValue)) & kMask24;
}

} // namespace

extern "C" void onSysTick()
{
    wraps = wraps + 1;
}

uint32_t SysTickClock::handlerCost() const
{
    uint32_t least = kMostCost;
    for (uint8_t i = 0; i < 4; ++i) {
        const uint32_t without = writesToIcsr(0);
        const uint32_t with = writesToIcsr(kPend);
        const uint32_t cost = with > without ? with - without : 0;
        if (cost < least)
            least = cost;
    }
    return least < kMostCost ? least : 0;
}

void SysTickClock::begin(uint32_t coreHz)
{
    reg(kSysTickReload) = kWhole - 1;
    reg(kSysTickValue) = 0;
    reg(kSysTickControl) = kRun;
    m_cost = handlerCost();
    m_short = coreHz / 1000u;
    m_base = 0;
    m_last = 0;
    wraps = 0;
    restart(m_short);
}

// Nothing may be counted between the old period's last tick and the new one's first.
void SysTickClock::restart(uint32_t period)
{
    maskInterrupts();
    m_base = ticks();
    m_period = period;
    reg(kSysTickReload) = period - 1;
    reg(kSysTickValue) = 0;
    reg(kIcsr) = kUnpend;
    wraps = 0;
    unmaskInterrupts();
}

// A wrap is counted when its handler has run, or when it is pending: then the counter is read again, because the first
// value may be from before it. Zero is where a period ends and begins.
uint32_t SysTickClock::ticks()
{
    uint32_t counted;
    uint32_t value;
    uint32_t pending;
    do {
        counted = wraps;
        value = reg(kSysTickValue);
        pending = (reg(kIcsr) & kPend) != 0 ? 1 : 0;
        if (pending != 0)
            value = reg(kSysTickValue);
    } while (counted != wraps);
    uint32_t now = m_base + (counted + pending) * m_period + (value == 0 ? 0 : m_period - value);
    // An emulator may show the zero before it raises the interrupt.
    if (static_cast<int32_t>(now - m_last) < 0)
        now = m_last;
    m_last = now;
    return now;
}

uint32_t SysTickClock::measuredTicks()
{
    const uint32_t now = ticks();
    return now - wraps * m_cost / kTries;
}

} // namespace cortexm
} // namespace ember
