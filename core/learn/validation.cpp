// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/validation.h"

#include "core/model/evaluator.h"

#include <algorithm>

namespace ember::learn {
namespace {

constexpr int kReplicates = 1000;

Error badFold(const QString& what)
{
    return Error(ErrorKind::Usage, QStringLiteral("These rows cannot be used to validate: %1.").arg(what),
                 QStringLiteral("Make the folds again from the data at hand."));
}

Status checkRows(const std::vector<qsizetype>& rows, const Matrix& matrix, const char* side)
{
    if (rows.empty())
        return badFold(QStringLiteral("there is nothing to %1").arg(QLatin1String(side)));
    for (const qsizetype row : rows) {
        if (row < 0 || static_cast<std::size_t>(row) >= matrix.rows())
            return badFold(QStringLiteral("row %1 of %2").arg(row).arg(matrix.rows()));
    }
    return {};
}

/// Accuracy, macro F1, and the F1 of each class.
std::vector<double> accuracyAndF1Of(const Metrics& metrics)
{
    std::vector<double> scores{metrics.accuracy, metrics.macroF1};
    for (const ClassScores& klass : metrics.perClass)
        scores.push_back(klass.f1);
    return scores;
}

std::vector<qint32> pick(const std::vector<qint32>& values, const std::vector<qsizetype>& rows)
{
    std::vector<qint32> picked;
    if (!values.empty()) {
        for (const qsizetype row : rows)
            picked.push_back(values[static_cast<std::size_t>(row)]);
    }
    return picked;
}

Metrics scoreOf(const Matrix& matrix, const std::vector<qsizetype>& rows, std::span<const qint32> predicted)
{
    return metricsOf(Confusion::of(pick(matrix.labels, rows), predicted, static_cast<int>(matrix.classNames.size())));
}

std::vector<ValidationReport::GroupScore> scoreGroups(const Matrix& matrix, const std::vector<qsizetype>& rows,
                                                      const std::vector<qint32>& predicted)
{
    const auto classes = static_cast<int>(matrix.classNames.size());
    std::vector<Confusion> confusions(static_cast<std::size_t>(matrix.groupNames.size()), Confusion(classes));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto row = static_cast<std::size_t>(rows[i]);
        confusions[static_cast<std::size_t>(matrix.groups[row])].add(matrix.labels[row], predicted[i]);
    }
    std::vector<ValidationReport::GroupScore> scores;
    for (std::size_t g = 0; g < confusions.size(); ++g) {
        if (confusions[g].total() == 0)
            continue;
        const Metrics metrics = metricsOf(confusions[g]);
        scores.push_back(
            {matrix.groupNames[static_cast<qsizetype>(g)], confusions[g].total(), metrics.accuracy, metrics.macroF1});
    }
    return scores;
}

// Progress of one fold as a part of the whole.
ProgressSink partOf(const ProgressSink& whole, std::size_t fold, std::size_t folds)
{
    if (!whole)
        return {};
    return [&whole, fold, folds](const Progress& progress) {
        const double inside = std::clamp(progress.fraction, 0.0, 1.0);
        whole({QStringLiteral("Validating: fold %1 of %2").arg(fold + 1).arg(folds),
               (static_cast<double>(fold) + inside) / static_cast<double>(folds), progress.detail});
    };
}

struct FoldAnswer
{
    std::vector<qint32> predicted;
    double seconds = 0;
};

Result<FoldAnswer> runFold(const TrainingRequest& request, const Matrix& matrix, const dataset::Fold& fold,
                           const RunnerOptions& options, const ProgressSink& progress, const CancelToken& cancel)
{
    EMBER_TRY(const JobResult trained, trainInWorker(request, matrix.select(fold.train), options, progress, cancel));
    EMBER_TRY(model::Evaluation evaluation, model::evaluate(trained.model, matrix.select(fold.test).features));
    if (evaluation.winners.size() != fold.test.size())
        return Error(ErrorKind::Unsupported, QStringLiteral("'%1' makes no classifier.").arg(request.trainer),
                     QStringLiteral("Only classifiers can be validated with labels."));
    return FoldAnswer{std::move(evaluation.winners), trained.seconds};
}

} // namespace

Status validate(const dataset::Fold& fold, const Matrix& matrix)
{
    EMBER_CHECK(checkRows(fold.train, matrix, "train on"));
    EMBER_CHECK(checkRows(fold.test, matrix, "test on"));
    std::vector<bool> trained(matrix.rows(), false);
    std::vector<bool> groupTrained(static_cast<std::size_t>(matrix.groupNames.size()), false);
    for (const qsizetype row : fold.train) {
        trained[static_cast<std::size_t>(row)] = true;
        if (!matrix.groups.empty())
            groupTrained[static_cast<std::size_t>(matrix.groups[static_cast<std::size_t>(row)])] = true;
    }
    for (const qsizetype row : fold.test) {
        if (trained[static_cast<std::size_t>(row)])
            return badFold(QStringLiteral("row %1 is on both sides").arg(row));
        if (matrix.groups.empty())
            continue;
        const qint32 group = matrix.groups[static_cast<std::size_t>(row)];
        if (groupTrained[static_cast<std::size_t>(group)])
            return badFold(QStringLiteral("the group '%1' is on both sides").arg(matrix.groupNames[group]));
    }
    return {};
}

Result<ValidationReport> scorePredictions(const Matrix& matrix, std::vector<qsizetype> rows,
                                          std::vector<qint32> predicted)
{
    EMBER_CHECK(checkRows(rows, matrix, "score"));
    if (rows.size() != predicted.size() || matrix.labels.empty())
        return badFold(QStringLiteral("%1 predictions for %2 rows").arg(predicted.size()).arg(rows.size()));
    for (const qint32 klass : predicted) {
        if (klass < 0 || klass >= matrix.classNames.size())
            return badFold(QStringLiteral("class %1 of %2 was predicted").arg(klass).arg(matrix.classNames.size()));
    }
    const auto classes = static_cast<int>(matrix.classNames.size());
    const std::vector<qint32> truth = pick(matrix.labels, rows);
    const std::vector<qint32> groups = pick(matrix.groups, rows);
    const BootstrapOptions bootstrap{kReplicates, 0.95, 1};
    ValidationReport report;
    report.metrics = metricsOf(Confusion::of(truth, predicted, classes));
    std::vector<Interval> intervals = bootstrapIntervals(truth, predicted, groups, classes, accuracyAndF1Of, bootstrap);
    if (!intervals.empty()) {
        report.accuracy95 = intervals[0];
        report.macroF195 = intervals[1];
        report.classF195.assign(intervals.begin() + 2, intervals.end());
    }
    if (!matrix.groups.empty())
        report.groups = scoreGroups(matrix, rows, predicted);
    report.rows = std::move(rows);
    report.predicted = std::move(predicted);
    return report;
}

Result<ValidationReport> crossValidate(const TrainingRequest& request, const Matrix& matrix,
                                       const std::vector<dataset::Fold>& folds, const RunnerOptions& options,
                                       const ProgressSink& progress, const CancelToken& cancel)
{
    if (folds.empty())
        return badFold(QStringLiteral("there are no folds"));
    std::vector<qint32> predicted(matrix.rows(), -1);
    std::vector<ValidationReport::FoldScore> scores;
    for (std::size_t f = 0; f < folds.size(); ++f) {
        const QString step = QStringLiteral("validating fold %1 of %2").arg(f + 1).arg(folds.size());
        if (const Status valid = validate(folds[f], matrix); !valid)
            return valid.error().context(step);
        const auto answer = runFold(request, matrix, folds[f], options, partOf(progress, f, folds.size()), cancel);
        if (!answer)
            return answer.error().context(step);
        const Metrics metrics = scoreOf(matrix, folds[f].test, answer->predicted);
        scores.push_back({folds[f].testGroups, static_cast<qint64>(folds[f].test.size()), metrics.accuracy,
                          metrics.macroF1, answer->seconds});
        for (std::size_t i = 0; i < folds[f].test.size(); ++i)
            predicted[static_cast<std::size_t>(folds[f].test[i])] = answer->predicted[i];
    }
    std::vector<qsizetype> rows;
    std::vector<qint32> answers;
    for (std::size_t row = 0; row < predicted.size(); ++row) {
        if (predicted[row] >= 0) {
            rows.push_back(static_cast<qsizetype>(row));
            answers.push_back(predicted[row]);
        }
    }
    EMBER_TRY(ValidationReport report, scorePredictions(matrix, std::move(rows), std::move(answers)));
    report.folds = std::move(scores);
    return report;
}

} // namespace ember::learn
