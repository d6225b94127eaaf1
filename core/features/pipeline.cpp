// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/pipeline.h"

#include "core/features/block.h"
#include "core/features/extractor.h"
#include "core/features/presets.h"
#include "core/features/stage.h"

#include <QHash>
#include <QSet>

#include <array>
#include <cmath>

namespace ember::features {
namespace {

constexpr int kMaxWindowRows = 65'536;
constexpr std::size_t kMaxChannels = 256;
constexpr std::size_t kMaxBlocks = 256;
constexpr std::size_t kMaxStages = 32;
constexpr qsizetype kMaxFeatures = 16'384;

std::array<double, 2> rawLimits(signal::SampleType type)
{
    switch (type) {
    case signal::SampleType::Int8:
        return {-128.0, 127.0};
    case signal::SampleType::Int16:
        return {-32768.0, 32767.0};
    case signal::SampleType::Int32:
        return {-2147483648.0, 2147483647.0};
    case signal::SampleType::Float32:
        return {-1.0, 1.0};
    }
    return {0.0, 0.0};
}

Status checkChannel(const signal::Channel& channel, signal::SampleType type)
{
    for (double raw : rawLimits(type)) {
        const float scaled = static_cast<float>(raw) * static_cast<float>(channel.scale);
        if (!std::isfinite(scaled + static_cast<float>(channel.offset)))
            return Error(
                ErrorKind::Usage,
                QStringLiteral("Scale or offset of channel '%1' is beyond what float32 can hold.").arg(channel.name),
                QStringLiteral("Give the channel a scale and an offset in an ordinary unit."));
    }
    return {};
}

Status checkStream(const signal::StreamSpec& stream)
{
    if (stream.channels.empty() || stream.channels.size() > kMaxChannels)
        return Error(ErrorKind::Usage, QStringLiteral("Features need a stream of 1 to %1 channels; stream '%2' has %3.")
                                           .arg(kMaxChannels)
                                           .arg(stream.name)
                                           .arg(stream.channels.size()));
    if (!(stream.rateHz >= 0.0) || !std::isfinite(static_cast<float>(stream.rateHz)))
        return Error(ErrorKind::Usage, QStringLiteral("The rate of stream '%1' is not a rate.").arg(stream.name),
                     QStringLiteral("Use 0 when it is not known."));
    for (const signal::Channel& channel : stream.channels)
        EMBER_CHECK(checkChannel(channel, stream.type));
    return {};
}

Status checkChannels(const BlockUse& use, const BlockInfo& info, std::size_t streamChannels)
{
    QSet<int> seen;
    for (int channel : use.channels) {
        if (channel < 0 || static_cast<std::size_t>(channel) >= streamChannels)
            return Error(ErrorKind::Usage,
                         QStringLiteral("Feature block '%1' reads channel %2, but the stream has channels 0 to %3.")
                             .arg(use.block)
                             .arg(channel)
                             .arg(streamChannels - 1),
                         QStringLiteral("Choose channels that the stream has."));
        if (seen.contains(channel))
            return Error(ErrorKind::Usage,
                         QStringLiteral("Feature block '%1' names channel %2 twice.").arg(use.block).arg(channel));
        seen.insert(channel);
    }
    const auto count = static_cast<int>(use.channels.size());
    if (count < info.minimumChannels || (info.maximumChannels > 0 && count > info.maximumChannels)) {
        const QString wanted = info.maximumChannels > 0
                                   ? QStringLiteral("%1 to %2").arg(info.minimumChannels).arg(info.maximumChannels)
                                   : QStringLiteral("at least %1").arg(info.minimumChannels);
        return Error(ErrorKind::Usage,
                     QStringLiteral("Feature block '%1' reads %2 channels, not %3.").arg(use.block, wanted).arg(count),
                     QStringLiteral("Choose its channels, or remove the block."));
    }
    return {};
}

Status checkStage(const BlockUse& use, const Pipeline& before)
{
    EMBER_TRY(const BlockUse complete, makeStageUse(use.block, use.channels, use.parameters));
    if (complete != use)
        return Error(ErrorKind::Usage,
                     QStringLiteral("The parameters of feature stage '%1' are not complete.").arg(use.block),
                     QStringLiteral("Make stage uses with makeStageUse(), which fills in the defaults."));
    const Stage* stage = findStage(use.block);
    if (stage->info().allChannels && !use.channels.empty())
        return Error(ErrorKind::Usage,
                     QStringLiteral("Feature stage '%1' acts on all channels at once.").arg(use.block),
                     QStringLiteral("Leave its list of channels empty."));
    EMBER_CHECK(checkChannels(use, stage->info(), before.stream.channels.size()));
    return stage->check(use, before);
}

Status checkBlock(const BlockUse& use, const Pipeline& pipeline)
{
    // Parameters come back as they are when they are complete and in range.
    EMBER_TRY(const BlockUse complete, makeUse(use.block, use.channels, use.parameters));
    if (complete != use)
        return Error(ErrorKind::Usage,
                     QStringLiteral("The parameters of feature block '%1' are not complete.").arg(use.block),
                     QStringLiteral("Make block uses with makeUse(), which fills in the defaults."));
    const Block* block = findBlock(use.block);
    EMBER_CHECK(checkChannels(use, block->info(), pipeline.stream.channels.size()));
    return block->check(use, pipeline);
}

Status checkProjection(const Pipeline& pipeline)
{
    const Projection& projection = pipeline.projection;
    const qsizetype features = blockFeatureNames(pipeline).size();
    if (projection.isEmpty() || projection.inputs() == features)
        return {};
    return Error(ErrorKind::Usage,
                 QStringLiteral("The pipeline's projection was fitted to %1 features, its blocks make %2.")
                     .arg(projection.inputs())
                     .arg(features),
                 QStringLiteral("Fit it again, or remove it."));
}

} // namespace

Status validate(const Pipeline& pipeline)
{
    EMBER_CHECK(checkStream(pipeline.stream));
    if (pipeline.windowRows < 2 || pipeline.windowRows > kMaxWindowRows)
        return Error(ErrorKind::Usage,
                     QStringLiteral("A window has 2 to %1 rows, not %2.").arg(kMaxWindowRows).arg(pipeline.windowRows),
                     QStringLiteral("Choose another window length."));
    if (pipeline.hopRows < 1)
        return Error(ErrorKind::Usage,
                     QStringLiteral("Windows follow each other by at least one row, not %1.").arg(pipeline.hopRows));
    if (pipeline.blocks.empty() || pipeline.blocks.size() > kMaxBlocks)
        return Error(
            ErrorKind::Usage,
            QStringLiteral("A feature pipeline has 1 to %1 blocks, not %2.")
                .arg(kMaxBlocks)
                .arg(pipeline.blocks.size()),
            QStringLiteral("Add a block, or start from a preset: %1.").arg(presetNames().join(QStringLiteral(", "))));
    if (pipeline.stages.size() > kMaxStages)
        return Error(ErrorKind::Usage, QStringLiteral("A feature pipeline has at most %1 stages.").arg(kMaxStages));
    for (std::size_t i = 0; i < pipeline.stages.size(); ++i) {
        const Pipeline before = applyStages(pipeline, i).seen;
        EMBER_CHECK(checkStage(pipeline.stages[i], before));
    }
    const Pipeline seen = applyStages(pipeline).seen;
    if (seen.stream.channels.size() > kMaxChannels)
        return Error(ErrorKind::Usage, QStringLiteral("The stages make more than %1 channels.").arg(kMaxChannels));
    for (const BlockUse& use : pipeline.blocks)
        EMBER_CHECK(checkBlock(use, seen));
    if (const qsizetype count = blockFeatureNames(pipeline).size(); count > kMaxFeatures)
        return Error(ErrorKind::Usage,
                     QStringLiteral("The pipeline makes %1 features; %2 is the most.").arg(count).arg(kMaxFeatures));
    return checkProjection(pipeline);
}

QStringList featureNames(const Pipeline& pipeline)
{
    if (pipeline.projection.components.empty())
        return blockFeatureNames(pipeline);
    QStringList names;
    for (int c = 1; c <= pipeline.projection.outputs(); ++c)
        names << QStringLiteral("component%1").arg(c);
    return names;
}

QStringList blockFeatureNames(const Pipeline& pipeline)
{
    QStringList names;
    const Pipeline seen = applyStages(pipeline).seen;
    for (const BlockUse& use : pipeline.blocks) {
        if (const Block* block = findBlock(use.block))
            names << block->names(use, seen);
    }
    // Two uses of one block may compute the same thing with other settings: "ax.centroid", "ax.centroid#2".
    QSet<QString> taken;
    for (QString& name : names) {
        const QString base = name;
        for (int i = 2; taken.contains(name); ++i)
            name = base + QLatin1Char('#') + QString::number(i);
        taken.insert(name);
    }
    return names;
}

std::vector<int> featureShape(const Pipeline& pipeline)
{
    // Principal components have no order.
    const bool isOrdered = pipeline.blocks.size() == 1 && pipeline.projection.components.empty();
    const Block* block = isOrdered ? findBlock(pipeline.blocks.front().block) : nullptr;
    return block ? block->shape(pipeline.blocks.front(), applyStages(pipeline).seen) : std::vector<int>();
}

Result<std::vector<float>> extract(const Pipeline& pipeline, const QByteArray& rows)
{
    EMBER_TRY(Extractor extractor, Extractor::make(pipeline));
    std::vector<float> features(static_cast<std::size_t>(extractor.featureCount()));
    EMBER_CHECK(extractor.extract(rows, features));
    return features;
}

} // namespace ember::features
