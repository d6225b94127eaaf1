// SPDX-License-Identifier: MIT-0
#pragma once

#include "../../agent/sensor.hpp"

#include <stddef.h>
#include <stdint.h>

namespace ember {
namespace boards {

/// A stream that somebody else describes, in the payload of a SensorSpec (wire/messages.hpp). Nothing in it is trusted.
class DeclaredStream
{
public:
    /// The memory for the channels outlives this; `name` is the stream's, an EMBER_TEXT.
    DeclaredStream(agent::ChannelInfo* channels, uint8_t capacity, const char* name = "sensor")
        : m_channels(channels)
        , m_name(name)
        , m_capacity(capacity)
    {
        m_stream = agent::StreamInfo();
    }

    /// False: the description makes no sense, has more channels than there is room for or rows longer than
    /// `mostRowBytes`; what was known before stays.
    bool take(const uint8_t* at, size_t size, size_t mostRowBytes);

    /// Null before the first description.
    const agent::StreamInfo* info() const { return m_known ? &m_stream : nullptr; }
    /// Changes whenever the stream became another one.
    uint8_t version() const { return m_version; }

private:
    agent::ChannelInfo* m_channels;
    const char* m_name;
    agent::StreamInfo m_stream;
    uint8_t m_capacity;
    bool m_known = false;
    uint8_t m_version = 0;
};

} // namespace boards
} // namespace ember
