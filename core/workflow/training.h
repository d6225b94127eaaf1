// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/run_table.h"
#include "core/learn/curves.h"
#include "core/learn/rejection.h"
#include "core/learn/validation.h"
#include "core/model/graph.h"
#include "core/workflow/feature_set.h"
#include "core/workflow/validation_choice.h"

#include <QVariantMap>

#include <optional>

namespace ember::workflow {

struct TrainRequest
{
    QString project; ///< path
    QString trainer;
    QString task = QStringLiteral("auto"); ///< see taskFor()
    QStringList normalLabels;              ///< anomalies: what is normal; empty: the label "normal"
    std::optional<double> falseAlarmRate;  ///< anomalies: share of held-out normal windows beyond the threshold
    std::optional<double> answerAccuracy;  ///< classes: where answers would be right less often, "unknown" is one
    QVariantMap parameters;
    quint64 seed = 1;
    ValidationChoice validation;
    FeatureRequest features;
    QString name; ///< of model and run; empty: the project's name
    int threads = 1;
    learn::RunnerOptions runner; ///< of the workers
};

struct TrainOutcome
{
    dataset::RunId run;
    dataset::ModelId modelId;
    QString modelRef; ///< "gestures.ember#3": what the commands that take a model understand
    QString modelHash;
    model::Model model;
    learn::ValidationReport validation;
    std::optional<learn::Rejection> rejection; ///< where one was asked for and the notes tell no reason against it
    learn::ScoreCurves curves;                 ///< of the validation; see curvesOf()
    QString validated;                         ///< how: "group-kfold:4"
    QStringList classNames;
    QStringList testGroups; ///< HoldOut
    QStringList notes;      ///< what a reader of the scores should know: groups, leaks
    qint64 windows = 0;
    double seconds = 0;
};

/// Computes features, validates, trains in worker processes, and stores run and model. A training that fails is stored
/// as a failed run with its reason, and is an error here.
Result<TrainOutcome> train(const TrainRequest& asked, const Hooks& hooks = {});

} // namespace ember::workflow
