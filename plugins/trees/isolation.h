// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/model/tree_ensemble.h"
#include "core/plugin-api/trainer.h"

#include <span>

namespace ember::trees {

/// Mean number of questions that set a row apart from n rows in a random tree: 2 H(n - 1) - 2 (n - 1) / n, as an
/// unsuccessful search in a binary tree takes.
double meanPathLength(double n);

struct IsolationOptions
{
    int trees = 100;
    int rowsPerTree = 256;
    double contamination = 0.05;
    quint64 seed = 1;
};

/// Isolation forest (Liu, Ting and Zhou 2008): rows that random questions set apart early are anomalies. The ensemble
/// is a classifier of two margins (d, -d): d is the mean path length over the usual one, less the threshold below which
/// the share `contamination` of the training rows lies. `features` is rows x columns. Errors: Cancelled.
Result<model::TreeEnsemble> growIsolationForest(std::span<const float> features, std::size_t columns,
                                                const IsolationOptions& options, const ProgressSink& progress = {},
                                                const CancelToken& cancel = {});

plugin::TrainerInfo isolationInfo();
Result<model::Model> trainIsolation(const plugin::TrainingView& data, const QVariantMap& parameters,
                                    const plugin::TrainingContext& context);

} // namespace ember::trees
