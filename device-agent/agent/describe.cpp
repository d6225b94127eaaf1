// SPDX-License-Identifier: MIT-0
#include "describe.hpp"

#include "../wire/cbor.hpp"
#include "../wire/frame.hpp"
#include "flash_text.hpp"

#include <string.h>

namespace ember {
namespace agent {

namespace {

/// The same with texts and keys that lie in flash.
class Writer : public wire::CborWriter
{
public:
    using CborWriter::CborWriter;

    void flashText(const char* text)
    {
        const size_t length = flashTextLength(text);
        textHead(length);
        for (size_t i = 0; i < length; ++i)
            textByte(runtime::readFlash8(reinterpret_cast<const uint8_t*>(text) + i));
    }
    void uintPair(const char* key, uint32_t value)
    {
        flashText(key);
        uint(value);
    }
    void floatPair(const char* key, float value)
    {
        flashText(key);
        float32(value);
    }
    void flashPair(const char* key, const char* value)
    {
        flashText(key);
        flashText(value);
    }
    void ramPair(const char* key, const char* value)
    {
        flashText(key);
        text(value);
    }
};

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
    out.ramPair(EMBER_TEXT("n"), number < 10 ? shortName : name);
    out.ramPair(EMBER_TEXT("u"), name + 3);
}

void writeChannel(Writer& out, const ChannelInfo* inFlash)
{
    ChannelInfo channel;
    copyFromFlash(&channel, inFlash, sizeof channel);
    const bool shifted = (floatBits(channel.offset) << 1) != 0;
    out.map(shifted ? 4 : 3);
    out.ramPair(EMBER_TEXT("n"), channel.name);
    out.ramPair(EMBER_TEXT("u"), channel.unit);
    out.floatPair(EMBER_TEXT("s"), channel.scale);
    if (shifted)
        out.floatPair(EMBER_TEXT("o"), channel.offset);
}

void writeStream(Writer& out, uint8_t number, const StreamInfo& stream)
{
    out.map(5);
    out.uintPair(EMBER_TEXT("i"), number);
    out.flashPair(EMBER_TEXT("n"), stream.name);
    out.uintPair(EMBER_TEXT("t"), static_cast<uint32_t>(stream.type));
    out.floatPair(EMBER_TEXT("r"), stream.rateHz);
    out.flashText(EMBER_TEXT("c"));
    out.array(stream.channels);
    for (uint8_t i = 0; i < stream.channels; ++i) {
        if (stream.channel)
            writeChannel(out, stream.channel + i);
        else
            writeUnnamedChannel(out, i);
    }
}

/// Those streams whose rows are known; says how many.
uint8_t writeStreams(Writer& out, const Streamer& first)
{
    uint8_t count = 0;
    for (const Streamer* at = &first; at != nullptr; at = at->next())
        count = static_cast<uint8_t>(count + (at->stream() != nullptr ? 1 : 0));
    out.flashText(EMBER_TEXT("st"));
    out.array(count);
    for (const Streamer* at = &first; at != nullptr; at = at->next()) {
        if (const StreamInfo* const info = at->stream())
            writeStream(out, at->number(), *info);
    }
    return count;
}

void writeModel(Writer& out, const ModelDescriptor& model)
{
    out.flashText(EMBER_TEXT("m"));
    const bool votes = model.outputType == wire::ElementType::Int32;
#if EMBER_EVENTS
    const uint32_t events = model.events != nullptr ? 1 : 0;
#else
    constexpr uint32_t events = 0;
#endif
    out.map((votes ? 11u : 12u) + events);
    out.flashPair(EMBER_TEXT("n"), model.name);
    out.flashPair(EMBER_TEXT("h"), model.hash);
    out.uintPair(EMBER_TEXT("k"), static_cast<uint32_t>(model.input));
    out.uintPair(EMBER_TEXT("w"), model.windowRows);
    out.uintPair(EMBER_TEXT("hp"), model.hopRows);
    out.uintPair(EMBER_TEXT("ic"), model.channels);
    out.uintPair(EMBER_TEXT("f"), model.featureCount);
    out.uintPair(EMBER_TEXT("ft"), static_cast<uint32_t>(model.featureType));
    out.uintPair(EMBER_TEXT("v"), model.outputCount);
    if (!votes)
        out.uintPair(EMBER_TEXT("vt"), static_cast<uint32_t>(model.outputType));
    out.flashText(EMBER_TEXT("c"));
    out.array(model.classCount);
    for (uint16_t i = 0; i < model.classCount; ++i)
        out.flashText(model.classNames[i]);
#if EMBER_EVENTS
    if (events > 0)
        out.uintPair(EMBER_TEXT("pa"), model.events->patience);
#endif
    const uint8_t first = model.input == InputKind::Window ? 0 : 1;
    out.flashText(EMBER_TEXT("sg"));
    out.array(static_cast<uint32_t>(kStages - first));
    for (uint8_t i = first; i < kStages; ++i)
        out.flashText(stageName(i));
}

void writeCapabilities(Writer& out, const DescriptionParts& parts, bool inject)
{
    const bool bootloader = parts.port.hasBootloader();
    out.flashText(EMBER_TEXT("cap"));
    uint32_t count = 1u + (inject ? 1u : 0u) + (parts.model ? 2u : 0u) + (bootloader ? 1u : 0u);
#if EMBER_LEARNING
    count += (parts.learns ? 1u : 0u) + (parts.keeps ? 1u : 0u);
#endif
#if EMBER_SELF_TEST
    const bool selfTest = parts.model != nullptr && parts.model->selfTest != nullptr;
    count += selfTest ? 1u : 0u;
#endif
    out.array(count);
    out.flashText(EMBER_TEXT("reset"));
#if EMBER_LEARNING
    if (parts.learns)
        out.flashText(EMBER_TEXT("learn"));
    if (parts.keeps)
        out.flashText(EMBER_TEXT("keep"));
#endif
#if EMBER_SELF_TEST
    if (selfTest)
        out.flashText(EMBER_TEXT("self-test"));
#endif
    if (inject)
        out.flashText(EMBER_TEXT("inject"));
    if (parts.model) {
        out.flashText(EMBER_TEXT("vector"));
        out.flashText(EMBER_TEXT("profile"));
    }
    if (bootloader)
        out.flashText(EMBER_TEXT("bootloader"));
}

} // namespace

size_t describe(const DescriptionParts& parts, uint8_t* buffer, size_t capacity)
{
    Writer out(buffer, capacity);
    out.map(parts.model ? 10 : 9);
    out.uintPair(EMBER_TEXT("p"), wire::kProtocolVersion);
    out.flashPair(EMBER_TEXT("fw"), EMBER_TEXT(EMBER_FIRMWARE_VERSION));
    out.flashText(EMBER_TEXT("id"));
    uint8_t buildId[20];
    copyFromFlash(buildId, parts.port.buildId(), sizeof buildId);
    out.bytes(buildId, sizeof buildId);
    out.flashPair(EMBER_TEXT("b"), parts.port.boardId());
    out.uintPair(EMBER_TEXT("s"), parts.port.session());
    out.uintPair(EMBER_TEXT("mp"), static_cast<uint32_t>(parts.largestPayload));
    out.uintPair(EMBER_TEXT("ch"), parts.port.cpuTickHz());
    const uint8_t streams = writeStreams(out, parts.streams);
    if (parts.model)
        writeModel(out, *parts.model);
    writeCapabilities(out, parts, kWithInject && streams > 0);
    return out.ok() ? out.size() : 0;
}

} // namespace agent
} // namespace ember
