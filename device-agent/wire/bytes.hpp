// SPDX-License-Identifier: MIT-0
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace ember {
namespace wire {

// Little-endian access to unaligned bytes, on any host and any board.

#if defined(__AVR__) // one store for all bytes: memory is little-endian there, and knows no alignment
inline void putU16(uint8_t* at, uint16_t v)
{
    memcpy(at, &v, sizeof v);
}

inline void putU32(uint8_t* at, uint32_t v)
{
    memcpy(at, &v, sizeof v);
}

inline uint16_t getU16(const uint8_t* at)
{
    uint16_t v;
    memcpy(&v, at, sizeof v);
    return v;
}

inline uint32_t getU32(const uint8_t* at)
{
    uint32_t v;
    memcpy(&v, at, sizeof v);
    return v;
}
#else
inline void putU16(uint8_t* at, uint16_t v)
{
    at[0] = static_cast<uint8_t>(v);
    at[1] = static_cast<uint8_t>(v >> 8);
}

inline void putU32(uint8_t* at, uint32_t v)
{
    putU16(at, static_cast<uint16_t>(v));
    putU16(at + 2, static_cast<uint16_t>(v >> 16));
}

inline uint16_t getU16(const uint8_t* at)
{
    return static_cast<uint16_t>(at[0] | (static_cast<uint16_t>(at[1]) << 8));
}

inline uint32_t getU32(const uint8_t* at)
{
    return static_cast<uint32_t>(getU16(at)) | (static_cast<uint32_t>(getU16(at + 2)) << 16);
}
#endif

inline void putF32(uint8_t* at, float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    putU32(at, bits);
}

inline float getF32(const uint8_t* at)
{
    const uint32_t bits = getU32(at);
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

} // namespace wire
} // namespace ember
