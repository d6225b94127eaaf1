// SPDX-License-Identifier: MIT-0
#pragma once

#include "declared_stream.hpp"

namespace ember {
namespace boards {

/// The sensor of a board that has none and no second line for an emulated one: the host declares what rows look like
/// and injects them.
class HostSensor final : public agent::Sensor
{
public:
    /// Rows longer than `mostRowBytes` cannot be injected. The memory outlives the sensor.
    HostSensor(agent::ChannelInfo* channels, uint8_t capacity, size_t mostRowBytes)
        : m_stream(channels, capacity)
        , m_mostRowBytes(mostRowBytes)
    {}

    void poll(uint32_t, uint16_t) override {}
    const agent::StreamInfo* stream() const override { return m_stream.info(); }
    uint8_t streamVersion() const override { return m_stream.version(); }
    bool declare(const uint8_t* spec, size_t size) override { return m_stream.take(spec, size, m_mostRowBytes); }
    void start() override {}
    void stop() override {}
    bool setRate(uint32_t) override { return false; }
    bool batch(agent::SensorBatch*) override { return false; }
    void release() override {}

private:
    DeclaredStream m_stream;
    size_t m_mostRowBytes;
};

} // namespace boards
} // namespace ember
