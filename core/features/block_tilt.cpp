// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/block_parts.h"
#include "core/features/blocks.h"
#include "core/features/plan_builder.h"
#include "device-agent/runtime/statistics.hpp"

namespace ember::features {

BlockInfo TiltBlock::info() const
{
    BlockInfo info;
    info.id = QStringLiteral("tilt");
    info.title = QStringLiteral("Tilt");
    info.help =
        QStringLiteral("Roll, pitch and inclination of a device in degrees, from the mean acceleration of its "
                       "axes x, y and z in this order; most exact on the gravity that the stage 'gravity' gives.");
    info.source = QStringLiteral("roll = atan2(y, z), pitch = atan2(-x, sqrt(y^2 + z^2)), inclination = "
                                 "atan2(sqrt(x^2 + y^2), z).");
    info.minimumChannels = 3;
    info.maximumChannels = 3;
    return info;
}

QStringList TiltBlock::names(const BlockUse& use, const Pipeline& pipeline) const
{
    const QString prefix = QStringLiteral("tilt(%1,%2,%3).")
                               .arg(channelName(pipeline, use.channels[0]), channelName(pipeline, use.channels[1]),
                                    channelName(pipeline, use.channels[2]));
    return {prefix + QStringLiteral("roll"), prefix + QStringLiteral("pitch"), prefix + QStringLiteral("inclination")};
}

void TiltBlock::plan(const BlockUse& use, const Pipeline& pipeline, int firstOutput, PlanBuilder& builder) const
{
    std::vector<std::vector<KernelCall>> means;
    for (int axis = 0; axis < 3; ++axis)
        means.push_back({{Kernel::Statistics,
                          {runtime::kMean},
                          {PlanBuilder::signal(), PlanBuilder::count(pipeline.windowRows), builder.work(axis)}}});
    builder.onEach(use.channels, means, {{Kernel::Tilt, {}, {builder.work(0), PlanBuilder::output(firstOutput)}}}, 3);
}

} // namespace ember::features
