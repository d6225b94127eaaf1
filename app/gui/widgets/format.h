// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace ember::gui {

// Numbers for people, beside those of core/base/quantity.h.

/// "100 Hz", "16 kHz", "25 MHz".
QString formatHertz(double hertz);

/// "0.912": three digits behind the point, as many as a score is worth.
QString formatScore(double score);

/// "87 %".
QString formatShare(double share);

} // namespace ember::gui
