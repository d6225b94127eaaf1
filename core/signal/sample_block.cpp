// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/signal/sample_block.h"

#include <cstring>

namespace ember::signal {
namespace {

// Raw samples are little-endian on the wire and in the store, and so is every host this program is built for.
template <typename T>
T readAt(const char* at)
{
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

template <typename T>
void convert(const QByteArray& rows, const StreamSpec& spec, std::vector<float>& out)
{
    const std::size_t channels = spec.channels.size();
    const std::size_t samples = static_cast<std::size_t>(rows.size()) / sizeof(T);
    out.resize(samples);
    for (std::size_t i = 0; i < samples; ++i) {
        const Channel& channel = spec.channels[i % channels];
        const auto raw = static_cast<float>(readAt<T>(rows.constData() + i * sizeof(T)));
        const float scaled = raw * static_cast<float>(channel.scale);
        out[i] = scaled + static_cast<float>(channel.offset);
    }
}

double rawAt(const char* at, SampleType type)
{
    switch (type) {
    case SampleType::Int8:
        return readAt<qint8>(at);
    case SampleType::Int16:
        return readAt<qint16>(at);
    case SampleType::Int32:
        return readAt<qint32>(at);
    case SampleType::Float32:
        return static_cast<double>(readAt<float>(at));
    }
    return 0.0;
}

} // namespace

double sampleValue(const SampleBlock& block, const StreamSpec& spec, qint64 rowInBlock, std::size_t channel)
{
    const std::size_t offset =
        static_cast<std::size_t>(rowInBlock) * spec.bytesPerRow() + channel * wire::elementSize(spec.type);
    if (channel >= spec.channels.size() ||
        offset + wire::elementSize(spec.type) > static_cast<std::size_t>(block.rows.size()))
        return 0.0;
    return rawAt(block.rows.constData() + offset, spec.type) * spec.channels[channel].scale +
           spec.channels[channel].offset;
}

std::vector<float> toPhysical(const QByteArray& rows, const StreamSpec& spec)
{
    std::vector<float> out;
    if (spec.channels.empty())
        return out;
    switch (spec.type) {
    case SampleType::Int8:
        convert<qint8>(rows, spec, out);
        break;
    case SampleType::Int16:
        convert<qint16>(rows, spec, out);
        break;
    case SampleType::Int32:
        convert<qint32>(rows, spec, out);
        break;
    case SampleType::Float32:
        convert<float>(rows, spec, out);
        break;
    }
    return out;
}

} // namespace ember::signal
