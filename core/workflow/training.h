// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/run_table.h"
#include "core/learn/validation.h"
#include "core/model/graph.h"
#include "core/workflow/feature_set.h"

#include <QJsonObject>
#include <QVariantMap>

namespace ember::workflow {

/// How honest scores are made.
struct ValidationChoice
{
    enum class Method
    {
        GroupKFold,    ///< k folds; the stored model is then trained on everything
        LeaveOneGroup, ///< one fold for each group; the stored model is then trained on everything
        HoldOut,       ///< groups held out; the stored model is the very one that was scored
        StoredSplit,   ///< the sides that were decided once; the stored model is the one that was scored
    };
    Method method = Method::GroupKFold;
    int folds = 5;
    bool fewerFolds = false; ///< GroupKFold: as many folds as there are groups where these are fewer
    double testShare = 0.25;
    QStringList testGroups; ///< HoldOut: these groups; empty: chosen by seed and share
    QString split;          ///< StoredSplit: its name
};

/// "group-kfold:5", "leave-one-group-out", "holdout", "holdout:0.3", "holdout:s07,s08", "split", "split:NAME". Errors:
/// Usage.
Result<ValidationChoice> parseValidation(const QString& text);
QString validationName(const ValidationChoice& choice);

struct TrainRequest
{
    QString project; ///< path
    QString trainer;
    QVariantMap parameters;
    quint64 seed = 1;
    ValidationChoice validation;
    FeatureRequest features;
    QString name; ///< of model and run; empty: the project's name
    int threads = 1;
};

struct TrainOutcome
{
    dataset::RunId run;
    dataset::ModelId modelId;
    QString modelRef; ///< "gestures.ember#3": what the commands that take a model understand
    QString modelHash;
    model::Model model;
    learn::ValidationReport validation;
    QString validated; ///< how: "group-kfold:4"
    QStringList classNames;
    QStringList testGroups; ///< HoldOut
    qint64 windows = 0;
    double seconds = 0;
};

/// Computes features, validates, trains in worker processes, and stores run and model. A training that fails is stored
/// as a failed run with its reason, and is an error here.
Result<TrainOutcome> train(const TrainRequest& asked, const Hooks& hooks = {});

/// Scores as they are stored with a run and printed by --json: f1, accuracy, balanced_accuracy, mcc, per_class[],
/// confusion[][], interval95[], per_group[].
QJsonObject scoresToJson(const learn::ValidationReport& report, const QStringList& classNames);

} // namespace ember::workflow
