// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/block_parts.h"
#include "core/features/blocks.h"
#include "core/features/plan_builder.h"

namespace ember::features {
namespace {

const QString kStatistics = QStringLiteral("statistics");

} // namespace

BlockInfo StatisticsBlock::info() const
{
    BlockInfo info;
    info.id = QStringLiteral("statistics");
    info.title = QStringLiteral("Statistics");
    info.help =
        QStringLiteral("Figures of each channel over the window, such as mean and standard deviation; cheap, and "
                       "the first thing to try.");
    info.source = QStringLiteral("Moments over the population: sum((x - mean)^k) / n, standardised for skewness and "
                                 "kurtosis (less 3); rms = sqrt(sum(x^2) / n).");
    info.parameters = {statisticsParameter({QStringLiteral("mean"), QStringLiteral("std"), QStringLiteral("rms"),
                                            QStringLiteral("min"), QStringLiteral("max")})};
    return info;
}

Status StatisticsBlock::check(const BlockUse& use, const Pipeline&) const
{
    return requireChoice(use, kStatistics);
}

QStringList StatisticsBlock::names(const BlockUse& use, const Pipeline& pipeline) const
{
    QStringList names;
    for (int channel : use.channels) {
        for (const QString& key : chosenKeys(use, kStatistics))
            names << channelName(pipeline, channel) + QLatin1Char('.') + key;
    }
    return names;
}

void StatisticsBlock::plan(const BlockUse& use, const Pipeline& pipeline, int firstOutput, PlanBuilder& builder) const
{
    const quint32 mask = choiceMask(use.parameters.value(kStatistics), statisticKeys());
    int output = firstOutput;
    for (int channel : use.channels) {
        builder.onChannel(
            channel, {{Kernel::Statistics,
                       {mask},
                       {PlanBuilder::signal(), PlanBuilder::count(pipeline.windowRows), PlanBuilder::output(output)}}});
        output += static_cast<int>(chosenKeys(use, kStatistics).size());
    }
}

} // namespace ember::features
