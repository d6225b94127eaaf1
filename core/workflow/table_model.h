// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/learn/curves.h"
#include "core/learn/metrics.h"
#include "core/model/graph.h"
#include "core/workflow/hooks.h"
#include "core/workflow/table_task.h"

#include <QVariantMap>

#include <optional>

namespace ember::workflow {

struct TrainTableRequest
{
    QString table;
    QString labelColumn = QStringLiteral("label");
    QString trainer;
    QString task = QStringLiteral("auto"); ///< see taskFor()
    QVariantMap parameters;
    quint64 seed = 1;
    QString output; ///< path of the ONNX file
};

/// How a model does on a table, in the measures of its task.
struct TableScores
{
    plugin::Task task = plugin::Task::Classification;
    learn::Metrics metrics;              ///< classification, and detectors on labelled rows
    learn::RegressionMetrics regression; ///< regression
    std::optional<double> rocAuc;        ///< of two classes, where both occur
    double anomalyShare = 0;             ///< anomaly: of the rows
    learn::ScoreCurves curves;           ///< where rows are labelled and there is a score for each class
};

struct TrainTableOutcome
{
    TableScores scores; ///< on the rows it was trained on
    qint64 rows = 0;
    double seconds = 0; ///< in the trainer
    model::Model model;
};

/// Trains on a CSV table and writes the model; no project involved.
Result<TrainTableOutcome> trainTable(const TrainTableRequest& request, const Hooks& hooks = {});

struct EvaluateOutcome
{
    qint64 rows = 0;
    TableScores scores;
    QStringList classNames;
};

/// Scores a model file on a labelled CSV table with the reference evaluator. A model without classes is a regressor;
/// one of the classes normal and anomaly is a detector, and every label but "normal" an anomaly. Labels that a
/// classifier does not know are an error that names them.
Result<EvaluateOutcome> evaluateTable(const QString& modelRef, const QString& table, const QString& labelColumn);

} // namespace ember::workflow
