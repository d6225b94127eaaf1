// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/table_model.h"

#include "core/learn/job_runner.h"
#include "core/learn/table.h"
#include "core/model/evaluator.h"
#include "core/model/graph_builder.h"
#include "core/model/model_file.h"
#include "core/workflow/model_ref.h"

#include <QFileInfo>

#include <algorithm>

namespace ember::workflow {

using plugin::Task;

namespace {

// How much more a row speaks for the second of two classes than for the first.
std::vector<double> secondOverFirst(const model::Evaluation& evaluation)
{
    std::vector<double> scores;
    for (std::size_t row = 0; row < evaluation.rows(); ++row)
        scores.push_back(static_cast<double>(evaluation.row(row)[1]) - static_cast<double>(evaluation.row(row)[0]));
    return scores;
}

void addRocAuc(const learn::Matrix& table, const model::Evaluation& evaluation, TableScores& scores)
{
    if (table.classNames.size() != 2 || evaluation.targets != 2)
        return;
    std::vector<bool> positive;
    for (const qint32 label : table.labels)
        positive.push_back(label == 1);
    scores.rocAuc = learn::rocAuc(secondOverFirst(evaluation), positive);
}

// `table` has what the task asks for: labels that are the model's classes, targets, or nothing.
TableScores scoresOf(const learn::Matrix& table, const model::Evaluation& evaluation, Task task)
{
    TableScores scores;
    scores.task = task;
    if (task == Task::Regression) {
        scores.regression = learn::regressionMetricsOf(table.targets, evaluation.scores);
        return scores;
    }
    if (task == Task::Anomaly) {
        const auto anomalies = std::count(evaluation.winners.begin(), evaluation.winners.end(), 1);
        scores.anomalyShare =
            static_cast<double>(anomalies) / static_cast<double>(std::max<std::size_t>(table.rows(), 1));
    }
    if (!table.labels.empty()) {
        const auto classes = static_cast<int>(table.classNames.size());
        scores.metrics = learn::metricsOf(learn::Confusion::of(table.labels, evaluation.winners, classes));
        addRocAuc(table, evaluation, scores);
        if (static_cast<qsizetype>(evaluation.targets) == table.classNames.size())
            scores.curves = learn::scoreCurvesOf(evaluation.scores, evaluation.targets, table.labels);
    }
    return scores;
}

Task taskOf(const model::Evaluator& evaluator, const QStringList& classes)
{
    if (!evaluator.isClassifier())
        return Task::Regression;
    return classes == model::anomalyClasses() ? Task::Anomaly : Task::Classification;
}

Result<learn::Matrix> readTestTable(const QString& path, const QString& labelColumn, Task task,
                                    const QStringList& classes)
{
    if (task == Task::Classification)
        return learn::readTable(path, {labelColumn, {}, classes});
    EMBER_TRY(learn::Matrix table, learn::readTable(path, {labelColumn, {}, {}}));
    if (task == Task::Regression) {
        EMBER_CHECK(labelsToTargets(table, labelColumn));
        return table;
    }
    EMBER_TRY(const std::vector<bool> anomalies, anomaliesIn(table));
    table.labels.assign(anomalies.begin(), anomalies.end());
    table.classNames = classes;
    return table;
}

} // namespace

Result<TrainTableOutcome> trainTable(const TrainTableRequest& request, const Hooks& hooks)
{
    EMBER_TRY(const Task task, taskFor(request.task, request.trainer, hooks));
    EMBER_TRY(const learn::Matrix matrix, readTrainingTable(request.table, request.labelColumn, task));
    learn::TrainingRequest job;
    job.trainer = request.trainer;
    job.parameters = request.parameters;
    job.seed = request.seed;
    EMBER_TRY(learn::JobResult result, learn::trainInWorker(job, matrix, {}, hooks.progress, hooks.cancel));
    result.model.graph.name = QFileInfo(request.output).completeBaseName().toStdString();

    TrainTableOutcome outcome;
    outcome.seconds = result.seconds;
    outcome.rows = static_cast<qint64>(matrix.rows());
    EMBER_TRY(const model::Evaluation evaluation, model::evaluate(result.model, matrix.features));
    outcome.scores = scoresOf(matrix, evaluation, task);
    EMBER_CHECK(model::saveModel(result.model, request.output));
    outcome.model = std::move(result.model);
    return outcome;
}

Result<EvaluateOutcome> evaluateTable(const QString& modelRef, const QString& tablePath, const QString& labelColumn)
{
    EMBER_TRY(const ReferredModel referred, loadModelRef(modelRef));
    EMBER_TRY(const model::Evaluator evaluator, model::Evaluator::create(referred.model));
    const QStringList& classes = referred.model.classNames;
    const Task task = taskOf(evaluator, classes);
    if ((task == Task::Regression && evaluator.targets() != 1) || (task != Task::Regression && classes.isEmpty()))
        return Error(ErrorKind::Unsupported,
                     QStringLiteral("The model has %1 outputs and no class names; only classifiers and models of one "
                                    "number are scored on labels.")
                         .arg(evaluator.targets()));
    EMBER_TRY(const learn::Matrix table, readTestTable(tablePath, labelColumn, task, classes));
    if (evaluator.features() != table.columns)
        return Error(ErrorKind::Usage, QStringLiteral("The model takes %1 features, but '%2' has %3 beside the label.")
                                           .arg(evaluator.features())
                                           .arg(tablePath)
                                           .arg(table.columns));
    EMBER_TRY(const model::Evaluation evaluation, evaluator.run(table.features));
    EvaluateOutcome outcome;
    outcome.classNames = classes;
    outcome.rows = static_cast<qint64>(table.rows());
    outcome.scores = scoresOf(table, evaluation, task);
    return outcome;
}

} // namespace ember::workflow
