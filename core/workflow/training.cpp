// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/training.h"

#include "core/dataset/project.h"
#include "core/dataset/split.h"
#include "core/learn/job_runner.h"
#include "core/learn/parameters.h"
#include "core/model/onnx_writer.h"
#include "core/workflow/dataset_split.h"
#include "core/workflow/run_predictions.h"

#include <QElapsedTimer>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSet>

#include <algorithm>

namespace ember::workflow {
namespace {

QJsonArray intervalJson(const learn::Interval& interval)
{
    return {interval.low, interval.high};
}

QJsonArray confusionJson(const learn::Confusion& confusion)
{
    QJsonArray rows;
    for (int truth = 0; truth < confusion.classes(); ++truth) {
        QJsonArray row;
        for (int predicted = 0; predicted < confusion.classes(); ++predicted)
            row.append(confusion.count(truth, predicted));
        rows.append(row);
    }
    return rows;
}

QJsonArray perClassJson(const learn::ValidationReport& report, const QStringList& classNames)
{
    QJsonArray classes;
    for (std::size_t i = 0; i < report.metrics.perClass.size(); ++i) {
        const learn::ClassScores& scores = report.metrics.perClass[i];
        const learn::Interval interval = i < report.classF195.size() ? report.classF195[i] : learn::Interval{0, 1};
        classes.append(QJsonObject{{QStringLiteral("label"), classNames.value(static_cast<qsizetype>(i))},
                                   {QStringLiteral("precision"), scores.precision},
                                   {QStringLiteral("recall"), scores.recall},
                                   {QStringLiteral("f1"), scores.f1},
                                   {QStringLiteral("f1_interval95"), intervalJson(interval)},
                                   {QStringLiteral("support"), scores.support}});
    }
    return classes;
}

struct Folds
{
    std::vector<dataset::Fold> folds;
    QStringList testGroups; ///< HoldOut, StoredSplit
};

/// The choice with as many folds as the data can give.
ValidationChoice settled(ValidationChoice choice, const dataset::WindowSet& windows)
{
    if (!choice.fewerFolds || choice.method != ValidationChoice::Method::GroupKFold)
        return choice;
    QSet<QString> groups;
    for (const dataset::SplitItem& item : dataset::splitItems(windows))
        groups.insert(item.group);
    choice.folds = std::clamp(static_cast<int>(groups.size()), 2, choice.folds);
    return choice;
}

Result<Folds> makeFolds(const TrainRequest& request, const dataset::WindowSet& windows)
{
    const ValidationChoice& choice = request.validation;
    const quint64 seed = request.seed;
    const std::vector<dataset::SplitItem> items = dataset::splitItems(windows);
    Folds made;
    switch (choice.method) {
    case ValidationChoice::Method::GroupKFold: {
        EMBER_TRY(made.folds, dataset::groupKFold(items, choice.folds, seed));
        break;
    }
    case ValidationChoice::Method::LeaveOneGroup: {
        EMBER_TRY(made.folds, dataset::leaveOneGroupOut(items));
        break;
    }
    case ValidationChoice::Method::HoldOut: {
        EMBER_TRY(dataset::Fold fold, choice.testGroups.isEmpty()
                                          ? dataset::holdOut(items, dataset::SplitMethod::Group, choice.testShare, seed)
                                          : dataset::holdOutGroups(items, choice.testGroups));
        made.testGroups = fold.testGroups;
        made.folds.push_back(std::move(fold));
        break;
    }
    case ValidationChoice::Method::StoredSplit: {
        EMBER_TRY(const dataset::Project project,
                  dataset::Project::open(request.project, dataset::Project::Access::ReadOnly));
        EMBER_TRY(dataset::Fold fold, storedFold(project, choice.split, items));
        made.testGroups = fold.testGroups;
        made.folds.push_back(std::move(fold));
        break;
    }
    }
    return made;
}

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

learn::TrainingRequest jobFor(const TrainRequest& request, const FeatureSet& set)
{
    learn::TrainingRequest job;
    job.trainer = request.trainer;
    job.parameters = request.parameters;
    job.seed = request.seed;
    job.threads = request.threads;
    job.properties.insert(QStringLiteral("emberlab.dataset"), set.datasetHash);
    job.properties.insert(
        QStringLiteral("emberlab.pipeline"),
        QString::fromUtf8(QJsonDocument(features::toJson(set.pipeline)).toJson(QJsonDocument::Compact)));
    return job;
}

// The rows the stored model is trained on: see ValidationChoice::Method.
learn::Matrix trainingRows(const ValidationChoice& choice, const Folds& folds, const learn::Matrix& matrix)
{
    const bool oneSide =
        choice.method == ValidationChoice::Method::HoldOut || choice.method == ValidationChoice::Method::StoredSplit;
    return oneSide ? matrix.select(folds.folds.front().train) : matrix;
}

struct Trained
{
    learn::ValidationReport validation;
    learn::JobResult job;
    Folds folds;
};

Result<Trained> validateAndTrain(const TrainRequest& request, const FeatureSet& set, const Hooks& hooks)
{
    Trained trained;
    EMBER_TRY(trained.folds, makeFolds(request, set.windows));
    const learn::TrainingRequest job = jobFor(request, set);
    EMBER_TRY(trained.validation,
              learn::crossValidate(job, set.matrix, trained.folds.folds, {}, hooks.progress, hooks.cancel));
    report(hooks.progress, QStringLiteral("Training the model"));
    EMBER_TRY(trained.job, learn::trainInWorker(job, trainingRows(request.validation, trained.folds, set.matrix), {},
                                                hooks.progress, hooks.cancel));
    trained.job.model.graph.name =
        (request.name.isEmpty() ? QFileInfo(request.project).completeBaseName() : request.name).toStdString();
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

Result<ValidationChoice> parseValidation(const QString& text)
{
    const QString method = text.section(QLatin1Char(':'), 0, 0);
    const QString detail = text.section(QLatin1Char(':'), 1);
    ValidationChoice choice;
    bool number = false;
    if (method == QStringLiteral("group-kfold")) {
        choice.folds = detail.isEmpty() ? 5 : detail.toInt(&number);
        if (detail.isEmpty() || (number && choice.folds >= 2))
            return choice;
    } else if (method == QStringLiteral("leave-one-group-out") && detail.isEmpty()) {
        choice.method = ValidationChoice::Method::LeaveOneGroup;
        return choice;
    } else if (method == QStringLiteral("split")) {
        choice.method = ValidationChoice::Method::StoredSplit;
        choice.split = detail.isEmpty() ? QString::fromLatin1(kDefaultSplit) : detail;
        return choice;
    } else if (method == QStringLiteral("holdout")) {
        choice.method = ValidationChoice::Method::HoldOut;
        if (detail.isEmpty())
            return choice;
        const double share = detail.toDouble(&number);
        if (number && share > 0 && share < 1) {
            choice.testShare = share;
            return choice;
        }
        if (!number) {
            choice.testGroups = detail.split(QLatin1Char(','), Qt::SkipEmptyParts);
            return choice;
        }
    }
    return Error(
        ErrorKind::Usage, QStringLiteral("'%1' is not a validation.").arg(text),
        QStringLiteral("Use group-kfold:5, leave-one-group-out, holdout, holdout:0.3, holdout:GROUP,GROUP, split "
                       "or split:NAME."));
}

QString validationName(const ValidationChoice& choice)
{
    switch (choice.method) {
    case ValidationChoice::Method::GroupKFold:
        return QStringLiteral("group-kfold:%1").arg(choice.folds);
    case ValidationChoice::Method::LeaveOneGroup:
        return QStringLiteral("leave-one-group-out");
    case ValidationChoice::Method::HoldOut:
        return QStringLiteral("holdout:") + (choice.testGroups.isEmpty() ? QString::number(choice.testShare)
                                                                         : choice.testGroups.join(QLatin1Char(',')));
    case ValidationChoice::Method::StoredSplit:
        return QStringLiteral("split:") + choice.split;
    }
    return {};
}

QJsonObject scoresToJson(const learn::ValidationReport& report, const QStringList& classNames)
{
    QJsonArray groups;
    for (const learn::ValidationReport::GroupScore& group : report.groups)
        groups.append(QJsonObject{{QStringLiteral("group"), group.group},
                                  {QStringLiteral("rows"), group.rows},
                                  {QStringLiteral("accuracy"), group.accuracy},
                                  {QStringLiteral("f1"), group.macroF1}});
    return {{QStringLiteral("f1"), report.metrics.macroF1},
            {QStringLiteral("accuracy"), report.metrics.accuracy},
            {QStringLiteral("balanced_accuracy"), report.metrics.balancedAccuracy},
            {QStringLiteral("mcc"), report.metrics.mcc},
            {QStringLiteral("interval95"), intervalJson(report.macroF195)},
            {QStringLiteral("accuracy_interval95"), intervalJson(report.accuracy95)},
            {QStringLiteral("labels"), QJsonArray::fromStringList(classNames)},
            {QStringLiteral("per_class"), perClassJson(report, classNames)},
            {QStringLiteral("per_group"), groups},
            {QStringLiteral("confusion"), confusionJson(report.metrics.confusion)}};
}

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
    EMBER_TRY(const FeatureSet set, computeFeatures(project, request.features, hooks));
    request.validation = settled(request.validation, set.windows);

    dataset::Run run = newRun(request);
    run.pipeline = features::toJson(set.pipeline);
    run.windows = windowsJson(request.features, set.windows);
    run.datasetHash = set.datasetHash;
    EMBER_TRY(run.id, project.runs().add(run));
    EMBER_TRY(run, project.runs().get(run.id)); // with the name and time it was given

    const Result<Trained> trained = validateAndTrain(request, set, hooks);
    if (!trained)
        return storeFailure(project, run, trained.error(), seconds());

    TrainOutcome outcome;
    outcome.run = run.id;
    outcome.validated = validationName(request.validation);
    outcome.model = trained->job.model;
    outcome.validation = trained->validation;
    outcome.classNames = set.matrix.classNames;
    outcome.testGroups = trained->folds.testGroups;
    outcome.windows = static_cast<qint64>(set.windows.windows.size());

    const Result<dataset::StoredModel> stored = storeModel(project, run.id, outcome.model);
    if (!stored)
        return storeFailure(project, run, stored.error(), seconds());
    outcome.modelId = stored->id;
    outcome.modelHash = stored->hash;
    outcome.modelRef = QStringLiteral("%1#%2").arg(request.project).arg(outcome.modelId.value);

    run.parameters = learn::parametersToJson(trained->job.parameters);
    run.scores = scoresToJson(outcome.validation, outcome.classNames);
    run.scores.insert(QStringLiteral("predictions"), toJson(predictionsOf(outcome.validation, set.matrix)));
    run.status = dataset::RunStatus::Finished;
    run.model = outcome.modelId;
    run.seconds = outcome.seconds = seconds();
    if (const Status updated = project.runs().update(run); !updated)
        return storeFailure(project, run, updated.error(), run.seconds);
    return outcome;
}

} // namespace ember::workflow
