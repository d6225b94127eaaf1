// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/explore/rows.h"

namespace ember::explore {

/// The nearest other rows of each row, by Euclidean distance, nearest first; of equal distances the lower number.
struct Neighbours
{
    Eigen::Index count = 0;             ///< for each row
    std::vector<Eigen::Index> index;    ///< rows x count
    std::vector<float> squaredDistance; ///< rows x count

    std::span<const Eigen::Index> indexOf(Eigen::Index row) const
    {
        return std::span(index).subspan(static_cast<std::size_t>(row * count), static_cast<std::size_t>(count));
    }
    std::span<const float> squaredDistanceOf(Eigen::Index row) const
    {
        return std::span(squaredDistance)
            .subspan(static_cast<std::size_t>(row * count), static_cast<std::size_t>(count));
    }
};

/// Exact: every pair is looked at, in blocks, on all cores; the result does not depend on how many there are. `count`
/// is cut to rows - 1. Errors: Cancelled.
Result<Neighbours> nearestNeighbours(const Rows& rows, Eigen::Index count, const ProgressSink& progress = {},
                                     const CancelToken& cancel = {});

} // namespace ember::explore
