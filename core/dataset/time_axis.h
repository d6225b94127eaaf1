// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <span>

namespace ember::dataset {

/// What the time stamps of rows say about the rate of a stream.
struct TimeAxis
{
    double rateHz = 0;     ///< rows per second, gaps left out; 0 when unknown
    bool regular = false;  ///< the steps are equal, so the rate is exact
    double gapSeconds = 0; ///< a longer step means that rows are missing

    /// How many rows are missing in a step of that length; 0 for an ordinary one.
    qint64 missingRows(double stepSeconds) const;

    /// What to call the stream's rate: the roundest number within half a percent of what jittering time stamps say
    /// (102.43 and 102.99 Hz are both 102.5), so that files of one sensor fit together; an exact 62.4 Hz stays that.
    double nominalRateHz() const;
};

/// From the steps between rows, in seconds. Steps backwards are passed over, steps of zero (bursts) count.
TimeAxis fitTimeAxis(std::span<const double> stepSeconds);

} // namespace ember::dataset
