// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/result.h"
#include "core/dataset/recording_reader.h"

#include <span>
#include <vector>

namespace ember::dataset {

class Project;

// Where the kind of signal changes, to the row: what edges of labels are put to.

/// The row k of [first, last] that parts the rows before it from those from it on best: the least
/// k log(variance before) + (n - k) log(variance behind), summed over the channels; the largest likelihood of two
/// normal distributions (Basseville and Nikiforov 1993, 2.4). `values` is n rows of `channels`; both parts keep two
/// rows. Values that are not finite count as 0. `first` when there is nothing to choose.
std::size_t sharpestSplit(std::span<const float> values, std::size_t channels, std::size_t first, std::size_t last);

struct ChangeSettings
{
    double strength = 3;      ///< of a change, as in changePoints(): higher finds fewer
    std::size_t parts = 1024; ///< frames that the stretch is looked at in: changes within two of them are one
};

/// More rows than this are not looked through for changes: from so far away a pixel is thousands of rows.
constexpr qint64 kMostChangeRows = 1 << 22;

/// First rows of parts of [begin, end) in which level or spread of a channel differ, in order: changePoints() of
/// frames, each then moved to the sharpest row within a frame of it. Beginnings of the stretch and of gaps are none.
/// Nothing for more than kMostChangeRows rows. Errors: NotFound, Io, Cancelled.
Result<std::vector<qint64>> changesIn(const Project& project, RecordingId recording, RowInterval rows,
                                      const ChangeSettings& settings = {}, const CancelToken& cancel = {});

} // namespace ember::dataset
