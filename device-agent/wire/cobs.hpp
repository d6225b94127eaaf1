// SPDX-License-Identifier: MIT-0
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace ember {
namespace wire {

// Consistent Overhead Byte Stuffing (Cheshire and Baker, IEEE/ACM Transactions on Networking 7(2), 1999): no zero byte
// inside a frame, so that a zero is always its end and a reader that joins late is in step after one frame.

/// Longest encoding of `size` bytes, without the delimiter.
constexpr size_t cobsMaxEncodedSize(size_t size)
{
    return size + size / 254 + 1;
}

/// Gives the encoding of `data` to `emit(uint8_t)` byte by byte, without the delimiter; needs no second buffer.
template <typename Emit>
void cobsEncode(const uint8_t* data, size_t size, Emit emit)
{
    size_t start = 0;
    for (;;) {
        size_t length = 0;
        while (length < 254 && start + length < size && data[start + length] != 0)
            ++length;
        emit(static_cast<uint8_t>(length + 1));
        for (size_t i = 0; i < length; ++i)
            emit(data[start + i]);
        start += length;
        if (length == 254) {
            // A full group stands for no zero; it is the last one only when the data ends with it.
            if (start == size)
                return;
            continue;
        }
        if (start == size)
            return;
        ++start; // the zero that the group's end stands for
        if (start == size) {
            emit(1);
            return;
        }
    }
}

/// The same encoding one byte at a time, for a link that takes a byte only now and then. The data must stay as it is
/// until finished().
class CobsEncoder
{
public:
    void begin(const uint8_t* data, size_t size)
    {
        m_at = data;
        m_end = data + size;
        m_left = 0;
        m_code = 0;
        advance();
    }

    bool finished() const { return m_end == nullptr; }
    /// The byte that is due, the delimiter included; not to be asked for when finished, nor may advance() be called.
    uint8_t byte() const { return m_byte; }
    /// On to the byte behind it.
    void advance()
    {
        if (m_left > 0) {
            --m_left;
            m_byte = *m_at++;
            return;
        }
        if (m_code != 0) { // a group has ended
            if (m_at == m_end) {
                // The delimiter, and what comes after it.
                if (m_byte == 0)
                    m_end = nullptr;
                m_byte = 0;
                return;
            }
            // A full group stands for no zero. When the zero is the last byte, an empty group follows.
            if (m_code != 0xFF)
                ++m_at;
        }
        uint8_t code = 1;
        for (const uint8_t* at = m_at; at != m_end && *at != 0 && code != 0xFF; ++at)
            ++code;
        m_left = static_cast<uint8_t>(code - 1);
        m_code = code;
        m_byte = code;
    }

    /// Both at once.
    uint8_t next()
    {
        const uint8_t due = m_byte;
        advance();
        return due;
    }

private:
    const uint8_t* m_at = nullptr;
    const uint8_t* m_end = nullptr;
    uint8_t m_left = 0; ///< bytes of the group
    uint8_t m_code = 0; ///< of the group; 0 before the first
    uint8_t m_byte = 0;
};

/// Decodes a frame byte by byte as it arrives.
class CobsDecoder
{
public:
    void reset()
    {
        m_left = 0;
        m_zeroPending = false;
    }

    /// Takes one non-zero byte of the stream. Returns how many decoded bytes (0, 1) it produced in `*out`; a group's
    /// code byte may produce the zero that ended the group before it.
    size_t push(uint8_t byte, uint8_t* out)
    {
        if (m_left == 0) {
            const bool zero = m_zeroPending;
            m_left = static_cast<uint8_t>(byte - 1);
            m_zeroPending = byte != 0xFF;
            if (zero) {
                *out = 0;
                return 1;
            }
            return 0;
        }
        --m_left;
        *out = byte;
        return 1;
    }

    /// Whether nothing has come since reset(), or full groups alone.
    bool fresh() const { return m_left == 0 && !m_zeroPending; }
    /// At the delimiter: whether the frame ended where its last group said it would.
    bool complete() const { return m_left == 0; }

private:
    uint8_t m_left = 0;
    bool m_zeroPending = false;
};

} // namespace wire
} // namespace ember
