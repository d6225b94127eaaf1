// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "device-agent/wire/messages.hpp"

#include <QString>

#include <cstddef>
#include <vector>

namespace ember::signal {

/// Element type of raw samples; the codes are those of the wire and of the project file.
using SampleType = wire::ElementType;

/// One column of a stream. A raw sample means `raw * scale + offset` in `unit`.
struct Channel
{
    QString name;
    QString unit;
    double scale = 1.0;
    double offset = 0.0;

    friend bool operator==(const Channel&, const Channel&) = default;
};

/// Channels that are sampled together at one rate. A row is one sample of each channel, in order.
struct StreamSpec
{
    QString name;
    SampleType type = SampleType::Float32;
    double rateHz = 0.0; ///< nominal; 0 when unknown
    std::vector<Channel> channels;

    std::size_t bytesPerRow() const { return channels.size() * wire::elementSize(type); }

    friend bool operator==(const StreamSpec&, const StreamSpec&) = default;
};

/// "int16", "float32", ... as in files and JSON.
QString sampleTypeName(SampleType type);

} // namespace ember::signal
