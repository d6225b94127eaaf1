// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/block_parts.h"
#include "core/features/blocks.h"
#include "core/features/plan_builder.h"

namespace ember::features {

BlockInfo CorrelationBlock::info() const
{
    BlockInfo info;
    info.id = QStringLiteral("correlation");
    info.title = QStringLiteral("Correlation");
    info.help =
        QStringLiteral("How far every two of the channels move together, from -1 to 1; 0 where one is constant.");
    info.source = QStringLiteral("Pearson's r = cov(x, y) / (std(x) std(y)).");
    info.minimumChannels = 2;
    info.maximumChannels = 16;
    return info;
}

QStringList CorrelationBlock::names(const BlockUse& use, const Pipeline& pipeline) const
{
    QStringList names;
    for (std::size_t i = 0; i < use.channels.size(); ++i) {
        for (std::size_t j = i + 1; j < use.channels.size(); ++j)
            names << QStringLiteral("corr(%1,%2)")
                         .arg(channelName(pipeline, use.channels[i]), channelName(pipeline, use.channels[j]));
    }
    return names;
}

void CorrelationBlock::plan(const BlockUse& use, const Pipeline& pipeline, int firstOutput, PlanBuilder& builder) const
{
    int output = firstOutput;
    for (std::size_t i = 0; i < use.channels.size(); ++i) {
        for (std::size_t j = i + 1; j < use.channels.size(); ++j) {
            builder.onPair(use.channels[i], use.channels[j],
                           {{Kernel::Correlation,
                             {},
                             {PlanBuilder::signal(), builder.secondSignal(), PlanBuilder::count(pipeline.windowRows),
                              PlanBuilder::output(output++)}}});
        }
    }
}

} // namespace ember::features
