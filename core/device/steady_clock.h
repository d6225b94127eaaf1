// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

namespace ember::device {

/// Steady host clock in nanoseconds; the time base of SampleBlock::hostNanos. Any thread.
qint64 steadyNanos();

} // namespace ember::device
