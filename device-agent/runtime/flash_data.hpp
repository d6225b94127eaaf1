// SPDX-License-Identifier: MIT-0
#pragma once

#include <stdint.h>

// Constant tables are read byte by byte through these, because on AVR they live in another address space and because
// tables are packed without regard to alignment. Compilers for cores with unaligned loads make one load of it again.

#if defined(__AVR__)
#include <avr/pgmspace.h>
#define EMBER_IN_FLASH PROGMEM
#else
#define EMBER_IN_FLASH
#endif

namespace ember {
namespace runtime {

inline uint8_t readFlash8(const uint8_t* at)
{
#if defined(__AVR__)
    return pgm_read_byte(at);
#else
    return *at;
#endif
}

/// Little-endian, at any address.
inline uint16_t readFlash16(const uint8_t* at)
{
    return static_cast<uint16_t>(readFlash8(at) | (static_cast<unsigned>(readFlash8(at + 1)) << 8));
}

/// Little-endian, at any address.
inline uint32_t readFlash32(const uint8_t* at)
{
    return readFlash8(at) | (static_cast<uint32_t>(readFlash8(at + 1)) << 8) |
           (static_cast<uint32_t>(readFlash8(at + 2)) << 16) | (static_cast<uint32_t>(readFlash8(at + 3)) << 24);
}

// Elements of typed tables.

inline int8_t fromFlash(const int8_t* at)
{
    return static_cast<int8_t>(readFlash8(reinterpret_cast<const uint8_t*>(at)));
}

inline uint16_t fromFlash(const uint16_t* at)
{
#if defined(__AVR__)
    return pgm_read_word(at);
#else
    return *at;
#endif
}

inline int16_t fromFlash(const int16_t* at)
{
    return static_cast<int16_t>(fromFlash(reinterpret_cast<const uint16_t*>(at)));
}

inline uint32_t fromFlash(const uint32_t* at)
{
#if defined(__AVR__)
    return pgm_read_dword(at);
#else
    return *at;
#endif
}

inline int32_t fromFlash(const int32_t* at)
{
    return static_cast<int32_t>(fromFlash(reinterpret_cast<const uint32_t*>(at)));
}

} // namespace runtime
} // namespace ember
