// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/recording.h"

#include <algorithm>
#include <cmath>

namespace ember::dataset {

namespace {

// Sensors of one kind differ by some tenths of a percent, and features do not feel it.
constexpr double kRateTolerance = 0.01;

// A unit that one file does not tell is no contradiction.
bool sameChannel(const signal::Channel& a, const signal::Channel& b)
{
    return a.name == b.name && a.scale == b.scale && a.offset == b.offset &&
           (a.unit == b.unit || a.unit.isEmpty() || b.unit.isEmpty());
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

bool sameLayout(const signal::StreamSpec& a, const signal::StreamSpec& b)
{
    return a.type == b.type &&
           std::equal(a.channels.begin(), a.channels.end(), b.channels.begin(), b.channels.end(), sameChannel) &&
           std::abs(a.rateHz - b.rateHz) <= kRateTolerance * std::max(a.rateHz, b.rateHz);
}

} // namespace ember::dataset
