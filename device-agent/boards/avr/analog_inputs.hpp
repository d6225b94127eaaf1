// SPDX-License-Identifier: MIT-0
#pragma once

#include "../../agent/sensor.hpp"

namespace ember {
namespace avr {

/// The analogue inputs A0 and A1 against the supply of 5 V, 10 bits, by the board's clock: 50 rows a second unless the
/// host says otherwise. A row that was not due in time is lost, and its number with it.
class AnalogInputs final : public agent::Sensor
{
public:
    static constexpr uint8_t kInputs = 2;

    constexpr AnalogInputs()
        : Sensor(&m_stream)
        , m_stream{nullptr, wire::ElementType::Int16, kInputs, 50.0f, kDescribed, kDescribedBytes}
    {}

    void poll(uint32_t nowMicros, uint16_t room) override;
    void start() override;
    void stop() override;
    bool setRate(uint32_t milliHz) override;

private:
    static const uint8_t kDescribed[];
    static constexpr uint8_t kDescribedBytes = 12 + kInputs * 17;

    agent::StreamInfo m_stream;
    uint32_t m_period = 20000; ///< microseconds
    uint32_t m_dueAt = 0;
    bool m_running = false;
    uint16_t m_row[kInputs] = {};
};

} // namespace avr
} // namespace ember
