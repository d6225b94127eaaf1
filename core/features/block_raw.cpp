// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/block_parts.h"
#include "core/features/blocks.h"
#include "core/features/plan_builder.h"
#include "device-agent/runtime/raw.hpp"

namespace ember::features {
namespace {

const QString kDecimate = QStringLiteral("decimate");
const QString kScaling = QStringLiteral("scaling");
const QStringList kScalings = {QStringLiteral("none"), QStringLiteral("centre"), QStringLiteral("standard")};
static_assert(runtime::kRawAsIs == 0 && runtime::kRawCentred == 1 && runtime::kRawStandard == 2,
              "the order of kScalings");

int factorOf(const BlockUse& use)
{
    return use.parameters.value(kDecimate).toInt();
}

int timesOf(const BlockUse& use, const Pipeline& pipeline)
{
    return pipeline.windowRows / factorOf(use);
}

} // namespace

BlockInfo RawBlock::info() const
{
    BlockInfo info;
    info.id = QStringLiteral("raw");
    info.title = QStringLiteral("Raw samples");
    info.help = QStringLiteral("The samples of the window themselves, row by row, for networks that find their own "
                               "features.");
    info.source = QStringLiteral("y[k] = mean(x[k n], ..., x[k n + n - 1]); centred: y - mean(x); standard: "
                                 "(y - mean(x)) / std(x), 0 where std(x) = 0.");
    BlockParameter decimate;
    decimate.key = kDecimate;
    decimate.type = BlockParameter::Type::Integer;
    decimate.defaultValue = 1;
    decimate.minimum = 1;
    decimate.maximum = kMaxRawFactor;
    decimate.name = QStringLiteral("Decimate");
    decimate.help = QStringLiteral("Rows that are averaged into one; the network behind shrinks in proportion.");
    BlockParameter scaling;
    scaling.key = kScaling;
    scaling.type = BlockParameter::Type::Choice;
    scaling.defaultValue = kScalings.front();
    scaling.choices = kScalings;
    scaling.name = QStringLiteral("Scaling");
    scaling.help = QStringLiteral("Of each channel in its window: none, centre (mean 0), or standard (mean 0, "
                                  "deviation 1), which forgets how the sensor is turned and how strong the signal is.");
    info.parameters = {decimate, scaling};
    return info;
}

Status RawBlock::check(const BlockUse& use, const Pipeline& pipeline) const
{
    if (timesOf(use, pipeline) < 1)
        return Error(ErrorKind::Usage,
                     QStringLiteral("A window of %1 rows has no mean of %2 rows for the block 'raw'.")
                         .arg(pipeline.windowRows)
                         .arg(factorOf(use)),
                     QStringLiteral("Decimate less, or use longer windows."));
    return {};
}

QStringList RawBlock::names(const BlockUse& use, const Pipeline& pipeline) const
{
    QStringList names;
    for (int time = 0; time < timesOf(use, pipeline); ++time) {
        for (const int channel : use.channels)
            names << QStringLiteral("%1[%2]").arg(channelName(pipeline, channel)).arg(time);
    }
    return names;
}

std::vector<int> RawBlock::shape(const BlockUse& use, const Pipeline& pipeline) const
{
    return {timesOf(use, pipeline), static_cast<int>(use.channels.size())};
}

void RawBlock::plan(const BlockUse& use, const Pipeline& pipeline, int firstOutput, PlanBuilder& builder) const
{
    const auto choice = static_cast<quint32>(kScalings.indexOf(use.parameters.value(kScaling).toString()));
    const auto stride = static_cast<int>(use.channels.size());
    for (int i = 0; i < stride; ++i) {
        builder.onChannel(
            use.channels[static_cast<std::size_t>(i)],
            {{Kernel::RawSamples,
              {choice},
              {PlanBuilder::signal(), PlanBuilder::count(pipeline.windowRows), PlanBuilder::count(factorOf(use)),
               PlanBuilder::count(stride), PlanBuilder::output(firstOutput + i)}}});
    }
}

} // namespace ember::features
