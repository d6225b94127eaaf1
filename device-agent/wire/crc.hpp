// SPDX-License-Identifier: MIT-0
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace ember {
namespace wire {

/// CRC-16/CCITT-FALSE (polynomial 0x1021, initial value 0xFFFF, not reflected), one byte, without a table: the
/// shift form of the polynomial division. Check value of "123456789" is 0x29B1.
inline uint16_t crc16Update(uint16_t crc, uint8_t byte)
{
#if defined(__AVR__) // by the book, which is shorter there
    crc = static_cast<uint16_t>(crc ^ (static_cast<uint16_t>(byte) << 8));
    for (uint8_t bit = 8; bit > 0; --bit) {
        const bool carry = (crc & 0x8000u) != 0;
        crc = static_cast<uint16_t>(crc << 1);
        if (carry)
            crc ^= 0x1021u;
    }
    return crc;
#else
    uint16_t c = static_cast<uint16_t>((crc >> 8) | (crc << 8));
    c = static_cast<uint16_t>(c ^ byte);
    c = static_cast<uint16_t>(c ^ ((c & 0xFFu) >> 4));
    c = static_cast<uint16_t>(c ^ (c << 12));
    c = static_cast<uint16_t>(c ^ ((c & 0xFFu) << 5));
    return c;
#endif
}

inline uint16_t crc16(const uint8_t* data, size_t size, uint16_t crc = 0xFFFF)
{
    for (size_t i = 0; i < size; ++i)
        crc = crc16Update(crc, data[i]);
    return crc;
}

/// CRC-32 (ISO-HDLC: polynomial 0x04C11DB7 reflected, initial value and final exclusive-or all ones), one byte of the
/// running value, four bits at a time. Check value of "123456789" is 0xCBF43926.
inline uint32_t crc32Update(uint32_t running, uint8_t byte)
{
#if defined(__AVR__)
    // A table would take RAM there, and frames that are long enough for this CRC do not fit such a chip anyway.
    running ^= byte;
    for (uint8_t bit = 0; bit < 8; ++bit)
        running = (running >> 1) ^ ((running & 1u) != 0 ? 0xEDB88320u : 0u);
    return running;
#else
    static const uint32_t kNibble[16] = {0x00000000u, 0x1DB71064u, 0x3B6E20C8u, 0x26D930ACu, 0x76DC4190u, 0x6B6B51F4u,
                                         0x4DB26158u, 0x5005713Cu, 0xEDB88320u, 0xF00F9344u, 0xD6D6A3E8u, 0xCB61B38Cu,
                                         0x9B64C2B0u, 0x86D3D2D4u, 0xA00AE278u, 0xBDBDF21Cu};
    running = kNibble[(running ^ byte) & 0x0Fu] ^ (running >> 4);
    running = kNibble[(running ^ (byte >> 4)) & 0x0Fu] ^ (running >> 4);
    return running;
#endif
}

inline uint32_t crc32(const uint8_t* data, size_t size)
{
    uint32_t running = 0xFFFFFFFFu;
    for (size_t i = 0; i < size; ++i)
        running = crc32Update(running, data[i]);
    return ~running;
}

} // namespace wire
} // namespace ember
