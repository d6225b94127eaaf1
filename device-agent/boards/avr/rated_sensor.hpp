// SPDX-License-Identifier: MIT-0
#pragma once

#include "../../agent/sensor.hpp"

namespace ember {
namespace avr {

/// What the sensors of this board have in common: rows of int16 at 1000 Hz / n, and a rate that is set.
class RatedSensor : public agent::Sensor
{
public:
    /// Takes the nearest rate that there is.
    bool setRate(uint32_t milliHz) override;

protected:
    /// Periods from 1 ms to `mostMillis` (at most 500); `rateHz` is 1000 / `millis`. `described` as in StreamInfo. A
    /// sensor that is always `there` has its stream from the beginning.
    constexpr RatedSensor(bool there, uint8_t channels, uint16_t millis, float rateHz, uint16_t mostMillis,
                          const uint8_t* described, uint8_t describedBytes)
        : Sensor(there ? &m_stream : nullptr)
#if EMBER_WITH_MODEL
        , m_stream{nullptr, wire::ElementType::Int16, channels, rateHz, described, describedBytes}
#else
        , m_stream{rateHz, described, describedBytes, static_cast<uint8_t>(2 * channels)}
#endif
        , m_period(millis * uint32_t{1000})
        , m_millis(millis)
        , m_mostMillis(mostMillis)
    {}

    agent::StreamInfo m_stream;
    uint32_t m_period; ///< of a row, microseconds
    uint16_t m_millis; ///< the same
    uint16_t m_mostMillis;
    bool m_running = false;
};

} // namespace avr
} // namespace ember
