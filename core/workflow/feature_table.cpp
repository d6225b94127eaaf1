// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/feature_table.h"

#include "core/dataset/csv.h"
#include "core/device/board.h"
#include "core/features/stage.h"
#include "core/footprint/estimate.h"
#include "core/signal/npy.h"

#include <QHash>
#include <QJsonDocument>
#include <QSaveFile>

namespace ember::workflow {

features::CpuClass priceClassOf(const device::Board& board)
{
    const auto known = footprint::cpuClassOf(board);
    if (known)
        return *known;
    return board.fpu ? features::CpuClass::FloatHardware : features::CpuClass::FloatLibrary;
}

namespace {

Result<features::CpuClass> cpuOf(const QString& target)
{
    if (target.isEmpty())
        return features::CpuClass::FloatHardware;
    EMBER_TRY(const device::Board board, device::findBoard(target));
    return priceClassOf(board);
}

Result<std::vector<FeatureBlockPrice>> pricesOf(const features::Pipeline& pipeline, features::CpuClass cpu)
{
    EMBER_TRY(const std::vector<features::ExtractionCost> costs, features::blockCosts(pipeline, cpu));
    const QStringList names = features::signalNames(pipeline);
    std::vector<FeatureBlockPrice> prices;
    for (std::size_t i = 0; i < costs.size(); ++i) {
        FeatureBlockPrice price{pipeline.blocks[i].block, {}, costs[i]};
        for (const int channel : pipeline.blocks[i].channels)
            price.channels << names[channel];
        prices.push_back(std::move(price));
    }
    return prices;
}

Result<QByteArray> labelsText(const dataset::Project& project, const dataset::WindowSet& windows)
{
    QHash<dataset::RecordingId, QString> names;
    EMBER_TRY(const std::vector<dataset::Recording> recordings, project.recordings().list());
    for (const dataset::Recording& recording : recordings)
        names.insert(recording.id, recording.name);
    QByteArray text = "label,group,recording,begin_row\n";
    for (const dataset::Window& window : windows.windows)
        text += dataset::csvField(windows.classNames.value(window.label)) + ',' +
                dataset::csvField(windows.groupNames.value(window.group)) + ',' +
                dataset::csvField(names.value(window.recording)) + ',' + QByteArray::number(window.begin) + '\n';
    return text;
}

Status writeText(const QString& path, const QByteArray& text)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size() || !file.commit())
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be written: %2.").arg(path, file.errorString()),
                     QStringLiteral("Check the folder's permissions and free space."));
    return {};
}

/// Fits scaler and components to the windows and makes them part of the pipeline.
Status addProjection(FeatureSet& set, const FeatureTableRequest& request)
{
    if (!set.pipeline.projection.isEmpty())
        return Error(ErrorKind::Usage, QStringLiteral("The pipeline has a scaler already."),
                     QStringLiteral("Use it without --scale and --pca, or remove its 'projection'."));
    EMBER_TRY(const features::Scaler scaler,
              features::scalerNamed(request.scaler.isEmpty() ? QStringLiteral("standard") : request.scaler));
    learn::Matrix& matrix = set.matrix;
    EMBER_TRY(set.pipeline.projection,
              features::fitProjection(matrix.features, static_cast<int>(matrix.columns), scaler, request.components));
    matrix.features = features::project(set.pipeline.projection, matrix.features);
    matrix.featureNames = features::featureNames(set.pipeline);
    matrix.columns = static_cast<std::size_t>(matrix.featureNames.size());
    return {};
}

} // namespace

Result<FeatureTable> makeFeatureTable(const FeatureTableRequest& request, const Hooks& hooks)
{
    EMBER_TRY(const features::CpuClass cpu, cpuOf(request.target));
    EMBER_TRY(const dataset::Project project, dataset::Project::open(request.project));
    FeatureTable table;
    EMBER_TRY(table.set, computeFeatures(project, request.features, hooks));
    if (!request.scaler.isEmpty() || request.components > 0) {
        EMBER_CHECK(addProjection(table.set, request));
    }
    if (!request.pipelinePath.isEmpty()) {
        EMBER_CHECK(writeText(request.pipelinePath, QJsonDocument(toJson(table.set.pipeline)).toJson()));
    }
    EMBER_TRY(table.blocks, pricesOf(table.set.pipeline, cpu));
    EMBER_TRY(const features::ExtractionPlan plan, features::planFor(table.set.pipeline));
    table.cpu = cpu;
    table.whole = features::estimateExtraction(plan, cpu);
    if (!request.matrixPath.isEmpty()) {
        const auto rows = static_cast<qint64>(table.set.matrix.rows());
        const auto columns = static_cast<qint64>(table.set.matrix.columns);
        EMBER_CHECK(
            signal::writeNpy(request.matrixPath,
                             signal::NpyArray::of(std::span<const float>(table.set.matrix.features), {rows, columns})));
    }
    if (!request.labelsPath.isEmpty()) {
        EMBER_TRY(const QByteArray text, labelsText(project, table.set.windows));
        EMBER_CHECK(writeText(request.labelsPath, text));
    }
    return table;
}

} // namespace ember::workflow
