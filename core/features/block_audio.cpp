// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/block_parts.h"
#include "core/features/blocks.h"
#include "core/features/fft_tables.h"
#include "core/features/mel_tables.h"
#include "core/features/plan_builder.h"
#include "device-agent/runtime/audio.hpp"
#include "device-agent/runtime/fixed_audio.hpp"

#include <QJsonArray>

#include <cmath>

namespace ember::features {
namespace {

const QString kOutput = QStringLiteral("output");
const QString kArithmetic = QStringLiteral("arithmetic");
const QString kFftSize = QStringLiteral("fft-size");
const QString kHop = QStringLiteral("hop");
const QString kMels = QStringLiteral("mels");
const QString kLow = QStringLiteral("low");
const QString kHigh = QStringLiteral("high");
const QString kCoefficients = QStringLiteral("coefficients");
const QString kEmphasis = QStringLiteral("pre-emphasis");
const QString kFloor = QStringLiteral("floor");
const QString kNoise = QStringLiteral("noise");
const QString kSlices = QStringLiteral("slices");
const QString kSummary = QStringLiteral("summary");
const QString kMfcc = QStringLiteral("mfcc");
const QString kLogMel = QStringLiteral("log-mel");
const QString kPcen = QStringLiteral("pcen");
const QString kMel = QStringLiteral("mel");
const QString kFloat = QStringLiteral("float");
const QString kFixed = QStringLiteral("fixed");
const QString kKeep = QStringLiteral("keep");
const QString kSubtract = QStringLiteral("subtract");
constexpr int kMostFixedPoints = 1024; ///< 60 dB over the error of the transform, for any signal
constexpr double kDecibelsPerOctave = 3.010299956639812;
constexpr double kNoiseSeconds = 0.4; ///< time constant of the running average that PCEN and noise removal have

QStringList summaryKeys()
{
    static_assert(runtime::kPoolMean == 1u && runtime::kPoolDeviation == 2u && runtime::kPoolMaximum == 4u);
    return {QStringLiteral("mean"), QStringLiteral("std"), QStringLiteral("max")};
}

BlockParameter summaryParameter()
{
    BlockParameter parameter;
    parameter.key = kSummary;
    parameter.type = BlockParameter::Type::ChoiceSet;
    parameter.defaultValue = QJsonArray{summaryKeys().first()};
    parameter.choices = summaryKeys();
    parameter.name = QStringLiteral("Summary");
    parameter.help = QStringLiteral("Figures of each value over a slice; unused when every frame is given.");
    return parameter;
}

/// The parameters of a use, in the types they have here.
struct Settings
{
    Settings(const BlockUse& use, const Pipeline& pipeline)
        : output(use.parameters.value(kOutput).toString())
        , fixed(use.parameters.value(kArithmetic).toString() == kFixed)
        , points(use.parameters.value(kFftSize).toInt())
        , hop(use.parameters.value(kHop).toInt())
        , mels(use.parameters.value(kMels).toInt())
        , coefficients(use.parameters.value(kCoefficients).toInt())
        , emphasis(use.parameters.value(kEmphasis).toDouble())
        , floor(use.parameters.value(kFloor).toDouble())
        , subtractNoise(use.parameters.value(kNoise).toString() == kSubtract)
        , slices(use.parameters.value(kSlices).toInt())
        , summary(chosenKeys(use, kSummary))
        , rate(pipeline.stream.rateHz)
        , low(use.parameters.value(kLow).toDouble())
        , high(use.parameters.value(kHigh).toDouble())
        , frames(pipeline.windowRows >= points ? (pipeline.windowRows - points) / hop + 1 : 0)
    {
        if (high == 0)
            high = rate / 2;
    }

    int values() const { return output == kMfcc ? coefficients : mels; }
    bool everyFrame() const { return slices == 0; }
    MelBank bank() const { return melBank(points, mels, low, high, rate); }
    /// Of the running average over frames.
    float smoothing() const { return static_cast<float>(1.0 - std::exp(-hop / (rate * kNoiseSeconds))); }
    /// Of squared magnitudes, so that the sum over all bins is the mean square of the signal (Hann: 3/8).
    double powerScale() const { return 2.0 / (static_cast<double>(points) * points * 0.375); }

    QString output;
    bool fixed;
    int points;
    int hop;
    int mels;
    int coefficients;
    double emphasis;
    double floor;
    bool subtractNoise;
    int slices;
    QStringList summary;
    double rate;
    double low;
    double high;
    int frames;
};

Error refused(const QString& what, const QString& hint)
{
    return Error(ErrorKind::Usage, QStringLiteral("Feature block 'audio' ") + what, hint);
}

Status checkFrames(const Settings& s, const Pipeline& pipeline)
{
    if ((s.points & (s.points - 1)) != 0)
        return refused(QStringLiteral("has an FFT size of %1, which is not a power of two.").arg(s.points),
                       QStringLiteral("Take 256, 512, 1024 ..."));
    if (s.frames < 1)
        return refused(
            QStringLiteral("needs %1 rows for one frame, and a window has %2.").arg(s.points).arg(pipeline.windowRows),
            QStringLiteral("Make the window longer or the FFT size smaller."));
    if (s.slices > s.frames)
        return refused(QStringLiteral("cannot make %1 slices of %2 frames.").arg(s.slices).arg(s.frames),
                       QStringLiteral("Ask for fewer slices, a shorter hop or a longer window."));
    if (!s.everyFrame() && s.summary.isEmpty())
        return refused(QStringLiteral("has nothing to compute: 'summary' is empty."),
                       QStringLiteral("Choose at least one entry, or 0 slices for every frame."));
    return {};
}

Status checkMels(const Settings& s)
{
    if (s.rate <= 0)
        return refused(QStringLiteral("needs the rate of the stream, which is not known."),
                       QStringLiteral("Import or record with the rate."));
    if (s.high > s.rate / 2 || s.low >= s.high)
        return refused(QStringLiteral("cannot place its filters from %1 to %2 Hz at a rate of %3 Hz.")
                           .arg(s.low)
                           .arg(s.high)
                           .arg(s.rate),
                       QStringLiteral("'low' lies below 'high', and 'high' at half the rate at most."));
    if (!s.bank().everyFilterHasBins())
        return refused(QStringLiteral("has no frequency for some of its %1 filters.").arg(s.mels),
                       QStringLiteral("Ask for fewer mels or a larger FFT size, or raise 'low'."));
    if (s.output == kMfcc && s.coefficients > s.mels)
        return refused(QStringLiteral("cannot make %1 coefficients of %2 mels.").arg(s.coefficients).arg(s.mels),
                       QStringLiteral("Ask for fewer coefficients or more mels."));
    return {};
}

Status checkFixed(const Settings& s, const BlockUse& use, const Pipeline& pipeline)
{
    if (pipeline.stream.type != signal::SampleType::Int16 && pipeline.stream.type != signal::SampleType::Int8)
        return refused(QStringLiteral("computes in fixed point from int16 or int8 samples only, without stages."),
                       QStringLiteral("Set 'arithmetic' to 'float'; its 'pre-emphasis' takes low frequencies out."));
    if ((s.output != kMfcc && s.output != kLogMel) || s.subtractNoise)
        return refused(QStringLiteral("has only 'mfcc' and 'log-mel', without noise removal, in fixed point."),
                       QStringLiteral("Set 'arithmetic' to 'float', or choose one of these."));
    if (s.points > kMostFixedPoints)
        return refused(QStringLiteral("has FFT sizes up to %1 only in fixed point, which larger ones make too coarse.")
                           .arg(kMostFixedPoints),
                       QStringLiteral("Set 'arithmetic' to 'float', or take a smaller FFT size."));
    if (s.bank().widestStep() > static_cast<int>(runtime::kFixedMostBins))
        return refused(QStringLiteral("has filters that are too wide for fixed point."),
                       QStringLiteral("Ask for more mels or a smaller FFT size."));
    for (int channel : use.channels) {
        if (pipeline.stream.channels[static_cast<std::size_t>(channel)].offset != 0)
            return refused(QStringLiteral("cannot compute in fixed point from a channel with an offset."),
                           QStringLiteral("Set 'arithmetic' to 'float'."));
        const double scale = std::abs(pipeline.stream.channels[static_cast<std::size_t>(channel)].scale);
        if (!(scale > 1e-9 && scale < 1e9))
            return refused(QStringLiteral("cannot compute in fixed point with a scale of %1.").arg(scale),
                           QStringLiteral("Set 'arithmetic' to 'float'."));
    }
    return {};
}

/// Plans one channel: frames to a matrix of mel energies, the matrix to levels and cepstra, those to features.
class AudioPlan
{
public:
    AudioPlan(const Settings& settings, const Pipeline& pipeline, int channel, PlanBuilder& builder)
        : m_s(settings)
        , m_channel(channel)
        , m_builder(builder)
        , m_bank(settings.bank())
        , m_name(channelName(pipeline, channel))
        , m_scale(std::abs(pipeline.stream.channels[static_cast<std::size_t>(channel)].scale))
    {}

    void add(int output)
    {
        if (m_s.fixed)
            addFixedFrames();
        else
            addFloatFrames();
        const Argument first = PlanBuilder::output(output);
        if (m_s.everyFrame()) {
            addPooled(first, m_s.frames, runtime::kPoolMean); // the mean of one frame: the frame
        } else {
            addPooled(first, m_s.slices, choiceMask(QJsonArray::fromStringList(m_s.summary), summaryKeys()));
        }
        m_builder.onFrames(m_channel, m_loops, m_floats);
    }

private:
    static Argument stepping(Argument argument, int step)
    {
        argument.step = step;
        return argument;
    }

    void once(KernelCall call, const QString& what)
    {
        m_loops.push_back({1, {std::move(call)}, what + QStringLiteral(" of ") + m_name});
    }

    /// Reserves work space.
    int reserve(int floats)
    {
        const int at = m_floats;
        m_floats += floats;
        return at;
    }

    Argument at(int floats, int step = 0) const { return stepping(m_builder.frameWork(m_channel, floats), step); }

    Argument edges() { return m_builder.freeTable(QStringLiteral("MelEdges"), m_bank.edges); }

    void addFloatFrames()
    {
        const int frame = reserve(m_s.points);
        const int matrix = reserve(m_s.frames * m_s.mels);
        const std::vector<Argument> source = m_builder.frameSource(m_channel, 0);
        const Argument points = PlanBuilder::count(m_s.points);
        const Argument sine = m_builder.table(QStringLiteral("Sine%1").arg(m_s.points), sineTable(m_s.points));
        PlanLoop loop{m_s.frames, {}, QStringLiteral("mel energies of each frame of ") + m_name};
        loop.body.push_back({Kernel::LoadChannel,
                             {},
                             {stepping(source[0], m_s.hop * m_builder.frameStride(m_channel)), points, source[1],
                              source[2], source[3], at(frame)}});
        if (m_s.emphasis > 0)
            loop.body.push_back(
                {Kernel::PreEmphasis, {}, {PlanBuilder::real(static_cast<float>(m_s.emphasis)), points, at(frame)}});
        loop.body.push_back({Kernel::FramePower, {}, {points, sine, at(frame)}});
        loop.body.push_back({Kernel::MelEnergies,
                             {},
                             {at(frame), edges(), m_builder.freeTable(QStringLiteral("MelWeights"), m_bank.weights),
                              PlanBuilder::count(m_s.mels), PlanBuilder::real(static_cast<float>(m_s.powerScale())),
                              at(matrix, m_s.mels)}});
        m_loops.push_back(std::move(loop));
        addLevels(matrix);
    }

    void addLevels(int matrix)
    {
        const Argument frames = PlanBuilder::count(m_s.frames);
        const Argument mels = PlanBuilder::count(m_s.mels);
        const Argument smoothing = PlanBuilder::real(m_s.smoothing());
        if (m_s.subtractNoise)
            once({Kernel::SubtractNoise, {}, {frames, mels, smoothing, at(matrix)}}, QStringLiteral("noise floor"));
        if (m_s.output == kPcen)
            once({Kernel::Pcen, {}, {frames, mels, smoothing, at(matrix)}}, QStringLiteral("energy normalisation"));
        if (m_s.output == kLogMel || m_s.output == kMfcc)
            once({Kernel::Decibels,
                  {},
                  {PlanBuilder::real(static_cast<float>(m_s.floor)), PlanBuilder::count(m_s.frames * m_s.mels),
                   at(matrix)}},
                 QStringLiteral("levels"));
        m_values = matrix;
        if (m_s.output != kMfcc)
            return;
        m_values = reserve(m_s.frames * m_s.coefficients);
        const Argument table = m_builder.table(QStringLiteral("Cosines%1Of%2").arg(m_s.coefficients).arg(m_s.mels),
                                               cosineTable(m_s.mels, m_s.coefficients));
        m_loops.push_back({m_s.frames,
                           {{Kernel::MatrixProduct,
                             {},
                             {at(matrix, m_s.mels), mels, table, PlanBuilder::count(m_s.coefficients),
                              at(m_values, m_s.coefficients)}}},
                           QStringLiteral("cepstrum of each frame of ") + m_name});
    }

    void addFixedFrames()
    {
        const int frame = reserve(m_s.points / 2);
        const int logs = reserve((m_s.mels + 1) / 2);
        m_values = reserve(m_s.frames * m_s.values());
        const std::vector<Argument> source = m_builder.frameSource(m_channel, 0);
        // What a logarithm of the sample's unit is short of one of the channel's.
        const double octaves = std::log2(m_s.powerScale()) + 2.0 * std::log2(m_scale);
        const double floor = std::clamp(m_s.floor / kDecibelsPerOctave - octaves, -60.0, 60.0);
        PlanLoop loop{m_s.frames, {}, QStringLiteral("each frame of ") + m_name};
        loop.body.push_back(
            {Kernel::FixedMelFrame,
             {},
             {stepping(source[0], m_s.hop * m_builder.frameStride(m_channel)), source[1],
              PlanBuilder::count(m_s.points), PlanBuilder::count(static_cast<int>(std::lround(m_s.emphasis * 32768))),
              m_builder.table(QStringLiteral("SineQ15Of%1").arg(m_s.points), sineTableQ15(m_s.points)), edges(),
              m_builder.freeTable(QStringLiteral("MelWeightsQ8"), m_bank.weightsQ8()), PlanBuilder::count(m_s.mels),
              PlanBuilder::real(static_cast<float>(floor)), at(frame), at(logs)}});
        loop.body.push_back(m_s.output == kMfcc ? fixedCepstrum(logs, octaves) : fixedLevels(logs, octaves));
        m_loops.push_back(std::move(loop));
    }

    KernelCall fixedLevels(int logs, double octaves) const
    {
        return {Kernel::FixedLevels,
                {},
                {at(logs), PlanBuilder::count(m_s.mels),
                 PlanBuilder::real(static_cast<float>(kDecibelsPerOctave / runtime::kFixedLogOne)),
                 PlanBuilder::real(static_cast<float>(octaves * kDecibelsPerOctave)), at(m_values, m_s.mels)}};
    }

    KernelCall fixedCepstrum(int logs, double octaves)
    {
        const double scale = kDecibelsPerOctave / runtime::kFixedLogOne / 1023.0 * std::sqrt(2.0 / m_s.mels);
        return {Kernel::FixedProduct,
                {},
                {at(logs), PlanBuilder::count(m_s.mels),
                 m_builder.table(QStringLiteral("CosinesQ10%1Of%2").arg(m_s.coefficients).arg(m_s.mels),
                                 cosineTableQ10(m_s.mels, m_s.coefficients)),
                 PlanBuilder::count(m_s.coefficients), PlanBuilder::real(static_cast<float>(scale)),
                 PlanBuilder::real(static_cast<float>(octaves * kDecibelsPerOctave * std::sqrt(m_s.mels))),
                 at(m_values, m_s.coefficients)}};
    }

    void addPooled(Argument output, int slices, quint32 summary)
    {
        once({Kernel::PoolFrames,
              {summary},
              {at(m_values), PlanBuilder::count(m_s.frames), PlanBuilder::count(m_s.values()),
               PlanBuilder::count(slices), output}},
             QStringLiteral("features"));
    }

    const Settings& m_s;
    int m_channel;
    PlanBuilder& m_builder;
    MelBank m_bank;
    QString m_name;
    double m_scale;
    int m_floats = 0;
    int m_values = 0;
    std::vector<PlanLoop> m_loops;
};

} // namespace

BlockInfo AudioBlock::info() const
{
    BlockInfo info;
    info.id = QStringLiteral("audio");
    info.title = QStringLiteral("Audio");
    info.help =
        QStringLiteral("Mel energies, their levels, or cepstral coefficients (MFCC) of short frames, each frame "
                       "or summed up over slices of the window; for words and other sounds.");
    info.source = QStringLiteral("Davis and Mermelstein 1980 (MFCC, filters as in the HTK Book); PCEN: Wang et al. "
                                 "2017; DCT-II orthonormal; levels are 10 log10 of the mean square.");
    info.parameters = {
        choiceParameter(kOutput, {kMfcc, kLogMel, kPcen, kMel}, "Output",
                        "Cepstra are few and independent; levels suit networks; PCEN evens out loudness."),
        choiceParameter(kArithmetic, {kFloat, kFixed}, "Arithmetic",
                        "Fixed point is several times faster on boards without an FPU, and reads int16 samples."),
        integerParameter(kFftSize, 512, 32, 2048, "FFT size",
                         "Rows of a frame, a power of two; about 30 ms for words."),
        integerParameter(kHop, 256, 8, 65536, "Hop", "Rows from one frame to the next."),
        integerParameter(kMels, 32, 4, 64, "Mels", "Filters, equally wide to the ear."),
        realParameter(kLow, 50, 0, 1e5, "Hz", "Lowest", "Where the first filter begins."),
        realParameter(kHigh, 0, 0, 1e5, "Hz", "Highest", "Where the last filter ends; 0 for half the rate."),
        integerParameter(kCoefficients, 13, 2, 40, "Coefficients", "Of the cepstrum; only 'mfcc' uses it."),
        realParameter(kEmphasis, 0.97, 0, 0.999, "", "Pre-emphasis", "Raises high frequencies; 0 for none."),
        realParameter(kFloor, -100, -170, 170, "dB", "Floor", "Levels below it count as silence."),
        choiceParameter(kNoise, {kKeep, kSubtract}, "Noise", "Takes what is always there out of each filter."),
        integerParameter(kSlices, 0, 0, 64, "Slices", "Parts of the window to sum up; 0 gives every frame."),
        summaryParameter(),
    };
    return info;
}

Status AudioBlock::check(const BlockUse& use, const Pipeline& pipeline) const
{
    const Settings settings(use, pipeline);
    EMBER_CHECK(checkFrames(settings, pipeline));
    EMBER_CHECK(checkMels(settings));
    return settings.fixed ? checkFixed(settings, use, pipeline) : Status();
}

QStringList AudioBlock::names(const BlockUse& use, const Pipeline& pipeline) const
{
    const Settings settings(use, pipeline);
    const QString what = settings.output == kMfcc ? kMfcc : settings.output;
    QStringList names;
    for (int channel : use.channels) {
        const QString prefix = channelName(pipeline, channel) + QLatin1Char('.') + what;
        for (int t = 0; t < (settings.everyFrame() ? settings.frames : settings.slices); ++t) {
            for (int v = 0; v < settings.values(); ++v) {
                const QString name = QStringLiteral("%1%2@%3").arg(prefix).arg(v).arg(t);
                if (settings.everyFrame())
                    names << name;
                for (const QString& key : settings.everyFrame() ? QStringList() : settings.summary)
                    names << name + QLatin1Char('.') + key;
            }
        }
    }
    return names;
}

std::vector<int> AudioBlock::shape(const BlockUse& use, const Pipeline& pipeline) const
{
    const Settings settings(use, pipeline);
    // Channels lie behind each other as wholes, which is no image.
    if (!settings.everyFrame() || use.channels.size() != 1)
        return {};
    return {settings.frames, settings.values(), 1};
}

void AudioBlock::plan(const BlockUse& use, const Pipeline& pipeline, int firstOutput, PlanBuilder& builder) const
{
    const Settings settings(use, pipeline);
    const int values =
        settings.values() *
        (settings.everyFrame() ? settings.frames : settings.slices * static_cast<int>(settings.summary.size()));
    for (int channel : use.channels) {
        AudioPlan(settings, pipeline, channel, builder).add(firstOutput);
        firstOutput += values;
    }
}

} // namespace ember::features
