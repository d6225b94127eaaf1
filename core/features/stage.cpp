// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/stage.h"

#include "core/features/stages.h"

#include <algorithm>
#include <array>

namespace ember::features {

Status Stage::check(const BlockUse&, const Pipeline&) const
{
    return {};
}

void Stage::apply(const BlockUse& use, StagedPipeline& pipeline) const
{
    for (int channel : use.channels)
        pipeline.origins[static_cast<std::size_t>(channel)].steps.push_back(
            {this, use, 0, pipeline.seen.windowRows, pipeline.seen.stream.rateHz});
}

std::span<const Stage* const> allStages()
{
    static const FilterStage filter;
    static const RemoveMeanStage removeMean;
    static const GravityStage gravity;
    static const MedianStage median;
    static const FirStage fir;
    static const DecimateStage decimate;
    static const std::array<const Stage*, 6> all = {&filter, &removeMean, &gravity, &median, &fir, &decimate};
    return all;
}

const Stage* findStage(const QString& id)
{
    for (const Stage* stage : allStages()) {
        if (stage->info().id == id)
            return stage;
    }
    return nullptr;
}

Result<BlockUse> makeStageUse(const QString& stage, std::vector<int> channels, const QJsonObject& parameters)
{
    if (const Stage* found = findStage(stage))
        return completeUse(found->info(), std::move(channels), parameters);
    QStringList ids;
    for (const Stage* each : allStages())
        ids << each->info().id;
    return Error(ErrorKind::NotFound, QStringLiteral("There is no feature stage '%1'.").arg(stage),
                 QStringLiteral("The stages are %1.").arg(ids.join(QStringLiteral(", "))));
}

StagedPipeline applyStages(const Pipeline& pipeline)
{
    return applyStages(pipeline, pipeline.stages.size());
}

StagedPipeline applyStages(const Pipeline& pipeline, std::size_t count)
{
    StagedPipeline staged;
    staged.seen = pipeline;
    staged.seen.stages.clear();
    for (int c = 0; c < static_cast<int>(pipeline.stream.channels.size()); ++c)
        staged.origins.push_back({c, {}});
    for (std::size_t i = 0; i < std::min(count, pipeline.stages.size()); ++i) {
        const BlockUse& use = pipeline.stages[i];
        const Stage* stage = findStage(use.block);
        const auto exists = [&staged](int channel) {
            return channel >= 0 && static_cast<std::size_t>(channel) < staged.origins.size();
        };
        if (stage && std::all_of(use.channels.begin(), use.channels.end(), exists))
            stage->apply(use, staged);
    }
    return staged;
}

QStringList signalNames(const Pipeline& pipeline)
{
    QStringList names;
    const StagedPipeline staged = applyStages(pipeline);
    for (const signal::Channel& channel : staged.seen.stream.channels)
        names << channel.name;
    return names;
}

} // namespace ember::features
