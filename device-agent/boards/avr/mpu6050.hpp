// SPDX-License-Identifier: MIT-0
#pragma once

#include "rated_sensor.hpp"

namespace ember {
namespace avr {

/// InvenSense MPU-6050 on the two-wire bus: acceleration (+-4 g) and turn rate (+-2000 degrees a second) through the
/// sensor's own 1024-byte queue, so that no row is lost while the board is busy. Registers and formats: MPU-6000 and
/// MPU-6050 Register Map, revision 4.2.
class Mpu6050 final : public RatedSensor
{
public:
    // What a description says of it, without the rate.
    static constexpr uint8_t kAccelDescribedBytes = 19 + 3 * 20;
    static constexpr uint8_t kDescribedBytes = kAccelDescribedBytes + 3 * 21;

    /// With `channels` of 6 acceleration and turn rate, with 3 acceleration alone.
    constexpr explicit Mpu6050(uint8_t channels)
#if EMBER_WITH_MODEL
        : RatedSensor(false, channels, 10, 100.0f, 256, channels > 3 ? kDescribed : kAccelDescribed,
                      channels > 3 ? kDescribedBytes : kAccelDescribedBytes)
#else
        : RatedSensor(false, channels, 10, 100.0f, 256, kDescribed, kDescribedBytes)
#endif
    {}

    void poll(uint32_t nowMicros, uint16_t room) override;
    void start() override;
    void stop() override;

private:
    static constexpr uint8_t kMostRows = 3; ///< in one reading: less than a millisecond on the bus

#if EMBER_WITH_MODEL
    uint8_t channels() const
    {
        return m_stream.channels;
    }
#else
    static constexpr uint8_t channels()
    {
        return 6;
    }
#endif

    bool look();
    bool prepare();
    bool collect(uint32_t nowMicros, uint16_t room);
    void countLost(uint32_t nowMicros);
    bool restartQueue();
    void lose();

    static constexpr uint16_t kLookEvery = 3906; ///< a second, in 256 us
    static const uint8_t kDescribed[];
    static const uint8_t kAccelDescribed[];

    static uint8_t s_rows[kMostRows * 12]; ///< there is one such sensor

    uint16_t m_askedAt = static_cast<uint16_t>(0u - kLookEvery); ///< in 256 us; the first look is at once
    uint8_t m_given = 0;                                         ///< rows of the last batch
};

} // namespace avr
} // namespace ember
