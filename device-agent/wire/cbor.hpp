// SPDX-License-Identifier: MIT-0
#pragma once

#include "bytes.hpp"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace ember {
namespace wire {

/// Writes CBOR (RFC 8949) into a fixed buffer: definite lengths, unsigned integers up to 32 bits, float32, text, bytes,
/// arrays and maps. What does not fit is not written and ok() turns false.
class CborWriter
{
public:
    CborWriter(uint8_t* buffer, size_t capacity)
        : m_buffer(buffer)
        , m_capacity(capacity)
    {}

    void map(uint32_t pairs) { head(5, pairs); }
    void array(uint32_t items) { head(4, items); }
    void uint(uint32_t value) { head(0, value); }
    void text(const char* value) { text(value, strlen(value)); }
    void text(const char* value, size_t length)
    {
        head(3, static_cast<uint32_t>(length));
        raw(reinterpret_cast<const uint8_t*>(value), length);
    }
    /// For a text that is not in one piece of memory: its length, then as many byte().
    void textHead(size_t length) { head(3, static_cast<uint32_t>(length)); }
    /// A byte of the encoding.
    void byte(uint8_t byte) { put(byte); }
    /// The last bytes of a number, first the most significant.
    void bigEndian(uint32_t value, uint8_t count)
    {
        uint8_t bytes[4];
        putU32(bytes, value);
        while (count > 0)
            put(bytes[--count]);
    }
    void bytes(const uint8_t* value, size_t length)
    {
        head(2, static_cast<uint32_t>(length));
        raw(value, length);
    }
    void float32(float value)
    {
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        put(0xFA);
        bigEndian(bits, 4);
    }
    /// An unsigned integer in five bytes, whatever its value: shorter code, where the value is mostly a large one.
    void wideUint(uint32_t value)
    {
        put(0x1A);
        bigEndian(value, 4);
    }

    void uintPair(const char* key, uint32_t value)
    {
        text(key);
        uint(value);
    }
    void textPair(const char* key, const char* value)
    {
        text(key);
        text(value);
    }
    void floatPair(const char* key, float value)
    {
        text(key);
        float32(value);
    }

    size_t size() const { return m_size; }
    bool ok() const { return m_ok; }

private:
    void put(uint8_t byte)
    {
        if (m_size < m_capacity)
            m_buffer[m_size++] = byte;
        else
            m_ok = false;
    }
    void raw(const uint8_t* data, size_t length)
    {
        for (size_t i = 0; i < length; ++i)
            put(data[i]);
    }
    void head(uint8_t major, uint32_t value)
    {
        const uint8_t type = static_cast<uint8_t>(major << 5);
        if (value < 24) {
            put(static_cast<uint8_t>(type | value));
        } else if (value < 0x100) {
            put(static_cast<uint8_t>(type | 24));
            bigEndian(value, 1);
        } else if (value < 0x10000) {
            put(static_cast<uint8_t>(type | 25));
            bigEndian(value, 2);
        } else {
            put(static_cast<uint8_t>(type | 26));
            bigEndian(value, 4);
        }
    }

    uint8_t* m_buffer;
    size_t m_capacity;
    size_t m_size = 0;
    bool m_ok = true;
};

} // namespace wire
} // namespace ember
