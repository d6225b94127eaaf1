// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/block_parts.h"
#include "core/features/blocks.h"
#include "core/features/plan_builder.h"

namespace ember::features {
namespace {

const QString kWavelet = QStringLiteral("wavelet");
const QString kLevels = QStringLiteral("levels");
const QString kHaar = QStringLiteral("haar");
const QString kDb2 = QStringLiteral("db2");
const QString kDb4 = QStringLiteral("db4");

/// Low-pass coefficients of Daubechies' wavelets with 1, 2 and 4 vanishing moments.
std::vector<float> coefficientsOf(const QString& wavelet)
{
    if (wavelet == kHaar)
        return {0.70710678f, 0.70710678f};
    if (wavelet == kDb2)
        return {0.48296291f, 0.83651630f, 0.22414387f, -0.12940952f};
    return {0.23037781f,  0.71484657f, 0.63088077f,  -0.02798377f,
            -0.18703481f, 0.03084138f, 0.032883012f, -0.010597402f};
}

} // namespace

BlockInfo WaveletBlock::info() const
{
    BlockInfo info;
    info.id = QStringLiteral("wavelet");
    info.title = QStringLiteral("Wavelet bands");
    info.help =
        QStringLiteral("Mean square of each channel in octaves, from half the rate down, without a transform as "
                       "long as a spectrum; for jolts and other short events.");
    info.source = QStringLiteral("Mallat 1989 with the wavelets of Daubechies 1988; the bands sum to the mean square.");
    info.parameters = {
        choiceParameter(kWavelet, {kHaar, kDb2, kDb4}, "Wavelet", "Longer ones part the octaves better and cost more."),
        integerParameter(kLevels, 4, 1, 12, "Levels", "Octaves to part; what is below them is one band more."),
    };
    return info;
}

Status WaveletBlock::check(const BlockUse& use, const Pipeline& pipeline) const
{
    const int levels = use.parameters.value(kLevels).toInt();
    const auto taps = static_cast<int>(coefficientsOf(use.parameters.value(kWavelet).toString()).size());
    if ((pipeline.windowRows >> (levels - 1)) < taps)
        return Error(ErrorKind::Usage,
                     QStringLiteral("Feature block 'wavelet' cannot part a window of %1 rows into %2 octaves.")
                         .arg(pipeline.windowRows)
                         .arg(levels),
                     QStringLiteral("Make the window longer, ask for fewer levels or a shorter wavelet."));
    return {};
}

QStringList WaveletBlock::names(const BlockUse& use, const Pipeline& pipeline) const
{
    const int levels = use.parameters.value(kLevels).toInt();
    QStringList names;
    for (int channel : use.channels) {
        for (int level = 1; level <= levels; ++level)
            names << QStringLiteral("%1.octave%2").arg(channelName(pipeline, channel)).arg(level);
        names << channelName(pipeline, channel) + QStringLiteral(".below");
    }
    return names;
}

void WaveletBlock::plan(const BlockUse& use, const Pipeline& pipeline, int firstOutput, PlanBuilder& builder) const
{
    const int levels = use.parameters.value(kLevels).toInt();
    const std::vector<float> low = coefficientsOf(use.parameters.value(kWavelet).toString());
    const Argument table = builder.freeTable(QStringLiteral("Wavelet"), low);
    const Argument scale = PlanBuilder::real(1.0f / static_cast<float>(pipeline.windowRows));
    int output = firstOutput;
    for (int channel : use.channels) {
        std::vector<KernelCall> calls;
        Argument from = PlanBuilder::signal();
        int rows = pipeline.windowRows;
        int used = 0;
        for (int level = 0; level < levels; ++level) {
            const Argument to = builder.work(used);
            calls.push_back({Kernel::WaveletLevel,
                             {},
                             {from, PlanBuilder::count(rows), table, PlanBuilder::count(static_cast<int>(low.size())),
                              scale, to, PlanBuilder::output(output++)}});
            rows /= 2;
            used += rows;
            from = to;
        }
        calls.push_back(
            {Kernel::ScaledEnergy, {}, {from, PlanBuilder::count(rows), scale, PlanBuilder::output(output++)}});
        builder.onChannel(channel, calls, used);
    }
}

} // namespace ember::features
