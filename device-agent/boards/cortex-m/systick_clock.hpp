// SPDX-License-Identifier: MIT-0
#pragma once

#include <stdint.h>

namespace ember {
namespace cortexm {

/// Clock and CPU timer of a core whose chip has no timer of 32 bits to spare: SysTick, whose 24 bits an interrupt
/// extends. Outside measurements it comes every millisecond, which also ends a sleep; inside one the counter runs over
/// its whole length, and what the interrupt itself takes is known and taken off, so that counts stay exact. One object
/// only; not from interrupts.
class SysTickClock
{
public:
    /// Starts it, with interrupts unmasked, on the clock of the core.
    void begin(uint32_t coreHz);

    /// Ticks since begin(); wraps, but never goes back.
    uint32_t ticks();
    /// The same less what counting wraps has taken since beginMeasurement(): for differences within a measurement.
    uint32_t measuredTicks();

    void beginMeasurement() { restart(kWhole); }
    void endMeasurement() { restart(m_short); }

private:
    static constexpr uint32_t kWhole = 1u << 24;

    void restart(uint32_t period);
    uint32_t handlerCost() const;

    uint32_t m_short = kWhole;
    uint32_t m_period = kWhole;
    uint32_t m_base = 0; ///< ticks when the period was set
    uint32_t m_last = 0;
    uint32_t m_cost = 0; ///< of one interrupt, in 1/64 tick
};

} // namespace cortexm
} // namespace ember
