// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/block_parts.h"
#include "core/features/blocks.h"
#include "core/features/fft_tables.h"
#include "core/features/plan_builder.h"
#include "device-agent/runtime/spectrum.hpp"

#include <QJsonArray>

namespace ember::features {
namespace {

const QString kSignal = QStringLiteral("signal");
const QString kLength = QStringLiteral("length");
const QString kFftSize = QStringLiteral("fft-size");
const QString kTaper = QStringLiteral("taper");
const QString kBands = QStringLiteral("bands");
const QString kSpacing = QStringLiteral("spacing");
const QString kLevel = QStringLiteral("level");
const QString kPeaks = QStringLiteral("peaks");
const QString kShape = QStringLiteral("shape");
const QString kHann = QStringLiteral("hann");
const QString kLog = QStringLiteral("log");
const QString kLog2 = QStringLiteral("log2");

QStringList shapeKeys()
{
    static_assert(runtime::kCentroid == 1u << 0 && runtime::kRollOff == 1u << 1 && runtime::kEntropy == 1u << 2);
    static_assert(runtime::kShapeCount == 3);
    return {QStringLiteral("centroid"), QStringLiteral("roll-off"), QStringLiteral("entropy")};
}

/// The parameters of a use, in the types they have here.
struct Settings
{
    explicit Settings(const BlockUse& use)
        : length(use.parameters.value(kSignal).toString() == kLength)
        , points(use.parameters.value(kFftSize).toInt())
        , hann(use.parameters.value(kTaper).toString() == kHann)
        , bands(use.parameters.value(kBands).toInt())
        , spacing(use.parameters.value(kSpacing).toString() == kLog ? BandSpacing::Logarithmic : BandSpacing::Linear)
        , log2(use.parameters.value(kLevel).toString() == kLog2)
        , peaks(use.parameters.value(kPeaks).toInt())
        , shape(use.parameters.value(kShape))
    {}

    int bins() const { return static_cast<int>(runtime::spectrumBins(static_cast<std::size_t>(points))); }

    /// Hz, or cycles per row when the rate of the stream is not known.
    float binWidth(const Pipeline& pipeline) const
    {
        const double rate = pipeline.stream.rateHz > 0 ? pipeline.stream.rateHz : 1.0;
        return static_cast<float>(rate / points);
    }

    bool length; ///< of the vector that the channels make, not each channel
    int points;
    bool hann;
    int bands;
    BandSpacing spacing;
    bool log2;
    int peaks;
    QJsonValue shape;
};

BlockParameter shapeParameter()
{
    BlockParameter parameter;
    parameter.key = kShape;
    parameter.type = BlockParameter::Type::ChoiceSet;
    parameter.defaultValue = QJsonArray::fromStringList(shapeKeys());
    parameter.choices = shapeKeys();
    parameter.name = QStringLiteral("Form");
    parameter.help = QStringLiteral("Mean frequency, frequency below which 85 % of the power lies, and how evenly the "
                                    "power is spread (0 to 1).");
    return parameter;
}

QString hertz(double value)
{
    return QString::number(value, 'g', 4);
}

/// "band_0.8-2.3Hz": from the first bin of the band to the first one behind it.
QStringList bandNames(const Settings& settings, const Pipeline& pipeline)
{
    QStringList names;
    if (settings.bands == 0)
        return names;
    const std::vector<quint16> edges = bandEdges(settings.points, settings.bands, settings.spacing);
    const double width = pipeline.stream.rateHz / settings.points;
    for (std::size_t b = 0; b + 1 < edges.size(); ++b) {
        if (width > 0)
            names << QStringLiteral("band_%1-%2Hz").arg(hertz(edges[b] * width), hertz(edges[b + 1] * width));
        else
            names << QStringLiteral("band_bins%1-%2").arg(edges[b]).arg(edges[b + 1] - 1);
    }
    return names;
}

QStringList namesPerSignal(const Settings& settings, const Pipeline& pipeline)
{
    QStringList names = bandNames(settings, pipeline);
    for (int p = 1; p <= settings.peaks; ++p)
        names << QStringLiteral("peak%1_frequency").arg(p) << QStringLiteral("peak%1_power").arg(p);
    const QJsonArray shape = settings.shape.toArray();
    for (const QJsonValue& key : shape)
        names << key.toString();
    return names;
}

/// The calls for the signal in front of the work space, which holds the transform and behind it the spectrum.
std::vector<KernelCall> callsPerSignal(const Settings& s, const Pipeline& pipeline, int output, PlanBuilder& builder)
{
    const Argument power = builder.work(s.points);
    const Argument bins = PlanBuilder::count(s.bins());
    const Argument width = PlanBuilder::real(s.binWidth(pipeline));
    const Argument sine = builder.table(QStringLiteral("Sine%1").arg(s.points), sineTable(s.points));
    std::vector<KernelCall> calls = {{Kernel::PowerSpectrum,
                                      {s.hann ? runtime::kTaperHann : runtime::kTaperNone},
                                      {PlanBuilder::signal(), PlanBuilder::count(pipeline.windowRows),
                                       PlanBuilder::count(s.points), sine, builder.work(0), power}}};
    if (s.bands > 0) {
        const bool linear = s.spacing == BandSpacing::Linear;
        const QString edges = (linear ? QStringLiteral("LinearBands%1Of%2") : QStringLiteral("LogBands%1Of%2"))
                                  .arg(s.bands)
                                  .arg(s.points);
        calls.push_back({Kernel::BandPowers,
                         {s.log2 ? runtime::kLevelLog2 : runtime::kLevelPower},
                         {power, builder.table(edges, bandEdges(s.points, s.bands, s.spacing)),
                          PlanBuilder::count(s.bands), PlanBuilder::output(output)}});
        output += s.bands;
    }
    if (s.peaks > 0) {
        calls.push_back({Kernel::SpectrumPeaks,
                         {},
                         {power, bins, width, PlanBuilder::count(s.peaks), PlanBuilder::output(output)}});
        output += 2 * s.peaks;
    }
    if (const quint32 shape = choiceMask(s.shape, shapeKeys()); shape != 0)
        calls.push_back({Kernel::SpectrumShape, {shape}, {power, bins, width, PlanBuilder::output(output)}});
    return calls;
}

} // namespace

BlockInfo SpectrumBlock::info() const
{
    BlockInfo info;
    info.id = QStringLiteral("spectrum");
    info.title = QStringLiteral("Spectrum");
    info.help = QStringLiteral("Power in bands, strongest frequencies and form of the spectrum of each channel; for "
                               "anything that swings, turns or sounds.");
    info.source =
        QStringLiteral("Welch 1967: averaged periodograms of half-overlapping tapered segments, scaled so that "
                       "the bins sum to the variance.");
    info.parameters = {
        choiceParameter(
            kSignal, {QStringLiteral("channels"), kLength}, "Signal",
            "Each channel, or the length of the vector they make: one transform, however the sensor is turned."),
        integerParameter(
            kFftSize, 64, 8, 4096, "FFT size",
            "Rows per transform, a power of two; more rows tell nearer frequencies apart and cost more time and RAM."),
        choiceParameter(kTaper, {kHann, QStringLiteral("none")}, "Taper",
                        "Hann keeps a strong frequency from leaking into far bands."),
        integerParameter(kBands, 4, 0, 64, "Bands", "Number of bands whose power is a feature."),
        choiceParameter(kSpacing, {kLog, QStringLiteral("linear")}, "Spacing",
                        "Bands of equal ratio or of equal width."),
        choiceParameter(kLevel, {QStringLiteral("power"), kLog2}, "Level",
                        "Power as it is, enough for trees, or its binary logarithm for models that weigh features."),
        integerParameter(kPeaks, 1, 0, 8, "Peaks", "Number of strongest frequencies, with their power."),
        shapeParameter(),
    };
    return info;
}

Status SpectrumBlock::check(const BlockUse& use, const Pipeline& pipeline) const
{
    const Settings settings(use);
    if ((settings.points & (settings.points - 1)) != 0)
        return Error(ErrorKind::Usage,
                     QStringLiteral("The FFT size of feature block 'spectrum' is %1, which is not a power of two.")
                         .arg(settings.points),
                     QStringLiteral("Take 64, 128, 256 ..."));
    if (settings.points > pipeline.windowRows)
        return Error(ErrorKind::Usage,
                     QStringLiteral("Feature block 'spectrum' needs %1 rows for its transform, and a window has %2.")
                         .arg(settings.points)
                         .arg(pipeline.windowRows),
                     QStringLiteral("Make the window longer or the FFT size smaller."));
    if (settings.bands > settings.points / 2)
        return Error(ErrorKind::Usage,
                     QStringLiteral("Feature block 'spectrum' cannot make %1 bands of %2 frequencies.")
                         .arg(settings.bands)
                         .arg(settings.points / 2),
                     QStringLiteral("Ask for fewer bands or a larger FFT size."));
    if (settings.length && use.channels.size() < 2)
        return Error(ErrorKind::Usage,
                     QStringLiteral("Feature block 'spectrum' takes the length of two or more channels, not of one."),
                     QStringLiteral("Choose more channels, or the signal 'channels'."));
    if (namesPerSignal(settings, pipeline).isEmpty())
        return Error(ErrorKind::Usage, QStringLiteral("Feature block 'spectrum' has nothing to compute."),
                     QStringLiteral("Choose bands, peaks or form, or remove the block."));
    return {};
}

QStringList SpectrumBlock::names(const BlockUse& use, const Pipeline& pipeline) const
{
    const Settings settings(use);
    QStringList signalNames;
    for (int channel : use.channels)
        signalNames << channelName(pipeline, channel);
    if (settings.length)
        signalNames = QStringList{lengthName(use, pipeline)};
    const QStringList each = namesPerSignal(settings, pipeline);
    QStringList names;
    for (const QString& signal : std::as_const(signalNames)) {
        for (const QString& name : each)
            names << signal + QLatin1Char('.') + name;
    }
    return names;
}

void SpectrumBlock::plan(const BlockUse& use, const Pipeline& pipeline, int firstOutput, PlanBuilder& builder) const
{
    const Settings settings(use);
    const int workFloats = settings.points + settings.bins();
    if (settings.length) {
        builder.onNorm(PlanBuilder::Norm::Euclidean, use.channels,
                       callsPerSignal(settings, pipeline, firstOutput, builder), workFloats);
        return;
    }
    const auto perSignal = static_cast<int>(namesPerSignal(settings, pipeline).size());
    int output = firstOutput;
    for (int channel : use.channels) {
        builder.onChannel(channel, callsPerSignal(settings, pipeline, output, builder), workFloats);
        output += perSignal;
    }
}

} // namespace ember::features
