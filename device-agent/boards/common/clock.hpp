// SPDX-License-Identifier: MIT-0
#pragma once

#include <stdint.h>

namespace ember {
namespace boards {

/// Makes microseconds of a tick counter of 32 bits that wraps, exactly: what is less than a microsecond is kept. Has to
/// be asked at least once per wrap.
class MicroClock
{
public:
    explicit constexpr MicroClock(uint32_t tickHz)
        : m_ticksPerMicro(tickHz / 1000000u)
    {}

    /// The counter starts from here; what one tick is worth may have changed.
    void begin(uint32_t tickHz, uint32_t ticks)
    {
        m_ticksPerMicro = tickHz / 1000000u;
        m_last = ticks;
    }

    uint32_t micros(uint32_t ticks)
    {
        m_spare += ticks - m_last;
        m_last = ticks;
        m_micros += m_spare / m_ticksPerMicro;
        m_spare %= m_ticksPerMicro;
        return m_micros;
    }

private:
    uint32_t m_ticksPerMicro;
    uint32_t m_last = 0;
    uint32_t m_spare = 0; ///< less than a microsecond
    uint32_t m_micros = 0;
};

/// A number that differs at every start: `starts` counts restarts in memory that they do not clear; how long reading
/// the timer takes tells power-ups apart where time is real.
template <typename Ticks>
uint32_t sessionNumber(uint32_t starts, Ticks ticks)
{
    uint32_t noise = starts;
    for (uint8_t i = 0; i < 64; ++i) {
        // One step of a multiplicative mixer: every input bit reaches every output bit.
        noise ^= noise >> 16;
        noise *= 0x7FEB352Du;
        noise ^= noise >> 15;
        noise *= 0x846CA68Bu;
        noise ^= noise >> 16;
        noise += ticks();
    }
    return noise;
}

} // namespace boards
} // namespace ember
