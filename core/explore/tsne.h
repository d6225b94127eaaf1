// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/explore/rows.h"

namespace ember::explore {

struct TsneOptions
{
    double perplexity = 30; ///< how many neighbours a row has, about; cut to a third of the rows
    int iterations = 750;
    double theta = 0.5; ///< of the Barnes-Hut approximation; 0: exact
    quint64 seed = 1;   ///< of the small disorder that separates equal rows
};

/// t-distributed stochastic neighbour embedding (van der Maaten and Hinton 2008), with the Barnes-Hut approximation
/// (van der Maaten 2014), started from the first two principal components, as far-apart groups then keep their places
/// (Kobak and Berens 2019). Distances between groups mean little. The same rows, options and seed give the same map,
/// whatever the number of cores. Errors: Usage for fewer than four rows; Cancelled.
Result<Places> tsne(const Rows& rows, const TsneOptions& options = {}, const ProgressSink& progress = {},
                    const CancelToken& cancel = {});

/// How likely each neighbour of a row is, from the squared distances to them, with the precision (1 / 2 sigma^2) at
/// which 2 to the entropy of these probabilities is `perplexity`. Requires 1 < perplexity < number of neighbours.
struct Affinities
{
    std::vector<double> probability; ///< sums to 1
    double precision = 0;
};
Affinities calibrate(std::span<const float> squaredDistances, double perplexity);

} // namespace ember::explore
