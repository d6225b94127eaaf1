// SPDX-License-Identifier: MIT-0
#pragma once

#include "bytes.hpp"
#include "cobs.hpp"
#include "crc.hpp"

#include <stddef.h>
#include <stdint.h>

namespace ember {
namespace wire {

// One frame on the link, before COBS and the 0x00 delimiter; everything little-endian:
//
//   offset  size  field
//   0       1     version (high four bits, now 1) and flags (low four; bit 0: CRC-32 instead of CRC-16)
//   1       1     type, a MessageType
//   2       1     stream, 0 where the message is about no stream
//   3       1     credit: how many more frames the sender can take at once; 0 says nothing
//   4       4     seq: counts the sender's frames, of all streams together, wraps
//   8       4     ticks: the sender's clock in microseconds, wraps; for samples, the time of the first row
//   12      n     payload, see messages.hpp
//   12 + n  2|4   CRC-16/CCITT-FALSE or CRC-32 over all bytes before it
//
// Frames of up to 4096 bytes carry the CRC-16, longer ones the CRC-32.

constexpr uint8_t kProtocolVersion = 1;
constexpr uint8_t kFlagCrc32 = 0x1;
constexpr size_t kHeaderSize = 12;
constexpr size_t kCrc16Limit = 4096;
#if defined(__AVR__)
constexpr bool kWideFrames = false; ///< a frame that is long enough for the CRC-32 does not fit such a chip
#else
constexpr bool kWideFrames = true;
#endif

struct FrameHeader
{
    uint8_t flags = 0;
    uint8_t type = 0;
    uint8_t stream = 0;
    uint8_t credit = 0;
    uint32_t seq = 0;
    uint32_t ticks = 0;
};

inline void packHeader(const FrameHeader& h, uint8_t* at)
{
    at[0] = static_cast<uint8_t>((kProtocolVersion << 4) | (h.flags & 0x0F));
    at[1] = h.type;
    at[2] = h.stream;
    at[3] = h.credit;
    putU32(at + 4, h.seq);
    putU32(at + 8, h.ticks);
}

inline void unpackHeader(const uint8_t* at, FrameHeader* h)
{
    h->flags = static_cast<uint8_t>(at[0] & 0x0F);
    h->type = at[1];
    h->stream = at[2];
    h->credit = at[3];
    h->seq = getU32(at + 4);
    h->ticks = getU32(at + 8);
}

/// Bytes a frame with this payload has before COBS.
constexpr size_t frameSize(size_t payloadSize)
{
    return kHeaderSize + payloadSize + (kHeaderSize + payloadSize + 2 > kCrc16Limit ? 4 : 2);
}

/// Makes a frame in place: `buffer` holds kHeaderSize free bytes, then the payload, then room for four bytes of CRC;
/// header and CRC are written into it, and the CRC flag is chosen. Returns the bytes to encode.
inline size_t sealFrame(FrameHeader header, uint8_t* buffer, size_t payloadSize)
{
    const bool wide = kWideFrames && kHeaderSize + payloadSize + 2 > kCrc16Limit;
    header.flags = static_cast<uint8_t>(wide ? (header.flags | kFlagCrc32) : (header.flags & ~kFlagCrc32));
    packHeader(header, buffer);
    const size_t size = kHeaderSize + payloadSize;
    if (wide) {
        putU32(buffer + size, crc32(buffer, size));
        return size + 4;
    }
    putU16(buffer + size, crc16(buffer, size));
    return size + 2;
}

/// Sends one frame through `emit(uint8_t)`, delimiter included; `buffer` as for sealFrame.
template <typename Emit>
void sendFrame(FrameHeader header, uint8_t* buffer, size_t payloadSize, Emit emit)
{
    cobsEncode(buffer, sealFrame(header, buffer, payloadSize), emit);
    emit(0);
}

enum class FrameVerdict : uint8_t
{
    NeedMore,   ///< no frame has ended yet
    Valid,      ///< header(), payload() and payloadSize() describe it until the next push()
    Torn,       ///< ended in the middle of a COBS group, or too short to be a frame
    TooLong,    ///< did not fit the receiver's buffer
    BadCrc,     ///< arrived whole but damaged
    BadVersion, ///< a version this receiver does not speak
};

#if defined(__AVR__)
using ReceivedSize = uint8_t; ///< what such a chip receives is short
#else
using ReceivedSize = size_t;
#endif
constexpr ReceivedSize kMostReceived = static_cast<ReceivedSize>(-2); ///< bytes; longer buffers are not used

/// Finds frames in a stream of bytes. Bytes before the first delimiter are tried as a frame too; between two frames
/// empty ones (delimiter after delimiter) are passed over in silence. The caller owns the buffer.
class FrameReceiver
{
public:
    constexpr FrameReceiver(uint8_t* buffer, size_t capacity)
        : m_buffer(buffer)
        , m_capacity(capacity < kMostReceived ? static_cast<ReceivedSize>(capacity) : kMostReceived)
    {}

    FrameVerdict push(uint8_t byte)
    {
        if (byte == 0)
            return finish();
        uint8_t decoded = 0;
        if (m_cobs.push(byte, &decoded) == 0 || m_size > m_capacity)
            return FrameVerdict::NeedMore;
        if (m_size < m_capacity)
            m_buffer[m_size] = decoded;
        ++m_size;
        return FrameVerdict::NeedMore;
    }

    FrameHeader header() const
    {
        FrameHeader header;
        unpackHeader(m_buffer, &header);
        return header;
    }
    // Some of it, each by itself.
    uint8_t type() const { return m_buffer[1]; }
    uint8_t stream() const { return m_buffer[2]; }
    uint32_t seq() const { return getU32(m_buffer + 4); }

    size_t capacity() const { return m_capacity; }
    const uint8_t* payload() const { return m_buffer + kHeaderSize; }
    ReceivedSize payloadSize() const { return m_payloadSize; }

private:
    FrameVerdict finish()
    {
        const FrameVerdict verdict = m_size == 0 && m_cobs.fresh() ? FrameVerdict::NeedMore : check();
        m_cobs.reset();
        m_size = 0;
        return verdict;
    }

    FrameVerdict check()
    {
        if (m_size > m_capacity)
            return FrameVerdict::TooLong;
        if (!m_cobs.complete() || m_size < kHeaderSize + 2)
            return FrameVerdict::Torn;
        const bool wide = kWideFrames && (m_buffer[0] & kFlagCrc32) != 0;
        const uint8_t crcSize = wide ? 4 : 2;
        if (m_size < kHeaderSize + crcSize)
            return FrameVerdict::Torn;
        const ReceivedSize body = static_cast<ReceivedSize>(m_size - crcSize);
        const bool good =
            wide ? crc32(m_buffer, body) == getU32(m_buffer + body) : crc16(m_buffer, body) == getU16(m_buffer + body);
        if (!good)
            return FrameVerdict::BadCrc;
        // Where there are no wide frames nobody has a reason to send a short one with their flag.
        if ((m_buffer[0] & (kWideFrames ? 0xF0 : 0xF0 | kFlagCrc32)) != kProtocolVersion << 4)
            return FrameVerdict::BadVersion;
        m_payloadSize = static_cast<ReceivedSize>(body - kHeaderSize);
        return FrameVerdict::Valid;
    }

    uint8_t* m_buffer;
    ReceivedSize m_capacity;
    ReceivedSize m_size = 0; ///< beyond the capacity when it is too long
    ReceivedSize m_payloadSize = 0;
    CobsDecoder m_cobs;
};

} // namespace wire
} // namespace ember
