// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/run_table.h"
#include "core/explore/feature_scores.h"
#include "core/workflow/feature_set.h"

namespace ember::workflow {

/// A feature with what it says of the label alone.
struct RankedFeature
{
    qsizetype column = 0;
    QString name;
    explore::FeatureScore score;
};

/// All features, those that tell most of the label first. They are seen one by one: two that say the same are both at
/// the top.
std::vector<RankedFeature> rankFeatures(const learn::Matrix& matrix);

struct ImportanceOptions
{
    int repeats = 3;      ///< shuffles of each feature
    int mostRows = 2'000; ///< evenly spread ones, where there are more
    quint64 seed = 1;
};

/// How much worse a run's model gets when the numbers of one feature are given to the wrong windows (Breiman 2001).
struct Importance
{
    struct Feature
    {
        double drop = 0;      ///< of macro F1, mean over the repeats; may be below zero by chance
        double deviation = 0; ///< over the repeats
    };
    std::vector<Feature> features; ///< one for each column
    double f1 = 0;                 ///< of the untouched rows
    qint64 rows = 0;
    bool heldOut =
        false; ///< rows the model was not trained on; otherwise it was, and the drops are those of memory, too
};

/// For the model stored with a run, on the windows it was made from. `set` are the features of these windows, as
/// computeFeatures() made them. Errors: NotFound (run or model), Usage (the run has other windows or features, or is
/// no classifier), Cancelled.
Result<Importance> permutationImportance(const dataset::Project& project, dataset::RunId run, const FeatureSet& set,
                                         const ImportanceOptions& options = {}, const Hooks& hooks = {});

/// Why a run is not about these windows and features; empty when it is.
QString runMismatch(const dataset::Run& run, const FeatureSet& set);

} // namespace ember::workflow
