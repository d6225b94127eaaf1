// SPDX-License-Identifier: MIT-0
#include "describe.hpp"

#include "../wire/cbor.hpp"
#include "../wire/frame.hpp"

namespace ember {
namespace agent {

namespace {

using wire::CborWriter;

void writeUnnamedChannel(CborWriter& out, uint8_t number)
{
    const char name[4] = {'c', static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10), 0};
    const char shortName[3] = {'c', name[2], 0};
    out.map(2);
    out.textPair("n", number < 10 ? shortName : name);
    out.textPair("u", "");
}

void writeChannel(CborWriter& out, const ChannelInfo& channel)
{
    out.map(4);
    out.textPair("n", channel.name);
    out.textPair("u", channel.unit);
    out.floatPair("s", channel.scale);
    out.floatPair("o", channel.offset);
}

void writeStreams(CborWriter& out, const StreamInfo* stream)
{
    out.text("st");
    out.array(stream ? 1 : 0);
    if (!stream)
        return;
    out.map(5);
    out.uintPair("i", 0);
    out.textPair("n", stream->name);
    out.uintPair("t", static_cast<uint32_t>(stream->type));
    out.floatPair("r", stream->rateHz);
    out.text("c");
    out.array(stream->channels);
    for (uint8_t i = 0; i < stream->channels; ++i) {
        if (stream->channel)
            writeChannel(out, stream->channel[i]);
        else
            writeUnnamedChannel(out, i);
    }
}

void writeModel(CborWriter& out, const ModelDescriptor& model)
{
    out.text("m");
    out.map(11);
    out.textPair("n", model.name);
    out.textPair("h", model.hash);
    out.uintPair("k", static_cast<uint32_t>(model.input));
    out.uintPair("w", model.windowRows);
    out.uintPair("hp", model.hopRows);
    out.uintPair("ic", model.channels);
    out.uintPair("f", model.featureCount);
    out.uintPair("ft", static_cast<uint32_t>(model.featureType));
    out.uintPair("v", model.voteCount);
    out.text("c");
    out.array(model.classCount);
    for (uint16_t i = 0; i < model.classCount; ++i)
        out.text(model.classNames[i]);
    const uint8_t first = model.input == InputKind::Window ? 0 : 1;
    out.text("sg");
    out.array(2u - first);
    for (uint8_t i = first; i < 2; ++i)
        out.text(kStageNames[i]);
}

void writeCapabilities(CborWriter& out, const DescriptionParts& parts)
{
    const bool bootloader = parts.port.hasBootloader();
    out.text("cap");
    out.array(1u + (parts.stream ? 1u : 0u) + (parts.model ? 2u : 0u) + (bootloader ? 1u : 0u));
    out.text("reset");
    if (parts.stream)
        out.text("inject");
    if (parts.model) {
        out.text("vector");
        out.text("profile");
    }
    if (bootloader)
        out.text("bootloader");
}

} // namespace

size_t describe(const DescriptionParts& parts, uint8_t* buffer, size_t capacity)
{
    CborWriter out(buffer, capacity);
    out.map(parts.model ? 10 : 9);
    out.uintPair("p", wire::kProtocolVersion);
    out.textPair("fw", kFirmwareVersion);
    out.text("id");
    out.bytes(parts.port.buildId(), 20);
    out.textPair("b", parts.port.boardId());
    out.uintPair("s", parts.port.session());
    out.uintPair("mp", static_cast<uint32_t>(parts.largestPayload));
    out.uintPair("ch", parts.port.cpuTickHz());
    writeStreams(out, parts.stream);
    if (parts.model)
        writeModel(out, *parts.model);
    writeCapabilities(out, parts);
    return out.ok() ? out.size() : 0;
}

} // namespace agent
} // namespace ember
