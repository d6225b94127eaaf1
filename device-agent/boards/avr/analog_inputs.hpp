// SPDX-License-Identifier: MIT-0
#pragma once

#include "rated_sensor.hpp"

namespace ember {
namespace avr {

/// The analogue inputs A0 and A1 against the supply of 5 V, 10 bits, by the board's clock: 50 rows a second unless the
/// host says otherwise. A row that was not due in time is lost, and its number with it.
class AnalogInputs final : public RatedSensor
{
public:
    static constexpr uint8_t kInputs = 2;
    static constexpr uint8_t kDescribedBytes = 19 + kInputs * 17; ///< what a description says of it, without the rate

    constexpr AnalogInputs()
        : RatedSensor(true, kInputs, 20, 50.0f, 500, kDescribed, kDescribedBytes)
    {}

    void poll(uint32_t nowMicros, uint16_t room) override;
    void start() override;
    void stop() override;

private:
    static const uint8_t kDescribed[];

    uint32_t m_dueAt = 0;
    uint16_t m_row[kInputs] = {};
};

} // namespace avr
} // namespace ember
