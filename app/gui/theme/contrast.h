// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>

namespace ember::gui {

/// Contrast of two opaque colours after WCAG 2.1: 1 (equal) to 21 (black on white).
double contrastRatio(const QColor& a, const QColor& b);

/// Black or white, whichever reads better on `background`; never below 4.5:1.
QColor readableOn(const QColor& background);

/// `share` of `b` laid over `a`, both opaque; 0 gives a, 1 gives b.
QColor mixed(const QColor& a, const QColor& b, double share);

} // namespace ember::gui
