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
    AnalogInputs();

    void poll(uint32_t nowMicros, uint16_t room) override;
    const agent::StreamInfo* stream() const override { return &m_stream; }
    uint8_t streamVersion() const override { return m_version; }
    void start() override;
    void stop() override;
    bool setRate(uint32_t milliHz) override;
    bool batch(agent::SensorBatch* out) override;
    void release() override;

private:
    static constexpr uint8_t kInputs = 2;

    agent::StreamInfo m_stream;
    uint32_t m_period = 0; ///< microseconds
    uint32_t m_dueAt = 0;
    uint32_t m_nextRow = 0;
    uint32_t m_takenAt = 0; ///< the row that waits
    uint16_t m_row[kInputs];
    uint8_t m_version = 0;
    bool m_running = false;
    bool m_fresh = false; ///< started, and no row yet
    bool m_waiting = false;
};

} // namespace avr
} // namespace ember
