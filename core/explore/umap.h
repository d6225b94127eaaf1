// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/explore/rows.h"

namespace ember::explore {

struct UmapOptions
{
    int neighbours = 15;          ///< more: the shape of the whole; fewer: detail
    double minimumDistance = 0.1; ///< how close points may lie on the map, 0 .. 1
    int epochs = 0;               ///< 0: 500 for up to 10 000 rows, else 200
    quint64 seed = 1;
};

/// Uniform manifold approximation and projection (McInnes, Healy, Melville 2018), started from the first two principal
/// components. The same rows, options and seed give the same map. Errors: Usage for fewer than four rows; Cancelled.
Result<Places> umap(const Rows& rows, const UmapOptions& options = {}, const ProgressSink& progress = {},
                    const CancelToken& cancel = {});

/// The local scale of a row: beyond the distance to its nearest neighbour `rho`, neighbours fade with `sigma`, such
/// that their strengths sum to the logarithm of their number to base 2.
struct LocalScale
{
    double rho = 0;
    double sigma = 1;
    double strength(double distance) const;
};
LocalScale localScale(std::span<const float> squaredDistances);

/// a and b of 1 / (1 + a d^(2b)), the smooth curve nearest (least squares) to one that is 1 up to `minimumDistance` and
/// then falls exponentially.
struct MapCurve
{
    double a = 1;
    double b = 1;
};
MapCurve mapCurve(double minimumDistance);

} // namespace ember::explore
