// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/table_model.h"

#include "core/learn/job_runner.h"
#include "core/learn/table.h"
#include "core/model/evaluator.h"
#include "core/model/model_file.h"
#include "core/workflow/model_ref.h"

#include <QFileInfo>

namespace ember::workflow {

Result<TrainTableOutcome> trainTable(const TrainTableRequest& request, const Hooks& hooks)
{
    EMBER_TRY(const learn::Matrix matrix, learn::readTable(request.table, {request.labelColumn, {}, {}}));
    learn::TrainingRequest job;
    job.trainer = request.trainer;
    job.parameters = request.parameters;
    job.seed = request.seed;
    EMBER_TRY(learn::JobResult result, learn::trainInWorker(job, matrix, {}, hooks.progress, hooks.cancel));
    result.model.graph.name = QFileInfo(request.output).completeBaseName().toStdString();

    TrainTableOutcome outcome;
    outcome.seconds = result.seconds;
    EMBER_TRY(const model::Evaluation evaluation, model::evaluate(result.model, matrix.features));
    const auto classes = static_cast<int>(matrix.classNames.size());
    outcome.accuracy = learn::metricsOf(learn::Confusion::of(matrix.labels, evaluation.winners, classes)).accuracy;
    EMBER_CHECK(model::saveModel(result.model, request.output));
    outcome.model = std::move(result.model);
    return outcome;
}

Result<EvaluateOutcome> evaluateTable(const QString& modelRef, const QString& tablePath, const QString& labelColumn)
{
    EMBER_TRY(const ReferredModel referred, loadModelRef(modelRef));
    EMBER_TRY(const model::Evaluator evaluator, model::Evaluator::create(referred.model));
    const QStringList& classes = referred.model.classNames;
    if (classes.isEmpty())
        return Error(ErrorKind::Unsupported,
                     QStringLiteral("The model is not a classifier; only classifiers are scored on labels."));
    EMBER_TRY(const learn::Matrix table, learn::readTable(tablePath, {labelColumn, {}, classes}));
    if (evaluator.features() != table.columns)
        return Error(ErrorKind::Usage, QStringLiteral("The model takes %1 features, but '%2' has %3 beside the label.")
                                           .arg(evaluator.features())
                                           .arg(tablePath)
                                           .arg(table.columns));
    EMBER_TRY(const model::Evaluation evaluation, evaluator.run(table.features));
    EvaluateOutcome outcome;
    outcome.classNames = classes;
    outcome.rows = static_cast<qint64>(table.rows());
    outcome.metrics =
        learn::metricsOf(learn::Confusion::of(table.labels, evaluation.winners, static_cast<int>(classes.size())));
    return outcome;
}

} // namespace ember::workflow
