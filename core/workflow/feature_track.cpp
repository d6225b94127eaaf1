// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/feature_track.h"

#include "core/features/extractor.h"

#include <algorithm>
#include <span>

namespace ember::workflow {
namespace {

constexpr std::size_t kWindowsAtOnce = 256; ///< bounds the memory: windows overlap, and sound has many rows

/// The feature of these windows, in their order.
Result<std::vector<float>> valuesOf(const dataset::Project& project, const features::Pipeline& pipeline, int column,
                                    const dataset::WindowSet& windows, const Hooks& hooks)
{
    EMBER_TRY(const std::vector<QByteArray> bytes, windowBytes(project, windows, {{}, hooks.cancel}));
    const std::vector<QByteArrayView> views(bytes.begin(), bytes.end());
    features::BatchOptions options;
    options.cancel = hooks.cancel;
    EMBER_TRY(const features::FeatureMatrix matrix, features::extractAll(pipeline, views, options));
    std::vector<float> values;
    for (qsizetype row = 0; row < matrix.rows(); ++row)
        values.push_back(matrix.row(row)[static_cast<std::size_t>(column)]);
    return values;
}

void append(FeatureTrack& track, const dataset::WindowSpec& spec, qint64 begin, float value)
{
    const qint64 middle = begin + spec.rows / 2;
    const bool goesOn =
        !track.pieces.empty() &&
        track.pieces.back().firstRow + static_cast<qint64>(track.pieces.back().values.size()) * spec.hop == middle;
    if (!goesOn)
        track.pieces.push_back({middle, spec.hop, {}});
    track.pieces.back().values.push_back(value);
}

} // namespace

Result<QStringList> featureNamesFor(const dataset::Project& project, dataset::RecordingId recording,
                                    const FeatureRequest& request)
{
    EMBER_TRY(const dataset::Recording about, project.recordings().get(recording));
    EMBER_TRY(const features::Pipeline pipeline, pipelineFor(request, about.stream));
    return features::featureNames(pipeline);
}

Result<FeatureTrack> featureTrack(const dataset::Project& project, dataset::RecordingId recording,
                                  const FeatureRequest& request, const QString& feature, const Hooks& hooks)
{
    EMBER_TRY(const dataset::Recording about, project.recordings().get(recording));
    EMBER_TRY(const features::Pipeline pipeline, pipelineFor(request, about.stream));
    const qsizetype column = features::featureNames(pipeline).indexOf(feature);
    if (column < 0)
        return Error(ErrorKind::Usage,
                     QStringLiteral("The features of '%1' have none called '%2'.").arg(about.name, feature),
                     QStringLiteral("Choose one that fits its channels."));
    dataset::WindowSpec spec;
    spec.rows = pipeline.windowRows;
    spec.hop = std::max<qint64>(pipeline.hopRows, about.endRow / kMostTrackWindows);
    EMBER_TRY(dataset::WindowSet windows, dataset::makeWindows(project, spec, {recording}));
    if (windows.windows.empty())
        return Error(ErrorKind::Usage,
                     QStringLiteral("'%1' has no window of %2 rows without a gap.").arg(about.name).arg(spec.rows),
                     QStringLiteral("Take shorter windows on the Features page."));
    FeatureTrack track;
    track.name = feature;
    track.windowSeconds = static_cast<double>(spec.rows) / about.stream.rateHz;
    const std::vector<dataset::Window> all = std::move(windows.windows);
    for (std::size_t at = 0; at < all.size(); at += kWindowsAtOnce) {
        report(hooks.progress, QStringLiteral("Computing %1").arg(feature),
               static_cast<double>(at) / static_cast<double>(all.size()));
        const std::span part = std::span(all).subspan(at, std::min(kWindowsAtOnce, all.size() - at));
        windows.windows.assign(part.begin(), part.end());
        EMBER_TRY(const std::vector<float> values,
                  valuesOf(project, pipeline, static_cast<int>(column), windows, hooks));
        for (std::size_t i = 0; i < part.size(); ++i)
            append(track, spec, part[i].begin, values[i]);
    }
    return track;
}

} // namespace ember::workflow
