// SPDX-License-Identifier: MIT-0
// The description of a firmware whose streams, and all else but a few numbers, are known when it is compiled: pieces of
// CBOR in flash, one after the other.
#include "../wire/frame.hpp"
#include "describe.hpp"
#include "flash_text.hpp"

#if EMBER_FIXED_DESCRIPTION

namespace ember {
namespace agent {

namespace {

/// Copies `size` bytes of flash; returns where the next ones go.
EMBER_APART uint8_t* append(uint8_t* at, const void* piece, uint8_t size)
{
    const uint8_t* from = static_cast<const uint8_t*>(piece);
    for (; size > 0; --size)
        *at++ = runtime::readFlash8(from++);
    return at;
}

/// CBOR without a zero byte.
EMBER_APART uint8_t* append(uint8_t* at, const char* piece)
{
    return append(at, piece, static_cast<uint8_t>(flashTextLength(piece)));
}

/// A number in four bytes.
EMBER_APART uint8_t* append(uint8_t* at, uint32_t number)
{
    at[0] = static_cast<uint8_t>(number >> 24);
    at[1] = static_cast<uint8_t>(number >> 16);
    at[2] = static_cast<uint8_t>(number >> 8);
    at[3] = static_cast<uint8_t>(number);
    return at + 4;
}

} // namespace

// Nothing here looks whether there is room: kFixedDescriptionBytes tells the port how much there has to be.
size_t describe(const DescriptionParts& parts, uint8_t* const buffer, size_t)
{
    static_assert(wire::kProtocolVersion == 1 && sizeof EMBER_FIRMWARE_VERSION == 6, "as the bytes here have it");
    static_assert(sizeof EMBER_BOARD_ID <= 24, "a text of CBOR whose length is in its first byte");
    uint8_t* at = append(buffer, EMBER_TEXT("\xA9\x61p\x01\x62"
                                            "fw\x65" EMBER_FIRMWARE_VERSION "\x63"
                                            "cap\x81\x65reset\x61"
                                            "b"));
    *at++ = 0x60 + sizeof EMBER_BOARD_ID - 1;
    at = append(at, EMBER_TEXT(EMBER_BOARD_ID "\x62mp\x18"));
    *at++ = static_cast<uint8_t>(parts.largestPayload);
    at = append(at, EMBER_TEXT("\x62"
                               "ch\x1A"));
    at = append(at, parts.port.cpuTickHz());
    at = append(at, EMBER_TEXT("\x61s\x1A"));
    at = append(at, parts.port.session());
    at = append(at, EMBER_TEXT("\x62id\x54"));
    at = append(at, parts.port.buildId(), 20);
    at = append(at, EMBER_TEXT("\x62st\x80"));
    uint8_t* const streams = at - 1;
    for (const Streamer* stream = &parts.streams; stream != nullptr; stream = stream->next()) {
        const StreamInfo* const info = stream->stream();
        if (info == nullptr)
            continue;
        ++*streams; // the head of an array of so many
        at = append(at, info->described, info->describedBytes);
        at = append(at, floatBits(info->rateHz));
    }
    return static_cast<size_t>(at - buffer);
}

} // namespace agent
} // namespace ember

#endif
