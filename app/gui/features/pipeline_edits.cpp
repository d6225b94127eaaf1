// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/features/pipeline_edits.h"

#include "core/features/stage.h"

#include <QCoreApplication>

#include <algorithm>
#include <numeric>

namespace ember::gui {
namespace {

std::vector<features::BlockUse>& usesOf(features::Pipeline& pipeline, bool stages)
{
    return stages ? pipeline.stages : pipeline.blocks;
}

std::optional<features::BlockInfo> infoById(bool isStage, const QString& id)
{
    if (isStage) {
        const features::Stage* stage = features::findStage(id);
        return stage ? std::optional(stage->info()) : std::nullopt;
    }
    const features::Block* block = features::findBlock(id);
    return block ? std::optional(block->info()) : std::nullopt;
}

Error gone()
{
    return Error(ErrorKind::NotFound,
                 QCoreApplication::translate("PipelineEdits", "The pipeline has no such part any more."));
}

Result<features::Pipeline> checked(features::Pipeline pipeline)
{
    EMBER_CHECK(features::validate(pipeline));
    return pipeline;
}

} // namespace

const features::BlockUse* useOf(const features::Pipeline& pipeline, PartId part)
{
    const auto& uses = part.isStage ? pipeline.stages : pipeline.blocks;
    return part.index < uses.size() ? &uses[part.index] : nullptr;
}

std::optional<features::BlockInfo> infoOf(const features::Pipeline& pipeline, PartId part)
{
    const features::BlockUse* use = useOf(pipeline, part);
    return use ? infoById(part.isStage, use->block) : std::nullopt;
}

QStringList signalsFor(const features::Pipeline& pipeline, PartId part)
{
    QStringList names;
    const std::size_t stages = part.isStage ? part.index : pipeline.stages.size();
    for (const signal::Channel& channel : features::applyStages(pipeline, stages).seen.stream.channels)
        names << channel.name;
    return names;
}

Result<features::Pipeline> withPart(const features::Pipeline& pipeline, bool isStage, const QString& id)
{
    features::Pipeline changed = pipeline;
    auto& uses = usesOf(changed, isStage);
    const std::optional<features::BlockInfo> info = infoById(isStage, id);
    if (!info)
        return gone();
    std::vector<int> channels;
    if (!info->allChannels) {
        const qsizetype there = signalsFor(pipeline, {isStage, uses.size()}).size();
        const qsizetype most = info->maximumChannels > 0 ? info->maximumChannels : there;
        channels.resize(static_cast<std::size_t>(std::min(there, most)));
        std::iota(channels.begin(), channels.end(), 0);
    }
    EMBER_TRY(features::BlockUse use,
              isStage ? features::makeStageUse(id, std::move(channels)) : features::makeUse(id, std::move(channels)));
    uses.push_back(std::move(use));
    return checked(std::move(changed));
}

Result<features::Pipeline> withoutPart(const features::Pipeline& pipeline, PartId part)
{
    features::Pipeline changed = pipeline;
    auto& uses = usesOf(changed, part.isStage);
    if (part.index >= uses.size())
        return gone();
    uses.erase(uses.begin() + static_cast<std::ptrdiff_t>(part.index));
    return checked(std::move(changed));
}

Result<features::Pipeline> withPartMoved(const features::Pipeline& pipeline, PartId part, int direction)
{
    features::Pipeline changed = pipeline;
    auto& uses = usesOf(changed, part.isStage);
    const auto to = static_cast<std::ptrdiff_t>(part.index) + direction;
    if (part.index >= uses.size() || to < 0 || to >= static_cast<std::ptrdiff_t>(uses.size()))
        return gone();
    std::swap(uses[part.index], uses[static_cast<std::size_t>(to)]);
    return checked(std::move(changed));
}

Result<features::Pipeline> withUse(const features::Pipeline& pipeline, PartId part, const features::BlockUse& use)
{
    features::Pipeline changed = pipeline;
    auto& uses = usesOf(changed, part.isStage);
    if (part.index >= uses.size())
        return gone();
    uses[part.index] = use;
    return checked(std::move(changed));
}

} // namespace ember::gui
