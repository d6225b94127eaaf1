// SPDX-License-Identifier: MIT-0
#pragma once

#include "../wire/frame.hpp"
#include "../wire/messages.hpp"

#include <stddef.h>
#include <stdint.h>

namespace ember {
namespace agent {

/// Holds one outgoing frame and gives it to the link as fast as that takes it. A link that stands still therefore stops
/// nothing but the frames behind it. The buffer belongs to the caller.
class FrameSender
{
public:
    constexpr FrameSender(uint8_t* buffer, size_t capacity)
        : m_buffer(buffer)
        , m_capacity(capacity)
    {}

    /// Largest payload of a frame.
    size_t capacity() const { return m_capacity - wire::kHeaderSize - 4; }
    /// Where the next payload is put together; only while idle.
    uint8_t* payload() { return m_buffer + wire::kHeaderSize; }
    bool idle() const { return m_encoder.finished(); }

    /// Sends what is in payload().
    void send(wire::MessageType type, size_t payloadSize, uint32_t ticks, uint8_t stream = 0)
    {
        wire::FrameHeader header;
        header.type = static_cast<uint8_t>(type);
        header.stream = stream;
        header.credit = 1; // the agent reads one request at a time
        header.seq = m_seq++;
        header.ticks = ticks;
        m_encoder.begin(m_buffer, wire::sealFrame(header, m_buffer, payloadSize));
    }

    /// Gives the link what it takes now, through `write(uint8_t)`, which says whether it took the byte. Returns whether
    /// anything moved.
    template <typename Write>
    bool pump(Write write)
    {
        bool moved = false;
        while (!idle() && write(m_encoder.byte())) {
            m_encoder.advance();
            moved = true;
        }
        return moved;
    }

private:
    uint8_t* m_buffer;
    size_t m_capacity;
    wire::CobsEncoder m_encoder;
    uint32_t m_seq = 0;
};

} // namespace agent
} // namespace ember
