// SPDX-License-Identifier: GPL-3.0-or-later
// Blocks of repetition: autocorrelation and single tones.
#include "core/features/block_parts.h"
#include "core/features/blocks.h"
#include "core/features/plan_builder.h"

#include <cmath>
#include <numbers>

namespace ember::features {
namespace {

const QString kLags = QStringLiteral("lags");
const QString kValues = QStringLiteral("values");
const QString kFrequency = QStringLiteral("frequency");
const QString kHarmonics = QStringLiteral("harmonics");

} // namespace

BlockInfo AutocorrelationBlock::info() const
{
    BlockInfo info;
    info.id = QStringLiteral("autocorrelation");
    info.title = QStringLiteral("Autocorrelation");
    info.help = QStringLiteral("How long each channel takes to repeat itself and how well it does, such as the time of "
                               "a step; and, if wanted, the autocorrelation itself at some lags.");
    info.source = QStringLiteral("r[l] = sum(d[i] d[i + l]) / sum(d[i]^2) with d = x - mean; the highest local maximum "
                                 "behind the first lag that is not positive.");
    info.parameters = {
        integerParameter(kLags, 64, 2, 4096, "Lags", "Rows of the longest repetition that is looked for."),
        integerParameter(kValues, 0, 0, 64, "Values", "Equally spaced lags whose autocorrelation is a feature too."),
    };
    return info;
}

Status AutocorrelationBlock::check(const BlockUse& use, const Pipeline& pipeline) const
{
    const int lags = use.parameters.value(kLags).toInt();
    if (lags >= pipeline.windowRows)
        return Error(ErrorKind::Usage,
                     QStringLiteral("Feature block 'autocorrelation' looks for %1 rows, and a window has %2.")
                         .arg(lags)
                         .arg(pipeline.windowRows),
                     QStringLiteral("Make the window longer or 'lags' smaller."));
    if (use.parameters.value(kValues).toInt() > lags)
        return Error(ErrorKind::Usage, QStringLiteral("Feature block 'autocorrelation' has fewer lags than values."),
                     QStringLiteral("Make 'values' smaller."));
    return {};
}

QStringList AutocorrelationBlock::names(const BlockUse& use, const Pipeline& pipeline) const
{
    const int values = use.parameters.value(kValues).toInt();
    const int step = values > 0 ? use.parameters.value(kLags).toInt() / values : 0;
    QStringList names;
    for (int channel : use.channels) {
        const QString name = channelName(pipeline, channel);
        names << name + QStringLiteral(".period") << name + QStringLiteral(".periodicity");
        for (int v = 1; v <= values; ++v)
            names << QStringLiteral("%1.lag%2").arg(name).arg(v * step);
    }
    return names;
}

void AutocorrelationBlock::plan(const BlockUse& use, const Pipeline& pipeline, int firstOutput,
                                PlanBuilder& builder) const
{
    const int lags = use.parameters.value(kLags).toInt();
    const int values = use.parameters.value(kValues).toInt();
    // Seconds, or rows when the rate of the stream is not known.
    const double step = pipeline.stream.rateHz > 0 ? 1.0 / pipeline.stream.rateHz : 1.0;
    const Argument r = builder.work(0);
    int output = firstOutput;
    for (int channel : use.channels) {
        std::vector<KernelCall> calls = {
            {Kernel::Autocorrelation,
             {},
             {PlanBuilder::signal(), PlanBuilder::count(pipeline.windowRows), PlanBuilder::count(lags), r}},
            {Kernel::StrongestPeriod,
             {},
             {r, PlanBuilder::count(lags), PlanBuilder::real(static_cast<float>(step)), PlanBuilder::output(output)}}};
        if (values > 0)
            calls.push_back(
                {Kernel::EveryNth,
                 {},
                 {r, PlanBuilder::count(lags / values), PlanBuilder::count(values), PlanBuilder::output(output + 2)}});
        builder.onChannel(channel, calls, lags + 1);
        output += 2 + values;
    }
}

BlockInfo TonesBlock::info() const
{
    BlockInfo info;
    info.id = QStringLiteral("tones");
    info.title = QStringLiteral("Tones");
    info.help = QStringLiteral("Mean square of each channel at one frequency and its harmonics: mains hum, a known "
                               "speed of a machine. Cheaper than a spectrum for a few frequencies.");
    info.source = QStringLiteral("Goertzel 1958 in Reinsch's form: 2 |X(f)|^2 / n^2.");
    info.parameters = {
        realParameter(kFrequency, 50, 0.001, 1e6, "Hz", "Frequency", "The lowest of the tones."),
        integerParameter(kHarmonics, 1, 1, 32, "Tones", "The frequency, twice it, and so on."),
    };
    return info;
}

Status TonesBlock::check(const BlockUse& use, const Pipeline& pipeline) const
{
    EMBER_CHECK(requireBelowNyquist(use, kFrequency, pipeline));
    const int tones = use.parameters.value(kHarmonics).toInt();
    if (2 * use.parameters.value(kFrequency).toDouble() * tones >= pipeline.stream.rateHz)
        return Error(ErrorKind::Usage,
                     QStringLiteral("Tone %1 of feature block 'tones' lies above half the rate of %2 Hz.")
                         .arg(tones)
                         .arg(pipeline.stream.rateHz),
                     QStringLiteral("Ask for fewer tones."));
    return {};
}

QStringList TonesBlock::names(const BlockUse& use, const Pipeline& pipeline) const
{
    QStringList names;
    for (int channel : use.channels) {
        for (int h = 1; h <= use.parameters.value(kHarmonics).toInt(); ++h)
            names << QStringLiteral("%1.tone_%2Hz")
                         .arg(channelName(pipeline, channel))
                         .arg(h * use.parameters.value(kFrequency).toDouble());
    }
    return names;
}

void TonesBlock::plan(const BlockUse& use, const Pipeline& pipeline, int firstOutput, PlanBuilder& builder) const
{
    int output = firstOutput;
    for (int channel : use.channels) {
        std::vector<KernelCall> calls;
        for (int h = 1; h <= use.parameters.value(kHarmonics).toInt(); ++h) {
            const double w =
                2.0 * std::numbers::pi * h * use.parameters.value(kFrequency).toDouble() / pipeline.stream.rateHz;
            const bool slow = std::cos(w) >= 0;
            const double half = slow ? std::sin(w / 2) : std::cos(w / 2);
            calls.push_back({Kernel::Goertzel,
                             {},
                             {PlanBuilder::signal(), PlanBuilder::count(pipeline.windowRows),
                              PlanBuilder::real(static_cast<float>((slow ? -4.0 : 4.0) * half * half)),
                              PlanBuilder::real(slow ? 1.0f : -1.0f), PlanBuilder::output(output++)}});
        }
        builder.onChannel(channel, calls);
    }
}

} // namespace ember::features
