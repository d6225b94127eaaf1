// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

namespace ember::formats {

/// When a row was there, on any clock.
struct RowTime
{
    double row = 0;
    double seconds = 0;
};

/// Rows per second; 0 with fewer than three times or no time between them. A row can be late but never early: the rate
/// is that between the least late rows of the first and of the last quarter, so that a machine that stood still in
/// between does no harm. Rows that arrived together count as one point, the last of them.
double fitRate(const std::vector<RowTime>& times);

/// The rate that a sensor was probably set to: the nearest usual one within `tolerance` (a share), else the rate itself
/// in three digits. 0 stays 0.
double nominalRate(double measuredHz, double tolerance);

/// Rates counted by bytes that arrive in lumps are so uncertain over an opening of a second or two.
constexpr double kArrivalTolerance = 0.03;
/// Those counted by the board's own clock.
constexpr double kClockTolerance = 0.005;

} // namespace ember::formats
