// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/project.h"
#include "core/dataset/split.h"

#include <QStringList>

namespace ember::workflow {

/// How honest scores are made.
struct ValidationChoice
{
    enum class Method
    {
        GroupKFold,    ///< k folds; the stored model is then trained on everything
        LeaveOneGroup, ///< one fold for each group; the stored model is then trained on everything
        HoldOut,       ///< groups held out; the stored model is the very one that was scored
        RandomKFold,   ///< k folds of single windows, whoever made them: flatters, and says so
        StoredSplit,   ///< the sides that were decided once; the stored model is the one that was scored
    };
    Method method = Method::GroupKFold;
    int folds = 5;
    bool fewerFolds = false; ///< GroupKFold: as many folds as there are groups where these are fewer
    double testShare = 0.25;
    QStringList testGroups; ///< HoldOut: these groups; empty: chosen by seed and share
    QString split;          ///< StoredSplit: its name
};

/// "group-kfold:5", "random-kfold:5", "leave-one-group-out", "holdout", "holdout:0.3", "holdout:s07,s08", "split",
/// "split:NAME". Errors: Usage.
Result<ValidationChoice> parseValidation(const QString& text);
QString validationName(const ValidationChoice& choice);

/// The choice with as many folds as the data can give.
ValidationChoice settled(ValidationChoice choice, const dataset::WindowSet& windows);

struct Folds
{
    std::vector<dataset::Fold> folds;
    QStringList testGroups; ///< HoldOut, StoredSplit
};

/// The sides of every fold for the windows. Errors: Usage (too few groups ...), NotFound (no such split).
Result<Folds> makeFolds(const dataset::Project& project, const ValidationChoice& choice, quint64 seed,
                        const dataset::WindowSet& windows);

/// Whether the stored model is trained on one side only: the one that was not scored.
bool keepsTestSide(const ValidationChoice& choice);

} // namespace ember::workflow
