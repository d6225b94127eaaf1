// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/recording.h"

#include <algorithm>
#include <cmath>

namespace ember::dataset {

namespace {

// Sensors of one kind differ by some tenths of a percent, and features do not feel it.
constexpr double kRateTolerance = 0.01;

QString channelNames(const signal::StreamSpec& stream)
{
    QStringList names;
    for (const signal::Channel& channel : stream.channels)
        names << channel.name;
    return names.join(QStringLiteral(", "));
}

QString channelDifference(const signal::Channel& a, const signal::Channel& b)
{
    // A unit that one file does not tell is no contradiction.
    if (a.unit != b.unit && !a.unit.isEmpty() && !b.unit.isEmpty())
        return QStringLiteral("the unit of '%1' is %2 against %3").arg(a.name, a.unit, b.unit);
    if (a.scale != b.scale)
        return QStringLiteral("the scale of '%1' is %2 against %3").arg(a.name).arg(a.scale).arg(b.scale);
    if (a.offset != b.offset)
        return QStringLiteral("the offset of '%1' is %2 against %3").arg(a.name).arg(a.offset).arg(b.offset);
    return {};
}

} // namespace

QString groupKindName(GroupKind kind)
{
    switch (kind) {
    case GroupKind::Subject:
        return QStringLiteral("subject");
    case GroupKind::Device:
        return QStringLiteral("device");
    case GroupKind::Session:
        return QStringLiteral("session");
    }
    return QStringLiteral("unknown");
}

QString recordingStateName(RecordingState state)
{
    switch (state) {
    case RecordingState::Recording:
        return QStringLiteral("recording");
    case RecordingState::Finished:
        return QStringLiteral("finished");
    case RecordingState::Interrupted:
        return QStringLiteral("interrupted");
    }
    return QStringLiteral("unknown");
}

QString layoutDifference(const signal::StreamSpec& a, const signal::StreamSpec& b)
{
    if (const QString ours = channelNames(a), theirs = channelNames(b); ours != theirs)
        return QStringLiteral("the channels are %1 against %2").arg(ours, theirs);
    if (a.type != b.type)
        return QStringLiteral("the samples are %1 against %2")
            .arg(signal::sampleTypeName(a.type), signal::sampleTypeName(b.type));
    for (std::size_t i = 0; i < a.channels.size(); ++i) {
        if (const QString difference = channelDifference(a.channels[i], b.channels[i]); !difference.isEmpty())
            return difference;
    }
    if (std::abs(a.rateHz - b.rateHz) > kRateTolerance * std::max(a.rateHz, b.rateHz))
        return QStringLiteral("the rate is %1 Hz against %2 Hz").arg(a.rateHz).arg(b.rateHz);
    return {};
}

bool sameLayout(const signal::StreamSpec& a, const signal::StreamSpec& b)
{
    return layoutDifference(a, b).isEmpty();
}

} // namespace ember::dataset
