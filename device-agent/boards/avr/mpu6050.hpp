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
    constexpr explicit Mpu6050(uint8_t channels)
#if EMBER_WITH_MODEL
        : m_stream{nullptr,
                   wire::ElementType::Int16,
                   channels,
                   100.0f,
                   channels > 3 ? kDescribed : kAccelDescribed,
                   channels > 3 ? kDescribedBytes : kAccelDescribedBytes}
#else
        : m_stream{nullptr, wire::ElementType::Int16, channels, 100.0f, kDescribed, kDescribedBytes}
#endif
    {}

    void poll(uint32_t nowMicros, uint16_t room) override;
    void start() override;
    void stop() override;
    bool setRate(uint32_t milliHz) override;

private:
    static constexpr uint8_t kMostRows = 3; ///< in one reading: less than a millisecond on the bus
    static constexpr uint8_t kMostRowBytes = 12;

    bool look();
    bool prepare();
    void collect(uint32_t nowMicros, uint16_t room);
    void countLost(uint32_t nowMicros);
    bool restartQueue();
    void lose();

    static constexpr uint32_t kLookEveryMicros = 1000000;
    static const uint8_t kDescribed[];
    static const uint8_t kAccelDescribed[];
    static constexpr uint8_t kAccelDescribedBytes = 12 + 3 * 20;
    static constexpr uint8_t kDescribedBytes = kAccelDescribedBytes + 3 * 21;

    agent::StreamInfo m_stream;
    uint32_t m_askedAt = 0u - kLookEveryMicros; ///< so that the first look is at once
    uint32_t m_nextTicks = 0;                   ///< when the next row that has not been read was sampled
    uint32_t m_nextRow = 0;
    uint32_t m_period = 10000; ///< of a row, microseconds
    uint8_t m_divider = 9;
    bool m_running = false;
    uint8_t m_rows[kMostRows * kMostRowBytes] = {};
};

} // namespace avr
} // namespace ember
