// SPDX-License-Identifier: MIT-0
#pragma once

#include "../../agent/sensor.hpp"

namespace ember {
namespace avr {

/// InvenSense MPU-6050 on the two-wire bus: acceleration (+-4 g) and turn rate (+-2000 degrees a second) through the
/// sensor's own 1024-byte queue, so that no row is lost while the board is busy. Registers and formats: MPU-6000 and
/// MPU-6050 Register Map, revision 4.2.
class Mpu6050 final : public agent::Sensor
{
public:
    /// With `channels` of 6 acceleration and turn rate, with 3 acceleration alone.
    explicit Mpu6050(uint8_t channels);

    void poll(uint32_t nowMicros, uint16_t room) override;
    const agent::StreamInfo* stream() const override { return m_present ? &m_stream : nullptr; }
    uint8_t streamVersion() const override { return m_version; }
    void start() override;
    void stop() override;
    bool setRate(uint32_t milliHz) override;
    bool batch(agent::SensorBatch* out) override;
    void release() override;

private:
    static constexpr uint8_t kMostRows = 3; ///< in one reading: less than a millisecond on the bus
    static constexpr uint8_t kMostRowBytes = 12;

    bool look();
    bool prepare();
    void collect(uint32_t nowMicros, uint16_t room);
    bool emptyQueue(uint32_t nowMicros);
    void lose();

    agent::StreamInfo m_stream;
    uint32_t m_askedAt = 0;
    uint32_t m_startedAt = 0;
    uint32_t m_nextRow = 0;
    uint32_t m_firstTicks = 0;
    uint32_t m_period = 0; ///< of a row, microseconds
    uint8_t m_version = 0;
    uint8_t m_count = 0; ///< rows of the batch
    uint8_t m_divider = 9;
    bool m_present = false;
    bool m_looked = false;
    bool m_running = false;
    uint8_t m_rows[kMostRows * kMostRowBytes];
};

} // namespace avr
} // namespace ember
