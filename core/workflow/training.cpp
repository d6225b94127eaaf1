// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/training.h"

#include "core/dataset/project.h"
#include "core/dataset/snapshot_table.h"
#include "core/learn/job_runner.h"
#include "core/learn/parameters.h"
#include "core/model/graph_builder.h"
#include "core/model/least_share.h"
#include "core/model/onnx_writer.h"
#include "core/workflow/run_notes.h"
#include "core/workflow/run_predictions.h"
#include "core/workflow/run_scores_json.h"
#include "core/workflow/score_curves_json.h"
#include "core/workflow/table_task.h"

#include <QElapsedTimer>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>

#include <numeric>

namespace ember::workflow {
namespace {

QJsonObject windowsJson(const FeatureRequest& request, const dataset::WindowSet& windows)
{
    return {{QStringLiteral("rows"), windows.spec.rows},
            {QStringLiteral("hop"), windows.spec.hop},
            {QStringLiteral("min_share"), windows.spec.minShare},
            {QStringLiteral("label_set"), request.labelSet},
            {QStringLiteral("count"), static_cast<qint64>(windows.windows.size())},
            {QStringLiteral("mixed"), windows.mixed},
            {QStringLiteral("unlabelled"), windows.unlabelled},
            {QStringLiteral("across_gaps"), windows.acrossGaps}};
}

learn::TrainingRequest jobFor(const TrainRequest& request, plugin::Task task, const FeatureSet& set)
{
    learn::TrainingRequest job;
    job.task = task;
    job.trainer = request.trainer;
    job.parameters = request.parameters;
    job.seed = request.seed;
    job.threads = request.threads;
    job.properties.insert(QStringLiteral("emberlab.dataset"), set.datasetHash);
    job.properties.insert(
        QStringLiteral("emberlab.pipeline"),
        QString::fromUtf8(QJsonDocument(features::toJson(set.pipeline)).toJson(QJsonDocument::Compact)));
    if (task == plugin::Task::Anomaly)
        job.properties.insert(QStringLiteral("emberlab.normal"), request.normalLabels.join(QLatin1Char('\n')));
    return job;
}

// Labels as the task wants them.
Status applyTask(TrainRequest& request, plugin::Task task, learn::Matrix& matrix)
{
    switch (task) {
    case plugin::Task::Classification:
        return {};
    case plugin::Task::Regression:
        return labelsToTargets(matrix, QStringLiteral("label"));
    case plugin::Task::Anomaly:
        break;
    }
    EMBER_TRY(request.normalLabels, labelsToAnomalies(matrix, request.normalLabels));
    return {};
}

struct Trained
{
    learn::ValidationReport validation;
    std::optional<learn::Rejection> rejection;
    learn::JobResult job;
    QStringList testGroups;
    QStringList notes;
};

// Moves the threshold to where the wanted share of held-out normal windows lies beyond it.
Status moveThreshold(const TrainRequest& request, const learn::Matrix& matrix, Trained& trained)
{
    EMBER_TRY(const double threshold, learn::thresholdFor(trained.validation, matrix, *request.falseAlarmRate));
    EMBER_TRY(trained.validation, learn::withThreshold(trained.validation, matrix, threshold));
    trained.notes << QStringLiteral(
                         "The threshold was chosen on the windows that are scored here, so that at most %1 % "
                         "of the normal ones raise an alarm; the ROC AUC does not depend on it.")
                         .arg(*request.falseAlarmRate * 100);
    return model::moveThreshold(trained.job.model, static_cast<float>(threshold));
}

// The least share that the winner must have for an answer, kept with the model.
Status chooseLeastShare(double wanted, const learn::Matrix& matrix, Trained& trained)
{
    const auto found = learn::chooseRejection(trained.validation, matrix, wanted);
    if (!found && !(wanted > 0 && wanted <= 1))
        return found.error();
    if (!found) { // the model is as good as without
        trained.notes << found.error().message + QStringLiteral(" The model always answers.");
        return {};
    }
    trained.rejection = *found;
    const learn::Rejection& chosen = *found;
    const auto percent = [](double share) { return QString::number(share * 100, 'f', 1); };
    if (chosen.threshold <= 0) {
        trained.notes << QStringLiteral("Every window is answered: %1 % of the answers are right as it is.")
                             .arg(percent(chosen.accuracyOfAll));
        return {};
    }
    model::setLeastShare(trained.job.model, chosen.threshold);
    trained.notes << QStringLiteral(
                         "Below a share of %1 of the winner the answer is 'unknown': %2 % of the windows are answered, "
                         "and %3 % of these answers are right (%4 % when all are answered; each half of the groups "
                         "judged by a threshold from the other).")
                         .arg(QString::number(chosen.threshold, 'f', 3), percent(chosen.coverage),
                              percent(chosen.accuracy), percent(chosen.accuracyOfAll));
    return {};
}

Result<Trained> validateAndTrain(const TrainRequest& request, plugin::Task task, const dataset::Project& project,
                                 const FeatureSet& set, const Hooks& hooks)
{
    Trained trained;
    EMBER_TRY(const Folds folds, makeFolds(project, request.validation, request.seed, set.windows));
    trained.testGroups = folds.testGroups;
    trained.notes = runNotes(set.matrix, folds, request.seed);
    const learn::TrainingRequest job = jobFor(request, task, set);
    EMBER_TRY(trained.validation,
              learn::crossValidate(job, set.matrix, folds.folds, request.runner, hooks.progress, hooks.cancel));
    report(hooks.progress, QStringLiteral("Training the model"));
    std::vector<qsizetype> rows(set.matrix.rows());
    std::iota(rows.begin(), rows.end(), qsizetype(0));
    if (keepsTestSide(request.validation))
        rows = folds.folds.front().train;
    EMBER_TRY(const learn::Matrix part, learn::trainingPart(set.matrix, rows, task));
    EMBER_TRY(trained.job, learn::trainInWorker(job, part, request.runner, hooks.progress, hooks.cancel));
    trained.job.model.graph.name =
        (request.name.isEmpty() ? QFileInfo(request.project).completeBaseName() : request.name).toStdString();
    if (request.falseAlarmRate && task == plugin::Task::Anomaly)
        EMBER_CHECK(moveThreshold(request, set.matrix, trained));
    if (request.answerAccuracy)
        EMBER_CHECK(chooseLeastShare(*request.answerAccuracy, set.matrix, trained));
    return trained;
}

dataset::Run newRun(const TrainRequest& request)
{
    dataset::Run run;
    run.name = request.name;
    run.trainer = request.trainer;
    run.parameters = learn::parametersToJson(request.parameters);
    run.seed = request.seed;
    run.validation = {{QStringLiteral("method"), validationName(request.validation)}};
    return run;
}

// So that later it can be said what has changed since the run.
Status keepVersionOf(const dataset::Project& project)
{
    EMBER_TRY(const dataset::DatasetContent content, dataset::datasetContent(project));
    EMBER_CHECK(dataset::SnapshotTable(project.database()).put({}, content));
    return {};
}

Error storeFailure(const dataset::Project& project, dataset::Run run, const Error& error, double seconds)
{
    run.status = error.kind == ErrorKind::Cancelled ? dataset::RunStatus::Cancelled : dataset::RunStatus::Failed;
    run.reason = error.toString();
    run.seconds = seconds;
    // The training's own error is the one to tell; a store that fails on top of it is only a step in its trail.
    if (const Status stored = project.runs().update(run); !stored)
        return error.context(QStringLiteral("storing the failed run (%1)").arg(stored.error().message));
    return error;
}

Result<dataset::StoredModel> storeModel(const dataset::Project& project, dataset::RunId run, const model::Model& model)
{
    EMBER_TRY(const QByteArray onnx, model::writeOnnx(model));
    dataset::StoredModel stored;
    stored.run = run;
    stored.name = QString::fromStdString(model.graph.name);
    EMBER_TRY(const dataset::ModelId id, project.models().add(stored, onnx));
    return project.models().get(id);
}

} // namespace

Result<TrainOutcome> train(const TrainRequest& asked, const Hooks& hooks)
{
    TrainRequest request = asked;
    QElapsedTimer clock;
    clock.start();
    const auto seconds = [&clock] { return static_cast<double>(clock.elapsed()) * 1e-3; };
    EMBER_TRY(const dataset::Project project, dataset::Project::open(request.project));
    if (project.isReadOnly())
        return Error(ErrorKind::Io,
                     QStringLiteral("'%1' can only be read. %2").arg(request.project, project.readOnlyReason()));
    EMBER_TRY(const plugin::Task task, taskFor(request.task, request.trainer, hooks));
    EMBER_TRY(FeatureSet set, computeFeatures(project, request.features, hooks));
    EMBER_CHECK(applyTask(request, task, set.matrix));
    if (request.answerAccuracy && task != plugin::Task::Classification)
        return Error(ErrorKind::Usage, QStringLiteral("Only a model of classes can answer 'unknown'."),
                     QStringLiteral("Leave the accuracy of answers out."));
    request.validation = settled(request.validation, set.windows);

    dataset::Run run = newRun(request);
    run.pipeline = features::toJson(set.pipeline);
    run.windows = windowsJson(request.features, set.windows);
    run.datasetHash = set.datasetHash;
    EMBER_CHECK(keepVersionOf(project));
    EMBER_TRY(run.id, project.runs().add(run));
    EMBER_TRY(run, project.runs().get(run.id)); // with the name and time it was given

    const Result<Trained> trained = validateAndTrain(request, task, project, set, hooks);
    if (!trained)
        return storeFailure(project, run, trained.error(), seconds());

    TrainOutcome outcome;
    outcome.run = run.id;
    outcome.validated = validationName(request.validation);
    outcome.model = trained->job.model;
    outcome.validation = trained->validation;
    outcome.rejection = trained->rejection;
    outcome.classNames = set.matrix.classNames;
    outcome.testGroups = trained->testGroups;
    outcome.notes = trained->notes;
    outcome.windows = static_cast<qint64>(set.windows.windows.size());

    const Result<dataset::StoredModel> stored = storeModel(project, run.id, outcome.model);
    if (!stored)
        return storeFailure(project, run, stored.error(), seconds());
    outcome.modelId = stored->id;
    outcome.modelHash = stored->hash;
    outcome.modelRef = QStringLiteral("%1#%2").arg(request.project).arg(outcome.modelId.value);

    if (!trained->testGroups.isEmpty())
        run.validation.insert(QStringLiteral("test_groups"), QJsonArray::fromStringList(trained->testGroups));
    run.parameters = learn::parametersToJson(trained->job.parameters);
    outcome.curves = curvesOf(outcome.validation, set.matrix);
    run.scores = scoresToJson(outcome.validation, outcome.classNames);
    if (task != plugin::Task::Regression)
        addCurves(outcome.curves, outcome.classNames, run.scores);
    if (outcome.rejection)
        run.scores.insert(QStringLiteral("rejection"), rejectionJson(*outcome.rejection));
    run.scores.insert(QStringLiteral("notes"), QJsonArray::fromStringList(outcome.notes));
    if (task != plugin::Task::Regression)
        run.scores.insert(QStringLiteral("predictions"), toJson(predictionsOf(outcome.validation, set.matrix)));
    run.status = dataset::RunStatus::Finished;
    run.model = outcome.modelId;
    run.seconds = outcome.seconds = seconds();
    if (const Status updated = project.runs().update(run); !updated)
        return storeFailure(project, run, updated.error(), run.seconds);
    return outcome;
}

} // namespace ember::workflow
