// SPDX-License-Identifier: MIT-0
#include "declared_stream.hpp"

#include "../../wire/bytes.hpp"

#include <string.h>

namespace ember {
namespace boards {

namespace {

using agent::ChannelInfo;
using agent::StreamInfo;

constexpr uint32_t kFastestBits = 0x49742400u; // 1 MHz

/// Reads a payload front to back; what goes beyond its end turns it bad.
class Reader
{
public:
    Reader(const uint8_t* at, size_t size)
        : m_at(at)
        , m_left(size)
    {}

    bool ok() const { return m_ok; }
    uint8_t u8() { return need(1) ? *advance(1) : uint8_t{0}; }
    float f32() { return need(4) ? wire::getF32(advance(4)) : 0.0f; }

    void text(char* to)
    {
        const uint8_t length = u8();
        if (length > wire::kMaxNameLength || !need(length)) {
            m_ok = false;
            return;
        }
        memcpy(to, advance(length), length);
    }

private:
    bool need(size_t size)
    {
        m_ok = m_ok && m_left >= size;
        return m_ok;
    }
    const uint8_t* advance(size_t size)
    {
        const uint8_t* const from = m_at;
        m_at += size;
        m_left -= size;
        return from;
    }

    const uint8_t* m_at;
    size_t m_left;
    bool m_ok = true;
};

ChannelInfo readChannel(Reader& in)
{
    ChannelInfo channel;
    memset(&channel, 0, sizeof channel);
    channel.scale = in.f32();
    channel.offset = in.f32();
    in.text(channel.name);
    in.text(channel.unit);
    return channel;
}

} // namespace

bool DeclaredStream::take(const uint8_t* at, size_t size, size_t mostRowBytes)
{
    Reader in(at, size);
    StreamInfo stream = StreamInfo();
    const uint8_t type = in.u8();
    stream.name = m_name;
    stream.type = static_cast<wire::ElementType>(type);
    stream.channels = in.u8();
    stream.rateHz = in.f32();
    stream.period = agent::rowPeriod(stream.rateHz);
    stream.channel = m_channels;
    const uint32_t rateBits = agent::floatBits(stream.rateHz);
    const bool sensible = type <= static_cast<uint8_t>(wire::ElementType::Float32) && stream.channels > 0 &&
                          stream.channels <= m_capacity && rateBits > 0 && rateBits <= kFastestBits;
    if (!in.ok() || !sensible || stream.rowBytes() > mostRowBytes)
        return false;

    // Read twice, so that a description that is cut off changes nothing and needs no second set of channels.
    bool same = m_known && m_stream.type == stream.type && m_stream.channels == stream.channels &&
                agent::floatBits(m_stream.rateHz) == rateBits;
    Reader again = in;
    for (uint8_t i = 0; i < stream.channels; ++i) {
        const ChannelInfo channel = readChannel(in);
        same = same && memcmp(&channel, &m_channels[i], sizeof channel) == 0;
    }
    if (!in.ok())
        return false;
    if (same)
        return true;
    for (uint8_t i = 0; i < stream.channels; ++i)
        m_channels[i] = readChannel(again);
    m_stream = stream;
    m_known = true;
    ++m_version;
    return true;
}

} // namespace boards
} // namespace ember
