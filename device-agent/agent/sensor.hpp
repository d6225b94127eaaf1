// SPDX-License-Identifier: MIT-0
#pragma once

#include "../wire/description.hpp"
#include "../wire/messages.hpp"
#include "limits.hpp"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace ember {
namespace agent {

/// One channel of a stream: value = raw * scale + offset, in `unit`.
struct ChannelInfo
{
    char name[wire::kMaxNameLength + 1];
    char unit[wire::kMaxNameLength + 1];
    float scale;
    float offset;
};

#if EMBER_FIXED_DESCRIPTION
/// What rows look like, of which the agent has to know little.
struct StreamInfo
{
    float rateHz;
    const uint8_t* described; ///< in flash: its map in a description (wire/description.hpp), up to the bytes of "r"
    uint8_t describedBytes;
    uint8_t bytesOfRow;

    uint8_t rowBytes() const { return bytesOfRow; }
};
#else
/// What rows look like.
struct StreamInfo
{
    const char* name; ///< an EMBER_TEXT; unused where it is described below
    wire::ElementType type;
    uint8_t channels;
    float rateHz;             ///< 0 when unknown
#if EMBER_DESCRIBED_STREAMS
    const uint8_t* described; ///< in flash: its map in a description (wire/description.hpp), up to the bytes of "r"
    uint8_t describedBytes;
#else
    const ChannelInfo* channel; ///< one for each channel, read by copyFromFlash; null: "c0", "c1", ... without units
#endif
#if !EMBER_SMALL
    uint32_t period; ///< of a row, in 1/256 microseconds: rowPeriod(rateHz)
#endif

    size_t rowBytes() const
    {
        return channels * wire::elementSize(type);
    }
};
#endif

/// The bits of a float of IEEE 754. Those of positive numbers are in the numbers' order, so that comparing them takes
/// no library where there is no FPU; what is negative or no number is above all of them.
inline uint32_t floatBits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/// The period that belongs to a rate, in 1/256 microseconds, rounded down; 0 when it is not known, or too long to be
/// said so (up to 1/16 Hz). A driver that has its period as a whole number needs no such division.
inline uint32_t rowPeriod(float rateHz)
{
    constexpr uint32_t kSixteenth = 0x3D800000u; // 1/16
    constexpr uint32_t kInfinite = 0x7F800000u;
    const uint32_t bits = floatBits(rateHz);
    if (bits <= kSixteenth || bits >= kInfinite)
        return 0;
    // 256e6 = 15625 * 2^14, and the rate is digits * 2^(exponent - 150): long division, bit by bit.
    const uint32_t digits = (bits & 0x7FFFFFu) | 0x800000u;
    const int exponent = static_cast<int>(bits >> 23);
    uint32_t rest = 15625;
    uint32_t period = 0;
    for (int left = 150 + 14 - exponent; left > 0; --left) {
        rest <<= 1;
        period <<= 1;
        if (rest >= digits) {
            rest -= digits;
            period |= 1;
        }
    }
    return period;
}

/// Rows that follow each other without a gap.
struct SensorBatch
{
    uint32_t firstRow;   ///< rows the sensor produced since start() before this one, lost ones included
    uint32_t ticks;      ///< the sensor's clock in microseconds at the first row
    const uint8_t* rows; ///< in the stream's type; valid until release()
#if EMBER_SMALL
    uint8_t count;
#else
    uint16_t count;
#endif
};

/// A source of rows. Implemented by a board's sensor driver; called from the agent's loop only. What a driver says lies
/// here, so that looking at it costs no call.
class Sensor
{
public:
    /// Does what is due: asks, waits, finds out. Returns soon. `room` is how many rows the agent can queue right now: a
    /// sensor that produces rows only when asked asks for no more; one with a clock of its own gives what it has.
    virtual void poll(uint32_t nowMicros, uint16_t room) = 0;

    /// What the rows look like; null as long as that is not known.
    const StreamInfo* stream() const { return m_info; }
    /// Changes whenever stream() says something new.
    uint8_t streamVersion() const { return m_version; }

    /// The host says what rows look like that it is going to inject (payload of a SensorSpec). False where the sensor
    /// knows that by itself, or cannot take such rows.
    virtual bool declare(const uint8_t*, size_t) { return false; }

    /// Begins to produce; rows count from zero again.
    virtual void start() = 0;
    virtual void stop() = 0;
    /// Takes the nearest rate the sensor has, and says it in stream(); false when it has only one.
    virtual bool setRate(uint32_t milliHz) = 0;

    /// The oldest rows that wait; a count of 0 when there are none. They stay until they are released; poll() brings
    /// the next.
    const SensorBatch& batch() const { return m_batch; }
    void release() { m_batch.count = 0; }

protected:
    /// `info` outlives the sensor.
    constexpr explicit Sensor(const StreamInfo* info = nullptr)
        : m_info(info)
    {}
    ~Sensor() = default;

    /// The stream is another one from now on.
    void describe(const StreamInfo* info)
    {
        // A sensor that stays away is no news: rows from the host go on.
        if (info != nullptr || m_info != nullptr)
            ++m_version;
        m_info = info;
    }

    SensorBatch m_batch = {0, 0, nullptr, 0}; ///< for the driver to fill while its count is 0

private:
    const StreamInfo* m_info;
    uint8_t m_version = 0;
};

} // namespace agent
} // namespace ember
