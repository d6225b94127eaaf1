// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "emulators/uno/chip.h"
#include "emulators/uno/feed_client.h"

#include <array>
#include <deque>
#include <optional>

namespace ember::uno {

/// An InvenSense MPU-6050 on the chip's two-wire bus, at register level: identity, power, ranges, data registers, queue
/// and its overflow. What it measures is a recording, one row for each of its samples: its clock is such that it
/// samples at the recording's rate, whatever divider the program sets. The recording begins when the program switches
/// the queue on, or wakes the sensor without one. Registers: MPU-6000 and MPU-6050 Register Map, revision 4.2.
class MotionSensor
{
public:
    /// Error Unsupported when the recording has neither acceleration (g, m/s2) nor turn rate (rad/s, deg/s).
    static Result<std::unique_ptr<MotionSensor>> attach(Chip& chip, std::unique_ptr<FeedClient> feed);

private:
    static constexpr int kAxes = 6;
    static constexpr size_t kQueueBytes = 1024;

    /// Where an axis finds its value: value of the feed's channel times factor, in g or degrees a second.
    struct Source
    {
        size_t channel = 0;
        double factor = 1;
    };

    MotionSensor(Chip& chip, std::unique_ptr<FeedClient> feed);
    Status findAxes();
    void onBus(uint32_t message);
    uint8_t readRegister();
    void writeRegister(uint8_t value);
    void setPlaying(bool playing);
    void busReset();
    quint64 sample();
    void store(const std::vector<double>& row);
    void queue(uint8_t byte);

    Chip& m_chip;
    std::unique_ptr<FeedClient> m_feed;
    std::array<std::optional<Source>, kAxes> m_axes;
    avr_irq_t* m_toChip;
    std::array<uint8_t, 128> m_registers{};
    std::deque<uint8_t> m_queue;
    std::vector<double> m_row;
    Chip::Timer m_timer;
    quint64 m_startCycle = 0;
    quint64 m_samples = 0; // since m_startCycle
    bool m_playing = false;
    bool m_selected = false;
    bool m_pointerNext = false; // the next byte written is a register's number
    uint8_t m_pointer = 0;
};

} // namespace ember::uno
