// SPDX-License-Identifier: MIT-0
#include "describe.hpp"

#include "../wire/cbor.hpp"
#include "../wire/frame.hpp"
#include "flash_text.hpp"

#include <string.h>

#if !EMBER_FIXED_DESCRIPTION

namespace ember {
namespace agent {

namespace {

/// The same with texts that lie in flash, and with pieces that are CBOR already: what does not depend on the board is
/// written down as its bytes.
class Writer : public wire::CborWriter
{
public:
    using CborWriter::CborWriter;

    EMBER_APART void flashBytes(const void* bytes, size_t count)
    {
        for (const uint8_t* at = static_cast<const uint8_t*>(bytes); count > 0; --count)
            byte(runtime::readFlash8(at++));
    }
    /// CBOR without a zero byte.
    EMBER_APART void encoded(const char* piece) { flashBytes(piece, flashTextLength(piece)); }
    void flashText(const char* text)
    {
        const size_t length = flashTextLength(text);
        textHead(length);
        flashBytes(text, length);
    }
    void uintPair(const char* encodedKey, uint32_t value)
    {
        encoded(encodedKey);
        uint(value);
    }
    void widePair(const char* encodedKey, uint32_t value)
    {
        encoded(encodedKey);
        wideUint(value);
    }
    void floatPair(const char* encodedKey, float value)
    {
        encoded(encodedKey);
        float32(value);
    }
    void flashPair(const char* encodedKey, const char* value)
    {
        encoded(encodedKey);
        flashText(value);
    }
    void ramPair(const char* encodedKey, const char* value)
    {
        encoded(encodedKey);
        text(value);
    }
};

// A text of CBOR begins with 0x60 and its length. Where the next letter is a hexadecimal digit, a new literal keeps it
// apart.
#define EMBER_KEY1(letter) EMBER_TEXT("\x61" letter)
#define EMBER_KEY2(letters) EMBER_TEXT("\x62" letters)

// The stages of a profile, in order; feature-vector models have the second only.
constexpr uint8_t kStages = 2;
const char* stageName(uint8_t stage)
{
    return stage == 0 ? EMBER_TEXT("features") : EMBER_TEXT("model");
}

void writeUnnamedChannel(Writer& out, uint8_t number)
{
    const char name[4] = {'c', static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10), 0};
    const char shortName[3] = {'c', name[2], 0};
    out.map(2);
    out.ramPair(EMBER_KEY1("n"), number < 10 ? shortName : name);
    out.ramPair(EMBER_KEY1("u"), name + 3);
}

#if EMBER_DESCRIBED_STREAMS

void writeChannels(Writer& out, const StreamInfo& stream)
{
    for (uint8_t i = 0; i < stream.channels; ++i)
        writeUnnamedChannel(out, i);
}

#else

void writeChannel(Writer& out, const ChannelInfo* inFlash)
{
    ChannelInfo channel;
    copyFromFlash(&channel, inFlash, sizeof channel);
    const bool shifted = (floatBits(channel.offset) << 1) != 0;
    out.map(shifted ? 4 : 3);
    out.ramPair(EMBER_KEY1("n"), channel.name);
    out.ramPair(EMBER_KEY1("u"), channel.unit);
    out.floatPair(EMBER_KEY1("s"), channel.scale);
    if (shifted)
        out.floatPair(EMBER_KEY1("o"), channel.offset);
}

void writeChannels(Writer& out, const StreamInfo& stream)
{
    for (uint8_t i = 0; i < stream.channels; ++i) {
        if (stream.channel)
            writeChannel(out, stream.channel + i);
        else
            writeUnnamedChannel(out, i);
    }
}

#endif

void writeStream(Writer& out, uint8_t number, const StreamInfo& stream)
{
    static_assert(wire::kMaxChannels < 24, "a number this small is one byte, and so is the head of an array");
#if EMBER_DESCRIBED_STREAMS
    if (stream.described != nullptr) {
        out.flashBytes(stream.described, stream.describedBytes);
        out.bigEndian(floatBits(stream.rateHz), 4);
        return;
    }
#endif
    out.encoded(EMBER_TEXT("\xA5\x61i"));
    out.byte(number);
    out.floatPair(EMBER_KEY1("r"), stream.rateHz);
    out.flashPair(EMBER_KEY1("n"), stream.name);
    out.encoded(EMBER_KEY1("t"));
    out.byte(static_cast<uint8_t>(stream.type));
    out.encoded(EMBER_KEY1("c"));
    out.byte(static_cast<uint8_t>(0x80 + stream.channels));
    writeChannels(out, stream);
}

/// Those streams whose rows are known; says how many.
uint8_t writeStreams(Writer& out, const Streamer& first)
{
    uint8_t count = 0;
    for (const Streamer* at = &first; at != nullptr; at = at->next())
        count = static_cast<uint8_t>(count + (at->stream() != nullptr ? 1 : 0));
    out.encoded(EMBER_TEXT("\x62st"));
    out.byte(static_cast<uint8_t>(0x80 + count));
    for (const Streamer* at = &first; at != nullptr; at = at->next()) {
        if (const StreamInfo* const info = at->stream())
            writeStream(out, at->number(), *info);
    }
    return count;
}

void writeModel(Writer& out, const ModelDescriptor& model)
{
    out.encoded(EMBER_KEY1("m"));
    const bool votes = model.outputType == wire::ElementType::Int32;
#if EMBER_EVENTS
    const uint32_t events = model.events != nullptr ? 1 : 0;
#else
    constexpr uint32_t events = 0;
#endif
    out.map((votes ? 11u : 12u) + events);
    out.flashPair(EMBER_KEY1("n"), model.name);
    out.flashPair(EMBER_KEY1("h"), model.hash);
    out.uintPair(EMBER_KEY1("k"), static_cast<uint32_t>(model.input));
    out.uintPair(EMBER_KEY1("w"), model.windowRows);
    out.uintPair(EMBER_KEY2("hp"), model.hopRows);
    out.uintPair(EMBER_KEY2("ic"), model.channels);
    out.uintPair(EMBER_KEY1("f"), model.featureCount);
    out.uintPair(EMBER_KEY2("ft"), static_cast<uint32_t>(model.featureType));
    out.uintPair(EMBER_KEY1("v"), model.outputCount);
    if (!votes)
        out.uintPair(EMBER_KEY2("vt"), static_cast<uint32_t>(model.outputType));
    out.encoded(EMBER_KEY1("c"));
    out.array(model.classCount);
    for (uint16_t i = 0; i < model.classCount; ++i)
        out.flashText(model.classNames[i]);
#if EMBER_EVENTS
    if (events > 0)
        out.uintPair(EMBER_KEY2("pa"), model.events->patience);
#endif
    const uint8_t first = model.input == InputKind::Window ? 0 : 1;
    out.encoded(EMBER_KEY2("sg"));
    out.array(static_cast<uint32_t>(kStages - first));
    for (uint8_t i = first; i < kStages; ++i)
        out.flashText(stageName(i));
}

void writeCapabilities(Writer& out, const DescriptionParts& parts, bool inject)
{
    const bool bootloader = parts.port.hasBootloader();
    unsigned count = 1u + (inject ? 1u : 0u) + (parts.hasModel() ? 2u : 0u) + (bootloader ? 1u : 0u);
#if EMBER_LEARNING
    count += (parts.learns ? 1u : 0u) + (parts.keeps ? 1u : 0u);
#endif
#if EMBER_SELF_TEST
    const bool selfTest = parts.hasModel() && parts.model->selfTest != nullptr;
    count += selfTest ? 1u : 0u;
#endif
    out.encoded(EMBER_TEXT("\x63"
                           "cap"));
    out.byte(static_cast<uint8_t>(0x80 + count));
    out.encoded(EMBER_TEXT("\x65reset"));
#if EMBER_LEARNING
    if (parts.learns)
        out.encoded(EMBER_TEXT("\x65learn"));
    if (parts.keeps)
        out.encoded(EMBER_TEXT("\x64keep"));
#endif
#if EMBER_SELF_TEST
    if (selfTest)
        out.encoded(EMBER_TEXT("\x69self-test"));
#endif
    if (inject)
        out.encoded(EMBER_TEXT("\x66inject"));
    if (parts.hasModel())
        out.encoded(EMBER_TEXT("\x66vector\x67profile"));
    if (bootloader)
        out.encoded(EMBER_TEXT("\x6A"
                               "bootloader"));
}

} // namespace

size_t describe(const DescriptionParts& parts, uint8_t* buffer, size_t capacity)
{
    Writer out(buffer, capacity);
    static_assert(wire::kProtocolVersion == 1 && sizeof EMBER_FIRMWARE_VERSION == 6, "as the bytes here have it");
    out.byte(parts.hasModel() ? 0xAA : 0xA9);
    out.encoded(EMBER_TEXT("\x61p\x01\x62"
                           "fw\x65" EMBER_FIRMWARE_VERSION "\x62id\x54"));
    out.flashBytes(parts.port.buildId(), 20);
    out.encoded(EMBER_TEXT("\x61"
                           "b"));
    out.flashText(parts.port.boardId());
    out.widePair(EMBER_TEXT("\x61s"), parts.port.session());
    out.widePair(EMBER_TEXT("\x62mp"), static_cast<uint32_t>(parts.largestPayload));
    out.widePair(EMBER_TEXT("\x62"
                            "ch"),
                 parts.port.cpuTickHz());
    const uint8_t streams = writeStreams(out, parts.streams);
    if (parts.hasModel())
        writeModel(out, *parts.model);
    writeCapabilities(out, parts, kWithInject && streams > 0);
    return out.ok() ? out.size() : 0;
}

} // namespace agent
} // namespace ember

#endif
