// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/block_parts.h"
#include "core/features/blocks.h"
#include "core/features/plan_builder.h"

namespace ember::features {
namespace {

const QString kStatistics = QStringLiteral("statistics");
const QString kNorm = QStringLiteral("norm");
const QString kEuclidean = QStringLiteral("euclidean");
const QString kAbsolute = QStringLiteral("absolute");

} // namespace

BlockInfo MagnitudeBlock::info() const
{
    BlockInfo info;
    info.id = QStringLiteral("magnitude");
    info.title = QStringLiteral("Magnitude");
    info.help = QStringLiteral("Statistics of the length of the vector that the channels make, which do not depend on "
                               "how the sensor is turned.");
    info.source = QStringLiteral("|v| = sqrt(x^2 + y^2 + z^2), or |x| + |y| + |z|, whose mean is the signal magnitude "
                                 "area (Bouten et al. 1997).");
    info.minimumChannels = 2;
    BlockParameter norm;
    norm.key = kNorm;
    norm.type = BlockParameter::Type::Choice;
    norm.defaultValue = kEuclidean;
    norm.choices = QStringList{kEuclidean, kAbsolute};
    norm.name = QStringLiteral("Norm");
    norm.help = QStringLiteral("Length of the vector, or the sum of absolute values, which needs no square root.");
    info.parameters = {norm, statisticsParameter({QStringLiteral("mean"), QStringLiteral("std"), QStringLiteral("min"),
                                                  QStringLiteral("max")})};
    return info;
}

Status MagnitudeBlock::check(const BlockUse& use, const Pipeline&) const
{
    return requireChoice(use, kStatistics);
}

QStringList MagnitudeBlock::names(const BlockUse& use, const Pipeline& pipeline) const
{
    const bool euclidean = use.parameters.value(kNorm).toString() == kEuclidean;
    const QString signal = euclidean ? lengthName(use, pipeline) : absoluteSumName(use, pipeline);
    QStringList names;
    for (const QString& key : chosenKeys(use, kStatistics))
        names << signal + QLatin1Char('.') + key;
    return names;
}

void MagnitudeBlock::plan(const BlockUse& use, const Pipeline& pipeline, int firstOutput, PlanBuilder& builder) const
{
    const bool euclidean = use.parameters.value(kNorm).toString() == kEuclidean;
    builder.onNorm(
        euclidean ? PlanBuilder::Norm::Euclidean : PlanBuilder::Norm::Absolute, use.channels,
        {{Kernel::Statistics,
          {choiceMask(use.parameters.value(kStatistics), statisticKeys())},
          {PlanBuilder::signal(), PlanBuilder::count(pipeline.windowRows), PlanBuilder::output(firstOutput)}}});
}

} // namespace ember::features
