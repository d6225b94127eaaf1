// SPDX-License-Identifier: GPL-3.0-or-later
// The recursive filters: Butterworth and notch, and gravity, which is one of them kept beside the rest.
#include "core/features/block_parts.h"
#include "core/features/filter_design.h"
#include "core/features/plan_builder.h"
#include "core/features/stages.h"
#include "device-agent/runtime/filter.hpp"

namespace ember::features {
namespace {

const QString kKind = QStringLiteral("kind");
const QString kCutOff = QStringLiteral("cut-off");
const QString kUpper = QStringLiteral("upper");
const QString kOrder = QStringLiteral("order");
const QString kLowPass = QStringLiteral("low-pass");
const QString kHighPass = QStringLiteral("high-pass");
const QString kBandPass = QStringLiteral("band-pass");
const QString kNotch = QStringLiteral("notch");
constexpr double kNotchQuality = 10;
constexpr int kGravityOnly = 0;
constexpr int kWithoutGravity = 1;

KernelCall filterCall(quint32 kind, const FilterTable& table, int rows, Argument signal, PlanBuilder& builder)
{
    return {Kernel::FilterSignal,
            {kind},
            {builder.freeTable(QStringLiteral("Filter"), table.values), PlanBuilder::count(table.sections),
             PlanBuilder::count(table.single), PlanBuilder::count(rows), signal}};
}

} // namespace

BlockInfo FilterStage::info() const
{
    BlockInfo info;
    info.id = QStringLiteral("filter");
    info.title = QStringLiteral("Filter");
    info.help = QStringLiteral("Keeps the low, the high or the middle frequencies of each channel, or takes one "
                               "frequency out, before anything is computed.");
    info.source = QStringLiteral("Butterworth 1930, by the bilinear transform, as state-variable sections (Zavalishin "
                                 "2012).");
    info.parameters = {
        choiceParameter(kKind, {kLowPass, kHighPass, kBandPass, kNotch}, "Kind",
                        "Which frequencies pass; a notch takes out one and a tenth of it around."),
        realParameter(kCutOff, 10, 0.001, 1e6, "Hz", "Cut-off",
                      "Where the power is halved: of a band-pass the lower edge, of a notch the middle."),
        realParameter(kUpper, 20, 0.001, 1e6, "Hz", "Upper edge", "Of a band-pass; nothing else uses it."),
        integerParameter(kOrder, 2, 1, 8, "Order", "Steepness: 6 dB per octave for each; a notch does not use it."),
    };
    return info;
}

Status FilterStage::check(const BlockUse& use, const Pipeline& before) const
{
    EMBER_CHECK(requireBelowNyquist(use, kCutOff, before));
    if (use.parameters.value(kKind).toString() != kBandPass)
        return {};
    EMBER_CHECK(requireBelowNyquist(use, kUpper, before));
    if (use.parameters.value(kUpper).toDouble() <= use.parameters.value(kCutOff).toDouble())
        return Error(ErrorKind::Usage, QStringLiteral("The upper edge of a band-pass lies above its lower edge."),
                     QStringLiteral("Give 'upper' a higher frequency than 'cut-off'."));
    return {};
}

std::vector<KernelCall> FilterStage::calls(const SignalStep& step, Argument signal, PlanBuilder& builder) const
{
    const QString kind = step.use.parameters.value(kKind).toString();
    const double cutOff = step.use.parameters.value(kCutOff).toDouble();
    const int order = step.use.parameters.value(kOrder).toInt();
    if (kind == kNotch)
        return {
            filterCall(runtime::kFilterNotch, notch(cutOff, kNotchQuality, step.rateHz), step.rows, signal, builder)};
    const FilterTable table = butterworth(order, cutOff, step.rateHz);
    if (kind == kLowPass)
        return {filterCall(runtime::kFilterLow, table, step.rows, signal, builder)};
    std::vector<KernelCall> calls = {filterCall(runtime::kFilterHigh, table, step.rows, signal, builder)};
    if (kind == kBandPass)
        calls.push_back(filterCall(runtime::kFilterLow,
                                   butterworth(order, step.use.parameters.value(kUpper).toDouble(), step.rateHz),
                                   step.rows, signal, builder));
    return calls;
}

BlockInfo GravityStage::info() const
{
    BlockInfo info;
    info.id = QStringLiteral("gravity");
    info.title = QStringLiteral("Gravity split");
    info.help = QStringLiteral("Splits acceleration into gravity, as channels 'ax.gravity' and so on, and motion, "
                               "which stays in 'ax': how a device is turned, and how it is moved.");
    info.source = QStringLiteral("Gravity is what a Butterworth low-pass lets through (0.3 Hz: Anguita et al. 2013).");
    info.parameters = {
        realParameter(kCutOff, 0.3, 0.001, 100, "Hz", "Cut-off", "What is slower counts as gravity."),
        integerParameter(kOrder, 2, 1, 4, "Order", "Steepness of the low-pass: 6 dB per octave for each."),
    };
    return info;
}

Status GravityStage::check(const BlockUse& use, const Pipeline& before) const
{
    return requireBelowNyquist(use, kCutOff, before);
}

void GravityStage::apply(const BlockUse& use, StagedPipeline& pipeline) const
{
    for (int channel : use.channels) {
        const auto at = static_cast<std::size_t>(channel);
        SignalStep step{this, use, kGravityOnly, pipeline.seen.windowRows, pipeline.seen.stream.rateHz};
        signal::Channel slow = pipeline.seen.stream.channels[at];
        slow.name += QStringLiteral(".gravity");
        SignalOrigin origin = pipeline.origins[at];
        origin.steps.push_back(step);
        step.variant = kWithoutGravity;
        pipeline.origins[at].steps.push_back(step);
        pipeline.seen.stream.channels.push_back(slow);
        pipeline.origins.push_back(std::move(origin));
    }
}

std::vector<KernelCall> GravityStage::calls(const SignalStep& step, Argument signal, PlanBuilder& builder) const
{
    const FilterTable table = butterworth(step.use.parameters.value(kOrder).toInt(),
                                          step.use.parameters.value(kCutOff).toDouble(), step.rateHz);
    return {filterCall(step.variant == kGravityOnly ? runtime::kFilterLow : runtime::kFilterRest, table, step.rows,
                       signal, builder)};
}

} // namespace ember::features
