// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/model/graph.h"
#include "plugins/trees/tree_builder.h"

#include <span>

namespace ember::trees {

struct ForestInput
{
    std::span<const float> features; ///< rows x columns, row-major, finite
    std::size_t columns = 0;
    std::span<const qint32> labels; ///< one per row, below classes
    int classes = 0;
    std::span<const float> targets = {}; ///< one per row instead of labels
};

struct ForestOptions
{
    int trees = 1;
    bool bootstrap = false;       ///< each tree learns from as many rows as there are, drawn with replacement
    bool balancedClasses = false; ///< rows of rare classes weigh more: rows / (classes x rows of the class)
    TreeOptions tree;
    quint64 seed = 1;
    int threads = 1;
};

/// Grows the trees and puts them together: the score of a class is the mean of its shares over all trees, so leaf
/// values are shares divided by the number of trees; of numbers the mean of the trees' means, from a base value. The
/// same input, options and seed give the same ensemble whatever `threads` is. Reports progress on the calling thread.
/// Errors: Cancelled.
Result<model::TreeEnsemble> growForest(const ForestInput& input, const ForestOptions& options,
                                       const ProgressSink& progress = {}, const CancelToken& cancel = {});

} // namespace ember::trees
