// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/learn/metrics.h"
#include "core/model/graph.h"
#include "core/workflow/hooks.h"

#include <QVariantMap>

namespace ember::workflow {

struct TrainTableRequest
{
    QString table;
    QString labelColumn = QStringLiteral("label");
    QString trainer;
    QVariantMap parameters;
    quint64 seed = 1;
    QString output; ///< path of the ONNX file
};

struct TrainTableOutcome
{
    double accuracy = 0; ///< on the training table itself
    double seconds = 0;  ///< in the trainer
    model::Model model;
};

/// Trains on a CSV table and writes the model; no project involved.
Result<TrainTableOutcome> trainTable(const TrainTableRequest& request, const Hooks& hooks = {});

struct EvaluateOutcome
{
    qint64 rows = 0;
    learn::Metrics metrics;
    QStringList classNames;
};

/// Scores a model file on a labelled CSV table with the reference evaluator. Labels that the model does not know are an
/// error that names them.
Result<EvaluateOutcome> evaluateTable(const QString& modelRef, const QString& table, const QString& labelColumn);

} // namespace ember::workflow
