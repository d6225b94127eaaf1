// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/window_opinions.h"

#include "core/explore/rows.h"
#include "core/features/extractor.h"
#include "core/model/evaluator.h"
#include "core/model/graph_builder.h"
#include "core/workflow/class_shares.h"
#include "core/workflow/model_ref.h"

#include <QJsonDocument>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

namespace ember::workflow {
namespace {

constexpr Eigen::Index kRowsAtOnce = 256;
constexpr double kUsualShare = 0.95;  ///< of labelled windows, whose distance to their like counts as usual
constexpr double kUnlikeFactor = 2.0; ///< of the usual distance; farther away is something else

struct LabelModel
{
    ReferredModel referred;
    features::Pipeline pipeline;
};

Result<LabelModel> loadLabelModel(const dataset::Project& project, const QString& ref)
{
    LabelModel found;
    EMBER_TRY(found.referred, loadModelRef(ref.isEmpty() ? project.path() : ref));
    const model::Model& model = found.referred.model;
    const auto json = QJsonDocument::fromJson(model.properties.value(QStringLiteral("emberlab.pipeline")).toUtf8());
    if (model.classNames.isEmpty() || model.classNames == model::anomalyClasses() || !json.isObject())
        return Error(ErrorKind::Unsupported,
                     QStringLiteral("The model '%1' tells no labels: it has no classes or no feature pipeline.")
                         .arg(found.referred.name),
                     QStringLiteral("Train a classifier on the project, or let labelled windows suggest."));
    EMBER_TRY(found.pipeline, features::pipelineFromJson(json.object()));
    return found;
}

/// The recordings that are asked for and can be cut so.
Result<std::vector<dataset::RecordingId>> fittingRecordings(const dataset::Project& project, const QStringList& names,
                                                            const signal::StreamSpec& stream, qint64 rows)
{
    EMBER_TRY(const std::vector<dataset::Recording> all, namedRecordings(project, names));
    std::vector<dataset::RecordingId> fitting;
    for (const dataset::Recording& recording : all) {
        if (recording.rowCount >= rows && dataset::sameLayout(recording.stream, stream))
            fitting.push_back(recording.id);
    }
    if (fitting.empty())
        return Error(ErrorKind::Usage,
                     QStringLiteral("No recording has a window of %1 rows of the channels and rate that are looked at.")
                         .arg(rows),
                     QStringLiteral("Take a model that was trained on such recordings, or shorter windows."));
    return fitting;
}

/// All windows, labelled or not, by recording and row.
Result<dataset::WindowSet> allWindows(const dataset::Project& project, const std::vector<dataset::RecordingId>& of,
                                      qint64 rows, qint64 hop)
{
    dataset::WindowSpec spec;
    spec.rows = rows;
    spec.hop = hop;
    EMBER_TRY(dataset::WindowSet windows, dataset::makeWindows(project, spec, of));
    std::stable_sort(windows.windows.begin(), windows.windows.end(),
                     [](const dataset::Window& a, const dataset::Window& b) {
                         return std::tie(a.recording, a.begin) < std::tie(b.recording, b.begin);
                     });
    return windows;
}

Result<std::vector<float>> featuresOf(const dataset::Project& project, const features::Pipeline& pipeline,
                                      const dataset::WindowSet& windows, const Hooks& hooks)
{
    EMBER_TRY(const std::vector<QByteArray> bytes, windowBytes(project, windows, hooks));
    const std::vector<QByteArrayView> views(bytes.begin(), bytes.end());
    features::BatchOptions options;
    options.cancel = hooks.cancel;
    options.progress = hooks.progress;
    EMBER_TRY(features::FeatureMatrix matrix, features::extractAll(pipeline, views, options));
    return std::move(matrix.values);
}

Opinions opinionsFor(const dataset::WindowSet& windows, const QStringList& classNames)
{
    Opinions opinions;
    opinions.spec = windows.spec;
    opinions.classNames = classNames;
    for (const dataset::Window& window : windows.windows) {
        opinions.recordings.push_back(window.recording);
        opinions.windows.push_back({window.begin, -1, 0});
    }
    return opinions;
}

/// Which windows are labelled, and how: rows of the feature matrix by class.
using Examples = std::vector<std::vector<Eigen::Index>>;

Examples examplesOf(const dataset::WindowSet& all, const dataset::WindowSet& labelled)
{
    std::map<std::pair<dataset::RecordingId, qint64>, Eigen::Index> rows;
    for (std::size_t i = 0; i < all.windows.size(); ++i)
        rows.emplace(std::pair(all.windows[i].recording, all.windows[i].begin), static_cast<Eigen::Index>(i));
    Examples examples(static_cast<std::size_t>(labelled.classNames.size()));
    for (const dataset::Window& window : labelled.windows) {
        const auto at = rows.find({window.recording, window.begin});
        if (at != rows.end() && window.label >= 0)
            examples[static_cast<std::size_t>(window.label)].push_back(at->second);
    }
    return examples;
}

/// Distances of rows [begin, begin + count) to each example.
explore::Rows distances(const explore::Rows& all, Eigen::Index begin, Eigen::Index count, const explore::Rows& examples)
{
    const auto part = all.middleRows(begin, count);
    explore::Rows squares = -2.0f * part * examples.transpose();
    squares.colwise() += part.rowwise().squaredNorm();
    squares.rowwise() += examples.rowwise().squaredNorm().transpose();
    return squares.cwiseMax(0.0f).cwiseSqrt();
}

/// What labelled windows are usually from the nearest other one of their label that shares no row with them; infinite
/// where there are no such.
double usualDistance(const explore::Rows& features, const dataset::WindowSet& windows, const Examples& examples)
{
    std::vector<double> nearest;
    for (const std::vector<Eigen::Index>& rows : examples) {
        if (rows.size() < 2)
            continue;
        const explore::Rows own = features(rows, Eigen::indexing::all);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const explore::Rows apart = distances(own, static_cast<Eigen::Index>(i), 1, own);
            const dataset::Window& window = windows.windows[static_cast<std::size_t>(rows[i])];
            double least = std::numeric_limits<double>::infinity();
            for (std::size_t j = 0; j < rows.size(); ++j) {
                const dataset::Window& other = windows.windows[static_cast<std::size_t>(rows[j])];
                const bool shares =
                    other.recording == window.recording && std::abs(other.begin - window.begin) < windows.spec.rows;
                if (!shares)
                    least = std::min(least, static_cast<double>(apart(0, static_cast<Eigen::Index>(j))));
            }
            if (std::isfinite(least))
                nearest.push_back(least);
        }
    }
    if (nearest.empty())
        return std::numeric_limits<double>::infinity();
    const auto at =
        nearest.begin() + static_cast<std::ptrdiff_t>(kUsualShare * static_cast<double>(nearest.size() - 1));
    std::nth_element(nearest.begin(), at, nearest.end());
    return *at;
}

/// Distance of each window to the nearest example of each class: windows x classes.
Result<explore::Rows> nearestByClass(const explore::Rows& features, const Examples& examples, const Hooks& hooks)
{
    explore::Rows nearest(features.rows(), static_cast<Eigen::Index>(examples.size()));
    nearest.setConstant(std::numeric_limits<float>::infinity());
    for (std::size_t c = 0; c < examples.size(); ++c) {
        if (examples[c].empty())
            continue;
        const explore::Rows own = features(examples[c], Eigen::indexing::all);
        for (Eigen::Index begin = 0; begin < features.rows(); begin += kRowsAtOnce) {
            if (hooks.cancel.isCancelled())
                return Error(ErrorKind::Cancelled, QStringLiteral("Comparing windows was cancelled."));
            const Eigen::Index count = std::min(kRowsAtOnce, features.rows() - begin);
            nearest.block(begin, static_cast<Eigen::Index>(c), count, 1) =
                distances(features, begin, count, own).rowwise().minCoeff();
        }
    }
    return nearest;
}

WindowOpinion nearestOpinion(qint64 begin, const Eigen::Ref<const Eigen::RowVectorXf>& nearest, double limit)
{
    Eigen::Index first = 0;
    const auto own = static_cast<double>(nearest.minCoeff(&first));
    if (own > limit)
        return {begin, -1, 0};
    double other = std::numeric_limits<double>::infinity();
    for (Eigen::Index c = 0; c < nearest.size(); ++c) {
        if (c != first)
            other = std::min(other, static_cast<double>(nearest[c]));
    }
    const double confidence = own + other > 0 ? other / (own + other) : 0.5;
    return {begin, static_cast<qint32>(first), std::isfinite(other) ? confidence : 1.0};
}

} // namespace

Result<Opinions> opinionsOfModel(const dataset::Project& project, const SuggestionRequest& request, const Hooks& hooks)
{
    EMBER_TRY(const LabelModel found, loadLabelModel(project, request.model));
    const features::Pipeline& pipeline = found.pipeline;
    EMBER_TRY(const auto recordings,
              fittingRecordings(project, request.recordings, pipeline.stream, pipeline.windowRows));
    EMBER_TRY(const dataset::WindowSet windows, allWindows(project, recordings, pipeline.windowRows, pipeline.hopRows));
    EMBER_TRY(const std::vector<float> features, featuresOf(project, pipeline, windows, hooks));
    EMBER_TRY(const model::Evaluation evaluation, model::evaluate(found.referred.model, features));
    if (evaluation.winners.size() != windows.windows.size())
        return Error(ErrorKind::Unsupported,
                     QStringLiteral("The model '%1' does not say which class wins.").arg(found.referred.name));
    Opinions opinions = opinionsFor(windows, found.referred.model.classNames);
    opinions.by = found.referred.name;
    const std::vector<float> shares = classShares(evaluation);
    for (std::size_t i = 0; i < opinions.windows.size(); ++i) {
        const qint32 winner = evaluation.winners[i];
        opinions.windows[i].label = winner;
        opinions.windows[i].confidence =
            static_cast<double>(shares[i * evaluation.targets + static_cast<std::size_t>(winner)]);
    }
    return opinions;
}

Result<Opinions> opinionsOfNeighbours(const dataset::Project& project, const SuggestionRequest& request,
                                      const Hooks& hooks)
{
    FeatureRequest wanted = request.features;
    wanted.labelSet = request.labelSet;
    EMBER_TRY(const FeatureSet labelled, planFeatures(project, wanted));
    if (labelled.windows.classNames.size() < 2)
        return Error(ErrorKind::Usage,
                     QStringLiteral("Only '%1' is labelled, so nothing tells it from the rest.")
                         .arg(labelled.windows.classNames.value(0)),
                     QStringLiteral("Label a stretch of something else as well."));
    // Examples are taken from everywhere, suggestions made for what was asked.
    const dataset::WindowSpec& spec = labelled.windows.spec;
    EMBER_TRY(const auto recordings, fittingRecordings(project, {}, labelled.pipeline.stream, spec.rows));
    EMBER_TRY(const dataset::WindowSet windows, allWindows(project, recordings, spec.rows, spec.hop));
    EMBER_TRY(const std::vector<float> values, featuresOf(project, labelled.pipeline, windows, hooks));
    const explore::Standardised data = explore::standardise(values, labelled.matrix.columns);
    const Examples examples = examplesOf(windows, labelled.windows);
    const double limit = kUnlikeFactor * usualDistance(data.rows, windows, examples);
    EMBER_TRY(const explore::Rows nearest, nearestByClass(data.rows, examples, hooks));

    EMBER_TRY(const auto asked, fittingRecordings(project, request.recordings, labelled.pipeline.stream, spec.rows));
    const Opinions all = opinionsFor(windows, labelled.windows.classNames);
    Opinions opinions = opinionsFor({}, labelled.windows.classNames);
    opinions.spec = spec;
    opinions.by = QStringLiteral("%1 labelled windows").arg(labelled.windows.windows.size());
    for (std::size_t i = 0; i < all.windows.size(); ++i) {
        if (std::find(asked.begin(), asked.end(), all.recordings[i]) == asked.end())
            continue;
        opinions.recordings.push_back(all.recordings[i]);
        opinions.windows.push_back(
            nearestOpinion(all.windows[i].begin, nearest.row(static_cast<Eigen::Index>(i)), limit));
        opinions.unlike += opinions.windows.back().label < 0 ? 1 : 0;
    }
    return opinions;
}

} // namespace ember::workflow
