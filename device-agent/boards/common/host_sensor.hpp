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
    bool declare(const uint8_t* spec, size_t size) override
    {
        if (!m_stream.take(spec, size, m_mostRowBytes))
            return false;
        if (m_stream.version() != streamVersion())
            describe(m_stream.info());
        return true;
    }
    void start() override {}
    void stop() override {}
    bool setRate(uint32_t) override { return false; }

private:
    DeclaredStream m_stream;
    size_t m_mostRowBytes;
};

} // namespace boards
} // namespace ember
