// SPDX-License-Identifier: GPL-3.0-or-later
// Stages without memory beyond a few samples: mean removal, median, FIR, decimation.
#include "core/features/block_parts.h"
#include "core/features/filter_design.h"
#include "core/features/plan_builder.h"
#include "core/features/stages.h"
#include "device-agent/runtime/filter.hpp"

namespace ember::features {
namespace {

const QString kRows = QStringLiteral("rows");
const QString kKind = QStringLiteral("kind");
const QString kHighPass = QStringLiteral("high-pass");
const QString kTaps = QStringLiteral("taps");
const QString kCutOff = QStringLiteral("cut-off");
const QString kFactor = QStringLiteral("factor");

} // namespace

BlockInfo RemoveMeanStage::info() const
{
    BlockInfo info;
    info.id = QStringLiteral("remove-mean");
    info.title = QStringLiteral("Remove mean");
    info.help = QStringLiteral("Takes the mean of the window out of each channel, so that an offset of the sensor does "
                               "not reach the features.");
    info.source = QStringLiteral("x[i] - sum(x) / n.");
    return info;
}

std::vector<KernelCall> RemoveMeanStage::calls(const SignalStep& step, Argument signal, PlanBuilder&) const
{
    return {{Kernel::SubtractMean, {}, {PlanBuilder::count(step.rows), signal}}};
}

BlockInfo MedianStage::info() const
{
    BlockInfo info;
    info.id = QStringLiteral("median");
    info.title = QStringLiteral("Median filter");
    info.help = QStringLiteral("Takes single wild samples out and leaves edges as they are.");
    info.source = QStringLiteral("Tukey 1977: the median of each sample and those before it.");
    info.parameters = {integerParameter(kRows, 5, 3, runtime::kMostMedianRows, "Rows",
                                        "Length of the running median, an odd number.")};
    return info;
}

Status MedianStage::check(const BlockUse& use, const Pipeline&) const
{
    if (use.parameters.value(kRows).toInt() % 2 == 0)
        return Error(ErrorKind::Usage, QStringLiteral("The median filter takes an odd number of rows."),
                     QStringLiteral("Take 3, 5, 7 ..."));
    return {};
}

std::vector<KernelCall> MedianStage::calls(const SignalStep& step, Argument signal, PlanBuilder&) const
{
    return {{Kernel::MovingMedian,
             {},
             {PlanBuilder::count(step.use.parameters.value(kRows).toInt()), PlanBuilder::count(step.rows), signal}}};
}

BlockInfo FirStage::info() const
{
    BlockInfo info;
    info.id = QStringLiteral("fir");
    info.title = QStringLiteral("FIR filter");
    info.help = QStringLiteral("A low-pass or high-pass that delays all frequencies equally and so keeps the form of "
                               "pulses; dearer than a Butterworth filter of the same steepness.");
    info.source = QStringLiteral("The ideal response under Hamming's window (Oppenheim and Schafer).");
    info.parameters = {
        choiceParameter(kKind, {QStringLiteral("low-pass"), kHighPass}, "Kind", "Which frequencies pass."),
        realParameter(kCutOff, 10, 0.001, 1e6, "Hz", "Cut-off", "Where the amplitude is halved."),
        integerParameter(kTaps, 15, 3, 63, "Taps", "More taps are steeper; the edge is about 3.3 rates / taps wide."),
    };
    return info;
}

Status FirStage::check(const BlockUse& use, const Pipeline& before) const
{
    EMBER_CHECK(requireBelowNyquist(use, kCutOff, before));
    if (use.parameters.value(kKind).toString() == kHighPass && use.parameters.value(kTaps).toInt() % 2 == 0)
        return Error(ErrorKind::Usage, QStringLiteral("A high-pass FIR filter has an odd number of taps."),
                     QStringLiteral("Take one tap more."));
    return {};
}

std::vector<KernelCall> FirStage::calls(const SignalStep& step, Argument signal, PlanBuilder& builder) const
{
    const QJsonObject& p = step.use.parameters;
    const std::vector<float> taps = windowedSinc(p.value(kTaps).toInt(), p.value(kCutOff).toDouble(), step.rateHz,
                                                 p.value(kKind).toString() == kHighPass);
    return {{Kernel::FirFilter,
             {},
             {builder.freeTable(QStringLiteral("Taps"), taps), PlanBuilder::count(static_cast<int>(taps.size())),
              PlanBuilder::count(step.rows), signal}}};
}

BlockInfo DecimateStage::info() const
{
    BlockInfo info;
    info.id = QStringLiteral("decimate");
    info.title = QStringLiteral("Decimate");
    info.help = QStringLiteral("Makes one row of several, for all channels: cheaper features of signals that are "
                               "sampled faster than they change.");
    info.source = QStringLiteral("The mean of each group of rows; frequencies near the new rate are damped by "
                                 "sin(x)/x, so put a low-pass before it where they matter.");
    info.minimumChannels = 0;
    info.allChannels = true;
    info.parameters = {integerParameter(kFactor, 2, 2, 64, "Factor", "Rows that become one.")};
    return info;
}

Status DecimateStage::check(const BlockUse& use, const Pipeline& before) const
{
    if (const int factor = use.parameters.value(kFactor).toInt(); before.windowRows / factor < 2)
        return Error(
            ErrorKind::Usage,
            QStringLiteral("A window of %1 rows cannot be decimated by %2.").arg(before.windowRows).arg(factor),
            QStringLiteral("Make the window longer or the factor smaller."));
    return {};
}

void DecimateStage::apply(const BlockUse& use, StagedPipeline& pipeline) const
{
    Pipeline& seen = pipeline.seen;
    for (SignalOrigin& origin : pipeline.origins)
        origin.steps.push_back({this, use, 0, seen.windowRows, seen.stream.rateHz});
    const int factor = use.parameters.value(kFactor).toInt();
    seen.windowRows /= factor;
    seen.stream.rateHz /= factor;
}

std::vector<KernelCall> DecimateStage::calls(const SignalStep& step, Argument signal, PlanBuilder&) const
{
    return {{Kernel::AverageGroups,
             {},
             {PlanBuilder::count(step.use.parameters.value(kFactor).toInt()), PlanBuilder::count(step.rows), signal}}};
}

} // namespace ember::features
