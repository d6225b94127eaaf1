// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/feature_set.h"

#include "core/base/content_hash.h"
#include "core/dataset/dataset_hash.h"
#include "core/dataset/recording_reader.h"
#include "core/features/extractor.h"
#include "core/features/presets.h"

#include <QFile>
#include <QJsonDocument>

#include <cmath>
#include <cstring>
#include <map>

namespace ember::workflow {
namespace {

constexpr int kReportEvery = 64;
constexpr int kMostWindowRows = 1 << 20;

/// A list of blocks, for windows of `rows`, or a whole pipeline, which brings its own windows and says for which
/// stream. `what` names it in errors.
Result<features::Pipeline> parsePipeline(const QByteArray& text, const QString& what, const signal::StreamSpec& stream,
                                         int rows, int hop)
{
    EMBER_TRY(features::Pipeline pipeline, features::pipelineFromText(text, stream, rows, hop));
    // Other scales or rates would give other features without a word.
    if (const QString difference = dataset::layoutDifference(pipeline.stream, stream); !difference.isEmpty())
        return Error(ErrorKind::Usage, QStringLiteral("%1 is not for these recordings: %2.").arg(what, difference),
                     QStringLiteral("Give only its list of blocks to use it on these recordings."));
    return pipeline;
}

Result<features::Pipeline> readPipeline(const QString& path, const signal::StreamSpec& stream, int rows, int hop)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error(ErrorKind::NotFound,
                     QStringLiteral("The pipeline '%1' cannot be read: %2.").arg(path, file.errorString()));
    return parsePipeline(file.readAll(), QStringLiteral("The pipeline '%1'").arg(path), stream, rows, hop);
}

// The stream of the recordings that will be cut; makeWindows checks that all of them agree with it.
Result<signal::StreamSpec> streamOf(const dataset::Project& project)
{
    EMBER_TRY(const auto recordings, project.recordings().list());
    for (const dataset::Recording& recording : recordings) {
        if (recording.rowCount > 0)
            return recording.stream;
    }
    return Error(ErrorKind::Usage, QStringLiteral("The project has no recordings."),
                 QStringLiteral("Record from a board or import files first."));
}

Result<dataset::LabelSetId> labelSetFor(const dataset::Project& project, const QString& name)
{
    EMBER_TRY(const auto sets, project.labels().sets());
    if (name.isEmpty() && sets.size() == 1)
        return sets.front().id;
    EMBER_TRY(const dataset::LabelSet set,
              project.labels().findSet(name.isEmpty() ? QString::fromLatin1(dataset::kDefaultLabelSet) : name));
    return set.id;
}

Result<QString> windowsHash(const dataset::Project& project, const dataset::WindowSet& windows)
{
    ContentHash hash;
    std::map<dataset::RecordingId, QString> contents;
    for (const dataset::Window& window : windows.windows) {
        QString& content = contents[window.recording];
        if (content.isEmpty()) {
            EMBER_TRY(const dataset::Recording recording, project.recordings().get(window.recording));
            content = recording.contentHash;
        }
        hash.add(content).add(window.begin);
    }
    return hash.add(windows.spec.rows).hex();
}

QByteArray toBytes(const std::vector<float>& values)
{
    return QByteArray(reinterpret_cast<const char*>(values.data()),
                      static_cast<qsizetype>(values.size() * sizeof(float)));
}

std::vector<float> fromBytes(const QByteArray& bytes)
{
    std::vector<float> values(static_cast<std::size_t>(bytes.size()) / sizeof(float));
    std::memcpy(values.data(), bytes.constData(), values.size() * sizeof(float));
    return values;
}

void addLabels(FeatureSet& set)
{
    learn::Matrix& matrix = set.matrix;
    matrix.classNames = set.windows.classNames;
    matrix.groupNames = set.windows.groupNames;
    matrix.featureNames = features::featureNames(set.pipeline);
    matrix.columns = static_cast<std::size_t>(matrix.featureNames.size());
    matrix.shape = features::featureShape(set.pipeline);
    matrix.labels.clear();
    matrix.groups.clear();
    for (const dataset::Window& window : set.windows.windows) {
        matrix.labels.push_back(window.label);
        matrix.groups.push_back(window.group);
    }
}

Status extractInto(FeatureSet& set, const dataset::Project& project, const Hooks& hooks)
{
    EMBER_TRY(const std::vector<QByteArray> bytes, windowBytes(project, set.windows, hooks));
    const std::vector<QByteArrayView> views(bytes.begin(), bytes.end());
    features::BatchOptions options;
    options.cancel = hooks.cancel;
    options.progress = hooks.progress;
    EMBER_TRY(features::FeatureMatrix matrix, features::extractAll(set.pipeline, views, options));
    set.matrix.features = std::move(matrix.values);
    return {};
}

} // namespace

Result<features::Pipeline> pipelineFor(const FeatureRequest& request, const signal::StreamSpec& stream, QString* why)
{
    if (stream.rateHz <= 0)
        return Error(ErrorKind::Usage,
                     QStringLiteral("The rate of the recordings is not known, so %1 s is no number of rows.")
                         .arg(request.windowSeconds),
                     QStringLiteral("Import them again with their rate."));
    const auto rowsIn = [&stream](double seconds) {
        const double rows = std::round(seconds * stream.rateHz);
        return rows >= 0 && rows <= kMostWindowRows ? static_cast<int>(rows) : 0; // NaN is neither
    };
    const int rows = rowsIn(request.windowSeconds);
    const int hop = rowsIn(request.strideSeconds);
    if (rows < 2 || hop < 1)
        return Error(ErrorKind::Usage,
                     QStringLiteral("A window of %1 s every %2 s has no rows at %3 Hz.")
                         .arg(request.windowSeconds)
                         .arg(request.strideSeconds)
                         .arg(stream.rateHz),
                     QStringLiteral("A window has 2 to %1 rows.").arg(kMostWindowRows));
    if (!request.pipelineText.isEmpty())
        return parsePipeline(request.pipelineText, QStringLiteral("The pipeline"), stream, rows, hop);
    if (!request.pipelineFile.isEmpty())
        return readPipeline(request.pipelineFile, stream, rows, hop);
    QString preset = request.preset;
    if (preset == QStringLiteral("auto")) {
        const features::PresetChoice choice = features::choosePreset(stream, request.windowSeconds);
        preset = choice.name;
        if (why)
            *why = QStringLiteral("Preset '%1': %2").arg(choice.name, choice.why);
    }
    return features::presetPipeline(preset, stream, rows, hop);
}

Result<FeatureSet> planFeatures(const dataset::Project& project, const FeatureRequest& request)
{
    FeatureSet set;
    EMBER_TRY(const signal::StreamSpec stream, streamOf(project));
    EMBER_TRY(set.pipeline, pipelineFor(request, stream, &set.presetWhy));
    dataset::WindowSpec spec;
    spec.rows = set.pipeline.windowRows;
    spec.hop = set.pipeline.hopRows;
    spec.minShare = request.minShare;
    EMBER_TRY(spec.labelSet, labelSetFor(project, request.labelSet));
    EMBER_TRY(set.windows, dataset::makeWindows(project, spec));
    if (set.windows.windows.empty())
        return Error(
            ErrorKind::Usage,
            QStringLiteral("No window of %1 rows has a label that covers %2 % of it (%3 unlabelled, %4 mixed).")
                .arg(spec.rows)
                .arg(qRound(spec.minShare * 100))
                .arg(set.windows.unlabelled)
                .arg(set.windows.mixed),
            QStringLiteral("Label more of the recordings, or use shorter windows."));
    addLabels(set);
    return set;
}

Result<FeatureSet> computeFeatures(const dataset::Project& project, const FeatureRequest& request, const Hooks& hooks)
{
    report(hooks.progress, QStringLiteral("Cutting windows"));
    EMBER_TRY(FeatureSet set, planFeatures(project, request));
    EMBER_TRY(set.datasetHash, dataset::datasetHash(project));
    EMBER_TRY(const QString windows, windowsHash(project, set.windows));
    const QString key = features::featureCacheKey(set.pipeline, windows);
    const std::size_t wanted = set.windows.windows.size() * set.matrix.columns * sizeof(float);

    EMBER_TRY(const std::optional<QByteArray> cached, project.featureCache().get(key));
    if (cached && static_cast<std::size_t>(cached->size()) == wanted) {
        set.matrix.features = fromBytes(*cached);
        set.fromCache = true;
        return set;
    }
    EMBER_CHECK(extractInto(set, project, hooks));
    // The cache only saves time: when it cannot be written, the features are there all the same.
    if (!project.isReadOnly()) {
        if (const Status kept = project.featureCache().put(key, toBytes(set.matrix.features)); !kept)
            report(hooks.progress, QStringLiteral("The features could not be kept"), -1, kept.error().message);
    }
    return set;
}

Result<std::vector<QByteArray>> windowBytes(const dataset::Project& project, const dataset::WindowSet& windows,
                                            const Hooks& hooks)
{
    std::vector<QByteArray> bytes;
    bytes.reserve(windows.windows.size());
    std::optional<dataset::RecordingReader> reader;
    dataset::RecordingId open;
    for (std::size_t i = 0; i < windows.windows.size(); ++i) {
        if (hooks.cancel.isCancelled())
            return Error(ErrorKind::Cancelled, QStringLiteral("Reading windows was cancelled."));
        if (i % kReportEvery == 0)
            report(hooks.progress, QStringLiteral("Reading windows"),
                   static_cast<double>(i) / static_cast<double>(windows.windows.size()));
        const dataset::Window& window = windows.windows[i];
        if (!reader || open != window.recording) {
            EMBER_TRY(auto opened, dataset::RecordingReader::open(project, window.recording));
            reader.emplace(std::move(opened));
            open = window.recording;
        }
        EMBER_TRY(QByteArray rows, reader->window(window.begin, windows.spec.rows));
        bytes.push_back(std::move(rows));
    }
    return bytes;
}

} // namespace ember::workflow
