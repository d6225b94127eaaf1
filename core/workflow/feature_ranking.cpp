// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/feature_ranking.h"

#include "core/base/random.h"
#include "core/learn/metrics.h"
#include "core/model/evaluator.h"
#include "core/workflow/model_ref.h"
#include "core/workflow/run_predictions.h"
#include "core/workflow/training.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ember::workflow {
namespace {

/// Macro F1 of the model on the rows.
Result<double> scoreOf(const model::Evaluator& evaluator, const learn::Matrix& matrix)
{
    EMBER_TRY(const model::Evaluation evaluation, evaluator.run(matrix.features));
    const int classes = static_cast<int>(matrix.classNames.size());
    const bool fits = evaluation.winners.size() == matrix.rows() &&
                      std::all_of(evaluation.winners.begin(), evaluation.winners.end(),
                                  [classes](qint32 winner) { return winner >= 0 && winner < classes; });
    if (!fits)
        return Error(ErrorKind::Usage, QStringLiteral("The run's model does not tell these classes apart."),
                     QStringLiteral("Choose a run of a classifier."));
    return learn::metricsOf(learn::Confusion::of(matrix.labels, evaluation.winners, classes)).macroF1;
}

struct TestRows
{
    std::vector<qsizetype> rows;
    bool heldOut = false;
};

/// Those that were kept from the stored model, where there are any: a model that was cross-validated is trained on all.
TestRows testRowsOf(const dataset::Run& run, const FeatureSet& set, int most)
{
    TestRows test;
    const auto choice = parseValidation(run.validation.value(QStringLiteral("method")).toString());
    const auto stored = predictionsFromJson(run.scores.value(QStringLiteral("predictions")).toObject());
    test.heldOut = choice && stored && !stored->rows.empty() &&
                   (choice->method == ValidationChoice::Method::HoldOut ||
                    choice->method == ValidationChoice::Method::StoredSplit);
    std::vector<qsizetype> all;
    if (test.heldOut) {
        all.assign(stored->rows.begin(), stored->rows.end());
        const auto count = static_cast<qsizetype>(set.matrix.rows());
        std::erase_if(all, [count](qsizetype row) { return row < 0 || row >= count; });
    } else {
        all.resize(set.matrix.rows());
        std::iota(all.begin(), all.end(), qsizetype{0});
    }
    for (const Eigen::Index i : explore::spread(static_cast<Eigen::Index>(all.size()), most))
        test.rows.push_back(all[static_cast<std::size_t>(i)]);
    return test;
}

void shuffleColumn(learn::Matrix& matrix, std::size_t column, Random& random)
{
    for (std::size_t i = matrix.rows(); i > 1; --i)
        std::swap(matrix.features[(i - 1) * matrix.columns + column],
                  matrix.features[static_cast<std::size_t>(random.below(i)) * matrix.columns + column]);
}

} // namespace

std::vector<RankedFeature> rankFeatures(const learn::Matrix& matrix)
{
    const std::vector<explore::FeatureScore> scores =
        explore::featureScores(matrix.features, matrix.columns, matrix.labels);
    std::vector<RankedFeature> ranked;
    for (std::size_t i = 0; i < scores.size(); ++i)
        ranked.push_back({static_cast<qsizetype>(i), matrix.featureNames.value(static_cast<qsizetype>(i)), scores[i]});
    std::stable_sort(ranked.begin(), ranked.end(), [](const RankedFeature& a, const RankedFeature& b) {
        return a.score.mutualInformation > b.score.mutualInformation;
    });
    return ranked;
}

QString runMismatch(const dataset::Run& run, const FeatureSet& set)
{
    if (run.status != dataset::RunStatus::Finished)
        return QStringLiteral("%1 is %2").arg(run.name, dataset::runStatusName(run.status));
    if (run.pipeline != features::toJson(set.pipeline))
        return QStringLiteral("%1 was trained on other features or windows").arg(run.name);
    if (run.datasetHash != set.datasetHash)
        return QStringLiteral("the data has changed since %1 was trained").arg(run.name);
    if (run.windows.value(QStringLiteral("count")).toInteger() != static_cast<qint64>(set.windows.windows.size()))
        return QStringLiteral("%1 was trained on other windows").arg(run.name);
    return {};
}

Result<Importance> permutationImportance(const dataset::Project& project, dataset::RunId id, const FeatureSet& set,
                                         const ImportanceOptions& options, const Hooks& hooks)
{
    EMBER_TRY(const dataset::Run run, project.runs().get(id));
    if (const QString why = runMismatch(run, set); !why.isEmpty())
        return Error(ErrorKind::Usage, QStringLiteral("The importance cannot be told: %1.").arg(why),
                     QStringLiteral("Train again, or choose the features of the run."));
    EMBER_TRY(const ReferredModel referred,
              loadModelRef(QStringLiteral("%1#%2").arg(project.path()).arg(run.model.value)));
    EMBER_TRY(const model::Evaluator evaluator, model::Evaluator::create(referred.model));
    const TestRows test = testRowsOf(run, set, options.mostRows);
    const learn::Matrix rows = set.matrix.select(test.rows);
    Importance made;
    made.heldOut = test.heldOut;
    made.rows = static_cast<qint64>(rows.rows());
    EMBER_TRY(made.f1, scoreOf(evaluator, rows));
    for (std::size_t column = 0; column < rows.columns; ++column) {
        report(hooks.progress, QStringLiteral("Shuffling features"),
               static_cast<double>(column) / static_cast<double>(rows.columns));
        double sum = 0;
        double squares = 0;
        for (int repeat = 0; repeat < options.repeats; ++repeat) {
            if (hooks.cancel.isCancelled())
                return Error(ErrorKind::Cancelled, QStringLiteral("The importance was cancelled."));
            learn::Matrix shuffled = rows;
            Random random = Random::forItem(options.seed, column * 1000 + static_cast<std::size_t>(repeat));
            shuffleColumn(shuffled, column, random);
            EMBER_TRY(const double score, scoreOf(evaluator, shuffled));
            sum += made.f1 - score;
            squares += (made.f1 - score) * (made.f1 - score);
        }
        const double mean = sum / options.repeats;
        made.features.push_back({mean, std::sqrt(std::max(0.0, squares / options.repeats - mean * mean))});
    }
    return made;
}

} // namespace ember::workflow
