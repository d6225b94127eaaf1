// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QString>

namespace ember {

/// "10s", "500 ms", "2 min", "1h", or a bare number of seconds. Errors: Usage with an example.
Result<double> parseSeconds(const QString& text);

/// No time that a person gives is longer: some thirty years. Keeps computing with times within 64 bits.
constexpr double kMaxSeconds = 1e9;

/// As parseSeconds, in whole milliseconds; Usage as well for what does not fit an int (24 days).
Result<int> parseMilliseconds(const QString& text);

/// "32 kB" (1000), "32 KiB" (1024), "1.5MB", or a bare number of bytes. Errors: Usage with an example.
Result<qint64> parseBytes(const QString& text);

/// "950 B", "31.5 KiB", "4 MiB": for people. Memory comes in powers of two, so its parts are counted in them as well.
QString formatBytes(qint64 bytes);

/// "m/s²" for what boards, which know ASCII only, call "m/s2" or "m/s^2"; other units as they are.
QString formatUnit(const QString& unit);

/// "12,345": thousands apart, for people.
QString formatCount(qint64 count);

/// "1 file", "12,345 files": a count of what is called `noun`, for people.
QString countOf(qint64 count, const QString& noun);

/// "0.8 s", "12 s", "3 min 20 s": for people.
QString formatSeconds(double seconds);

} // namespace ember
