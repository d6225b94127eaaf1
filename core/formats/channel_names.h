// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/signal/stream_spec.h"

#include <QString>
#include <QStringList>

#include <vector>

namespace ember::formats {

/// Channels for names as people write them: "accX (m/s2)" and "temp [C]" carry their unit, empty names get a number, a
/// name that is there twice gets one too. Names that begin with "acc" and have no unit are in m/s2 by the convention of
/// the Edge Impulse data forwarder.
std::vector<signal::Channel> channelsFromNames(const QStringList& names);

/// "value 1", "value 2", ... as the Arduino plotter calls them.
QStringList numberedNames(int count);

/// Longest name that is kept; what is longer is cut.
constexpr qsizetype kMaxName = 64;

} // namespace ember::formats
