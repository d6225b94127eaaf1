// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "plugins/common/rows.h"

namespace ember::common {

struct Clusters
{
    Matrix centres;          ///< clusters x columns
    std::vector<int> labels; ///< the nearest centre of each row
    Vector distances;        ///< squared, of each row from its centre
    double inertia = 0;      ///< sum of the distances
};

struct KMeansOptions
{
    int clusters = 8; ///< at most one per row
    int restarts = 3; ///< the best of so many
    int maxIterations = 300;
    quint64 seed = 1;
};

/// Lloyd's algorithm from centres drawn by k-means++ (Arthur and Vassilvitskii 2007), until no row changes its cluster.
/// A cluster that loses its rows takes the row farthest from its centre. Ends early, with what it has, when cancelled.
Clusters fitKMeans(const Matrix& rows, const KMeansOptions& options, const CancelToken& cancel = {});

} // namespace ember::common
