// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/steady_clock.h"

#include <ctime>

namespace ember::device {

qint64 steadyNanos()
{
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<qint64>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

} // namespace ember::device
