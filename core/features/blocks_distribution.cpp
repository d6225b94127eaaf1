// SPDX-License-Identifier: GPL-3.0-or-later
// Blocks of the distribution of samples: quantiles and histogram.
#include "core/features/block_parts.h"
#include "core/features/blocks.h"
#include "core/features/plan_builder.h"

#include <QJsonArray>

#include <cmath>

namespace ember::features {
namespace {

const QString kQuantiles = QStringLiteral("quantiles");
const QString kIqr = QStringLiteral("iqr");
const QString kBins = QStringLiteral("bins");
const QString kLow = QStringLiteral("low");
const QString kHigh = QStringLiteral("high");

struct Level
{
    const char* key;
    double share;
};
constexpr Level kLevels[] = {{"p5", 0.05},  {"p10", 0.1}, {"p25", 0.25}, {"median", 0.5},
                             {"p75", 0.75}, {"p90", 0.9}, {"p95", 0.95}};

QStringList quantileKeys()
{
    QStringList keys;
    for (const Level& level : kLevels)
        keys << QString::fromLatin1(level.key);
    return keys << kIqr;
}

/// Where a share lies in sorted rows: between which two, and how far.
std::vector<Argument> placeOf(double share, int rows)
{
    const double at = share * (rows - 1);
    const double index = std::min(std::floor(at), rows - 2.0);
    return {PlanBuilder::count(static_cast<int>(index)), PlanBuilder::real(static_cast<float>(at - index))};
}

KernelCall quantileCall(const QString& key, int rows, Argument sorted, int output)
{
    if (key == kIqr) {
        const std::vector<Argument> low = placeOf(0.25, rows);
        const std::vector<Argument> high = placeOf(0.75, rows);
        return {Kernel::QuantileRange, {}, {sorted, low[0], low[1], high[0], high[1], PlanBuilder::output(output)}};
    }
    const auto index = quantileKeys().indexOf(key);
    const std::vector<Argument> place = placeOf(kLevels[index].share, rows);
    return {Kernel::Quantile, {}, {sorted, place[0], place[1], PlanBuilder::output(output)}};
}

} // namespace

BlockInfo QuantilesBlock::info() const
{
    BlockInfo info;
    info.id = QStringLiteral("quantiles");
    info.title = QStringLiteral("Quantiles");
    info.help = QStringLiteral("Median, quantiles and interquartile range of each channel, which single wild samples "
                               "do not move; sorts the window, so dearer than statistics.");
    info.source = QStringLiteral("Between the sorted samples around (n - 1) p, by straight line (Hyndman and Fan 1996, "
                                 "definition 7).");
    BlockParameter parameter;
    parameter.key = kQuantiles;
    parameter.type = BlockParameter::Type::ChoiceSet;
    parameter.defaultValue = QJsonArray{QStringLiteral("median"), kIqr};
    parameter.choices = quantileKeys();
    parameter.name = QStringLiteral("Quantiles");
    parameter.help = QStringLiteral("Which to compute of each channel; each is one feature.");
    info.parameters = {parameter};
    return info;
}

Status QuantilesBlock::check(const BlockUse& use, const Pipeline&) const
{
    return requireChoice(use, kQuantiles);
}

QStringList QuantilesBlock::names(const BlockUse& use, const Pipeline& pipeline) const
{
    QStringList names;
    for (int channel : use.channels) {
        for (const QString& key : chosenKeys(use, kQuantiles))
            names << channelName(pipeline, channel) + QLatin1Char('.') + key;
    }
    return names;
}

void QuantilesBlock::plan(const BlockUse& use, const Pipeline& pipeline, int firstOutput, PlanBuilder& builder) const
{
    const Argument sorted = builder.work(0);
    int output = firstOutput;
    for (int channel : use.channels) {
        std::vector<KernelCall> calls = {
            {Kernel::SortedCopy, {}, {PlanBuilder::signal(), PlanBuilder::count(pipeline.windowRows), sorted}}};
        for (const QString& key : chosenKeys(use, kQuantiles))
            calls.push_back(quantileCall(key, pipeline.windowRows, sorted, output++));
        builder.onChannel(channel, calls, pipeline.windowRows);
    }
}

BlockInfo HistogramBlock::info() const
{
    BlockInfo info;
    info.id = QStringLiteral("histogram");
    info.title = QStringLiteral("Histogram");
    info.help =
        QStringLiteral("Share of the samples in each of several equal classes, for signals that stay at certain "
                       "levels.");
    info.source =
        QStringLiteral("Counts of floor((x - low) bins / (high - low)) over n, the first and last class open.");
    info.parameters = {
        integerParameter(kBins, 8, 2, 64, "Classes", "How many; each is one feature per channel."),
        realParameter(kLow, -1, -1e9, 1e9, "", "From", "Where the first class begins, in the channel's unit."),
        realParameter(kHigh, 1, -1e9, 1e9, "", "To", "Where the last class ends, in the channel's unit."),
    };
    return info;
}

Status HistogramBlock::check(const BlockUse& use, const Pipeline&) const
{
    const double width = use.parameters.value(kHigh).toDouble() - use.parameters.value(kLow).toDouble();
    if (!(width > 1e-30))
        return Error(ErrorKind::Usage, QStringLiteral("The classes of feature block 'histogram' have no width."),
                     QStringLiteral("Give 'high' a larger value than 'low'."));
    return {};
}

QStringList HistogramBlock::names(const BlockUse& use, const Pipeline& pipeline) const
{
    const int bins = use.parameters.value(kBins).toInt();
    QStringList names;
    for (int channel : use.channels) {
        for (int b = 0; b < bins; ++b)
            names << QStringLiteral("%1.class%2").arg(channelName(pipeline, channel)).arg(b);
    }
    return names;
}

void HistogramBlock::plan(const BlockUse& use, const Pipeline& pipeline, int firstOutput, PlanBuilder& builder) const
{
    const int bins = use.parameters.value(kBins).toInt();
    const double low = use.parameters.value(kLow).toDouble();
    const double perUnit = bins / (use.parameters.value(kHigh).toDouble() - low);
    int output = firstOutput;
    for (int channel : use.channels) {
        builder.onChannel(channel,
                          {{Kernel::Histogram,
                            {},
                            {PlanBuilder::signal(), PlanBuilder::count(pipeline.windowRows),
                             PlanBuilder::real(static_cast<float>(low)), PlanBuilder::real(static_cast<float>(perUnit)),
                             PlanBuilder::count(bins), PlanBuilder::output(output)}}});
        output += bins;
    }
}

} // namespace ember::features
