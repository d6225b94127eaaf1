// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/validation.h"

#include "core/model/evaluator.h"

#include <algorithm>
#include <functional>

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

Result<model::Evaluation> runFold(const TrainingRequest& request, const Matrix& matrix, const dataset::Fold& fold,
                                  const RunnerOptions& options, const ProgressSink& progress, const CancelToken& cancel,
                                  double& seconds)
{
    EMBER_TRY(const Matrix part, trainingPart(matrix, fold.train, request.task));
    EMBER_TRY(const JobResult trained, trainInWorker(request, part, options, progress, cancel));
    seconds = trained.seconds;
    EMBER_TRY(model::Evaluation evaluation, model::evaluate(trained.model, matrix.select(fold.test).features));
    const bool classifies = request.task != plugin::Task::Regression;
    if (evaluation.winners.size() != (classifies ? fold.test.size() : 0) || evaluation.rows() != fold.test.size())
        return Error(ErrorKind::Unsupported,
                     QStringLiteral("'%1' makes no %2.")
                         .arg(request.trainer, classifies ? QStringLiteral("classifier") : QStringLiteral("regressor")),
                     QStringLiteral("'emberlab plugins' says what each trainer is for."));
    return evaluation;
}

// What the models of all folds said, row by row of the matrix.
struct Answers
{
    explicit Answers(std::size_t rows)
        : tested(rows, false)
        , winners(rows, -1)
    {}

    void take(const std::vector<qsizetype>& rows, const model::Evaluation& evaluation)
    {
        if (targets == 0) {
            targets = evaluation.targets;
            scores.resize(tested.size() * targets);
        }
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const auto row = static_cast<std::size_t>(rows[i]);
            tested[row] = true;
            if (!evaluation.winners.empty())
                winners[row] = evaluation.winners[i];
            if (evaluation.targets == targets)
                std::copy_n(evaluation.row(i).begin(), targets, scores.begin() + static_cast<qsizetype>(row * targets));
        }
    }

    std::vector<qsizetype> rows() const
    {
        std::vector<qsizetype> all;
        for (std::size_t row = 0; row < tested.size(); ++row) {
            if (tested[row])
                all.push_back(static_cast<qsizetype>(row));
        }
        return all;
    }

    std::vector<float> scoresOf(const std::vector<qsizetype>& rows) const
    {
        std::vector<float> part;
        for (const qsizetype row : rows) {
            const auto from = scores.begin() + row * static_cast<qsizetype>(targets);
            part.insert(part.end(), from, from + static_cast<qsizetype>(targets));
        }
        return part;
    }

    std::vector<bool> tested;
    std::vector<qint32> winners;
    std::size_t targets = 0;
    std::vector<float> scores;
};

void scoreRegression(ValidationReport& report, const Matrix& matrix)
{
    std::vector<float> truth;
    for (const qsizetype row : report.rows)
        truth.push_back(matrix.targets[static_cast<std::size_t>(row)]);
    report.regression = regressionMetricsOf(truth, report.scores);
    const auto r2 = [&](std::span<const std::size_t> rows) -> std::optional<double> {
        std::vector<float> drawnTruth, drawn;
        for (const std::size_t row : rows) {
            drawnTruth.push_back(truth[row]);
            drawn.push_back(report.scores[row]);
        }
        return regressionMetricsOf(drawnTruth, drawn).r2;
    };
    report.r295 = bootstrapRows(truth.size(), pick(matrix.groups, report.rows), r2, {kReplicates, 0.95, 1});
}

void scoreAnomalies(ValidationReport& report, const Matrix& matrix)
{
    const std::vector<double> scores = anomalyScores(report);
    std::vector<bool> positive;
    for (const qsizetype row : report.rows)
        positive.push_back(matrix.labels[static_cast<std::size_t>(row)] != 0);
    report.rocAuc = rocAuc(scores, positive);
    const auto area = [&](std::span<const std::size_t> rows) {
        std::vector<double> drawn;
        std::vector<bool> drawnPositive;
        for (const std::size_t row : rows) {
            drawn.push_back(scores[row]);
            drawnPositive.push_back(positive[row]);
        }
        return rocAuc(drawn, drawnPositive);
    };
    if (report.rocAuc)
        report.rocAuc95 = bootstrapRows(scores.size(), pick(matrix.groups, report.rows), area, {kReplicates, 0.95, 1});
}

Result<ValidationReport> reportOf(const TrainingRequest& request, const Matrix& matrix, const Answers& answers)
{
    std::vector<qsizetype> rows = answers.rows();
    ValidationReport report;
    if (request.task == plugin::Task::Regression) {
        report.rows = rows;
    } else {
        std::vector<qint32> winners;
        for (const qsizetype row : rows)
            winners.push_back(answers.winners[static_cast<std::size_t>(row)]);
        EMBER_TRY(report, scorePredictions(matrix, rows, std::move(winners)));
    }
    report.task = request.task;
    report.targets = answers.targets;
    report.scores = answers.scoresOf(rows);
    if (request.task == plugin::Task::Regression)
        scoreRegression(report, matrix);
    else if (request.task == plugin::Task::Anomaly)
        scoreAnomalies(report, matrix);
    return report;
}

ValidationReport::FoldScore foldScore(const TrainingRequest& request, const Matrix& matrix, const dataset::Fold& fold,
                                      const model::Evaluation& evaluation, double seconds)
{
    ValidationReport::FoldScore score{fold.testGroups, static_cast<qint64>(fold.test.size()), 0, 0, seconds};
    if (request.task != plugin::Task::Regression) {
        const Metrics metrics = scoreOf(matrix, fold.test, evaluation.winners);
        score.accuracy = metrics.accuracy;
        score.macroF1 = metrics.macroF1;
    }
    return score;
}

} // namespace

Result<Matrix> trainingPart(const Matrix& matrix, const std::vector<qsizetype>& rows, plugin::Task task)
{
    if (task != plugin::Task::Anomaly)
        return matrix.select(rows);
    std::vector<qsizetype> normal;
    for (const qsizetype row : rows) {
        if (matrix.labels.empty() || matrix.labels[static_cast<std::size_t>(row)] == 0)
            normal.push_back(row);
    }
    if (normal.empty())
        return Error(ErrorKind::Usage, QStringLiteral("No normal window is left to learn from."),
                     QStringLiteral("Record what is normal in more than one group, or validate in another way."));
    Matrix part = matrix.select(normal);
    part.labels.clear();
    part.classNames.clear();
    return part;
}

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
        if (matrix.groups.empty() || fold.mixesGroups)
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
    Answers answers(matrix.rows());
    std::vector<ValidationReport::FoldScore> scores;
    for (std::size_t f = 0; f < folds.size(); ++f) {
        const QString step = QStringLiteral("validating fold %1 of %2").arg(f + 1).arg(folds.size());
        if (const Status valid = validate(folds[f], matrix); !valid)
            return valid.error().context(step);
        double seconds = 0;
        const auto evaluation =
            runFold(request, matrix, folds[f], options, partOf(progress, f, folds.size()), cancel, seconds);
        if (!evaluation)
            return evaluation.error().context(step);
        scores.push_back(foldScore(request, matrix, folds[f], *evaluation, seconds));
        answers.take(folds[f].test, *evaluation);
    }
    EMBER_TRY(ValidationReport report, reportOf(request, matrix, answers));
    report.folds = std::move(scores);
    return report;
}

std::vector<double> anomalyScores(const ValidationReport& report)
{
    std::vector<double> scores;
    for (std::size_t i = 0; report.targets == 2 && i < report.rows.size(); ++i)
        scores.push_back(static_cast<double>(report.scores[2 * i + 1]) - static_cast<double>(report.scores[2 * i]));
    return scores;
}

Result<double> thresholdFor(const ValidationReport& report, const Matrix& matrix, double share)
{
    const std::vector<double> all = anomalyScores(report);
    std::vector<double> normal;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (matrix.labels[static_cast<std::size_t>(report.rows[i])] == 0)
            normal.push_back(all[i]);
    }
    if (!(share >= 0 && share < 1) || normal.empty())
        return Error(ErrorKind::Usage,
                     QStringLiteral("There is no threshold for a false alarm rate of %1 over %2 normal windows.")
                         .arg(share)
                         .arg(normal.size()),
                     QStringLiteral("Give a rate from 0 up to 1, and test on normal recordings."));
    std::sort(normal.begin(), normal.end(), std::greater<>());
    const auto allowed = static_cast<std::size_t>(share * static_cast<double>(normal.size()));
    return normal[allowed]; // as many lie above it as are allowed, fewer where scores are equal
}

Result<ValidationReport> withThreshold(const ValidationReport& report, const Matrix& matrix, double threshold)
{
    std::vector<qint32> predicted;
    std::vector<float> scores;
    const std::vector<double> old = anomalyScores(report);
    for (const double score : old) {
        predicted.push_back(score > threshold ? 1 : 0);
        scores.push_back(static_cast<float>((threshold - score) / 2));
        scores.push_back(static_cast<float>((score - threshold) / 2));
    }
    EMBER_TRY(ValidationReport moved, scorePredictions(matrix, report.rows, std::move(predicted)));
    moved.task = report.task;
    moved.targets = report.targets;
    moved.scores = std::move(scores);
    moved.rocAuc = report.rocAuc;
    moved.rocAuc95 = report.rocAuc95;
    moved.folds = report.folds;
    return moved;
}

} // namespace ember::learn
