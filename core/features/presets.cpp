// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/presets.h"

#include "core/features/block_parts.h"
#include "core/features/stage.h"

#include <QJsonArray>

#include <algorithm>
#include <array>
#include <cmath>

namespace ember::features {
namespace {

const QString kMotion = QStringLiteral("motion");
const QString kVibration = QStringLiteral("vibration");
const QString kKeyword = QStringLiteral("keyword");
const QString kSpectrogram = QStringLiteral("spectrogram");
const QString kAudioEvent = QStringLiteral("audio-event");
const QString kCurrent = QStringLiteral("current");
const QString kGeneric = QStringLiteral("generic");
const QString kRaw = QStringLiteral("raw");
constexpr double kRawHz = 50;
constexpr double kSoundHz = 4000;      ///< channels without a unit of motion or current count as sound from here
constexpr double kVibrationHz = 400;   ///< bodies move more slowly than this samples
constexpr double kWordSeconds = 1.5;   ///< longer windows hold more than a word
constexpr int kLeastSpectrumRows = 16; ///< a spectrum of shorter windows says nothing that statistics do not

/// The three channels whose names end in x, y, z after the same beginning, one set for each beginning, in order.
std::vector<std::vector<int>> axisTriples(const signal::StreamSpec& stream)
{
    std::vector<std::vector<int>> triples;
    for (int first = 0; first < static_cast<int>(stream.channels.size()); ++first) {
        const QString name = stream.channels[static_cast<std::size_t>(first)].name;
        if (!name.contains(QLatin1Char('x'), Qt::CaseInsensitive))
            continue;
        // "ax", "accX", "x_acc": the same name with another axis letter.
        const qsizetype at = name.lastIndexOf(QLatin1Char('x'), -1, Qt::CaseInsensitive);
        std::vector<int> triple = {first};
        for (char axis : {'y', 'z'}) {
            QString wanted = name;
            wanted[at] = QLatin1Char(axis);
            for (int other = 0; other < static_cast<int>(stream.channels.size()); ++other) {
                if (stream.channels[static_cast<std::size_t>(other)].name.compare(wanted, Qt::CaseInsensitive) == 0) {
                    triple.push_back(other);
                    break;
                }
            }
        }
        if (triple.size() == 3)
            triples.push_back(triple);
    }
    return triples;
}

std::vector<int> allChannels(const signal::StreamSpec& stream)
{
    std::vector<int> all;
    for (int i = 0; i < static_cast<int>(stream.channels.size()); ++i)
        all.push_back(i);
    return all;
}

/// The largest FFT size up to `most` that fits into the window twice, so that Welch's method has segments to average.
int fftSizeFor(int windowRows, int most)
{
    int points = 8;
    while (points * 4 <= windowRows && points * 2 <= most)
        points *= 2;
    return points;
}

Status addBlock(Pipeline& pipeline, const QString& block, const std::vector<int>& channels,
                const QJsonObject& parameters)
{
    EMBER_TRY(BlockUse use, makeUse(block, channels, parameters));
    pipeline.blocks.push_back(std::move(use));
    return {};
}

QJsonArray list(std::initializer_list<const char*> keys)
{
    QJsonArray array;
    for (const char* key : keys)
        array.append(QString::fromLatin1(key));
    return array;
}

Status addMotion(Pipeline& pipeline)
{
    const auto triples = axisTriples(pipeline.stream);
    if (triples.empty())
        return Error(ErrorKind::Usage,
                     QStringLiteral("Stream '%1' has no three channels named after the axes x, y and z.")
                         .arg(pipeline.stream.name),
                     QStringLiteral("The preset 'generic' fits any stream."));
    std::vector<int> axes;
    for (const auto& triple : triples)
        axes.insert(axes.end(), triple.begin(), triple.end());
    // Mean tells how the sensor is turned, deviation how strongly it moves, trend what it turns into: sitting down
    // differs from standing up in little else. The length does not depend on how the sensor is worn. More figures were
    // tried on leave-one-subject-out forests and made them worse.
    const QJsonObject figures = {{QStringLiteral("statistics"), list({"mean", "std", "trend"})}};
    EMBER_CHECK(addBlock(pipeline, QStringLiteral("statistics"), axes, figures));
    for (const auto& triple : triples)
        EMBER_CHECK(addBlock(pipeline, QStringLiteral("magnitude"), triple, figures));
    if (pipeline.windowRows >= kLeastSpectrumRows)
        EMBER_CHECK(addBlock(pipeline, QStringLiteral("spectrum"), triples.front(),
                             {{QStringLiteral("signal"), QStringLiteral("length")},
                              {QStringLiteral("fft-size"), fftSizeFor(pipeline.windowRows, 64)},
                              {QStringLiteral("bands"), 3},
                              {QStringLiteral("peaks"), 0},
                              {QStringLiteral("shape"), QJsonArray()}}));
    return {};
}

Status addGeneric(Pipeline& pipeline)
{
    const std::vector<int> all = allChannels(pipeline.stream);
    EMBER_CHECK(addBlock(pipeline, QStringLiteral("statistics"), all,
                         {{QStringLiteral("statistics"),
                           list({"mean", "std", "min", "max", "skewness", "kurtosis", "mean-crossings"})}}));
    if (pipeline.windowRows >= kLeastSpectrumRows)
        EMBER_CHECK(addBlock(pipeline, QStringLiteral("spectrum"), all,
                             {{QStringLiteral("fft-size"), fftSizeFor(pipeline.windowRows, 256)}}));
    return {};
}

/// For rotating machines: the level, how pointed it is, and where in the spectrum the power lies.
Status addVibration(Pipeline& pipeline)
{
    const std::vector<int> all = allChannels(pipeline.stream);
    EMBER_TRY(BlockUse mean, makeStageUse(QStringLiteral("remove-mean"), all));
    pipeline.stages.push_back(std::move(mean));
    EMBER_CHECK(addBlock(pipeline, QStringLiteral("statistics"), all,
                         {{QStringLiteral("statistics"), list({"rms", "range", "skewness", "kurtosis"})}}));
    if (pipeline.windowRows >= kLeastSpectrumRows)
        EMBER_CHECK(addBlock(pipeline, QStringLiteral("spectrum"), all,
                             {{QStringLiteral("fft-size"), fftSizeFor(pipeline.windowRows, 512)},
                              {QStringLiteral("bands"), std::min(8, fftSizeFor(pipeline.windowRows, 512) / 2)},
                              {QStringLiteral("level"), QStringLiteral("log2")},
                              {QStringLiteral("peaks"), 2}}));
    return {};
}

/// The largest power of two of rows that is not longer than `seconds`, within what the audio block takes.
int framePoints(double rateHz, double seconds, int windowRows)
{
    int points = 64;
    while (points * 2 <= std::min(seconds * rateHz, windowRows * 1.0) && points < 1024)
        points *= 2;
    return points;
}

Status requireSound(const Pipeline& pipeline)
{
    if (pipeline.stream.rateHz >= kSoundHz)
        return {};
    return Error(ErrorKind::Usage,
                 QStringLiteral("Stream '%1' has %2 rows a second; presets of sound need %3.")
                     .arg(pipeline.stream.name)
                     .arg(pipeline.stream.rateHz)
                     .arg(kSoundHz),
                 QStringLiteral("The presets 'vibration' and 'generic' fit slower streams."));
}

/// Fixed point where the samples allow it: an eighth of the work on a board without FPU, half as much again on one
/// with.
QString soundArithmetic(const Pipeline& pipeline)
{
    return pipeline.stream.type == signal::SampleType::Int16 ? QStringLiteral("fixed") : QStringLiteral("float");
}

Status addKeyword(Pipeline& pipeline)
{
    EMBER_CHECK(requireSound(pipeline));
    const int points = framePoints(pipeline.stream.rateHz, 0.033, pipeline.windowRows);
    const int frames = std::max(1, (pipeline.windowRows - points) / (points / 2) + 1);
    return addBlock(pipeline, QStringLiteral("audio"), {0},
                    {{QStringLiteral("arithmetic"), soundArithmetic(pipeline)},
                     {QStringLiteral("fft-size"), points},
                     {QStringLiteral("hop"), points / 2},
                     {QStringLiteral("coefficients"), 10},
                     {QStringLiteral("slices"), std::min(8, frames)},
                     {QStringLiteral("floor"), -80}});
}

/// What a network sees of a sound: 32 levels about every 20 ms, time going down and pitch across.
Status addSpectrogram(Pipeline& pipeline)
{
    EMBER_CHECK(requireSound(pipeline));
    const int points = framePoints(pipeline.stream.rateHz, 0.033, pipeline.windowRows);
    return addBlock(pipeline, QStringLiteral("audio"), {0},
                    {{QStringLiteral("output"), QStringLiteral("log-mel")},
                     {QStringLiteral("arithmetic"), soundArithmetic(pipeline)},
                     {QStringLiteral("fft-size"), points},
                     {QStringLiteral("hop"), std::max(8, points * 5 / 8)},
                     {QStringLiteral("mels"), 32},
                     {QStringLiteral("floor"), -80}});
}

Status addAudioEvent(Pipeline& pipeline)
{
    EMBER_CHECK(requireSound(pipeline));
    const int points = framePoints(pipeline.stream.rateHz, 0.065, pipeline.windowRows);
    const int frames = std::max(1, (pipeline.windowRows - points) / (points / 2) + 1);
    return addBlock(pipeline, QStringLiteral("audio"), {0},
                    {{QStringLiteral("output"), QStringLiteral("log-mel")},
                     {QStringLiteral("arithmetic"), soundArithmetic(pipeline)},
                     {QStringLiteral("fft-size"), points},
                     {QStringLiteral("hop"), points / 2},
                     {QStringLiteral("mels"), 24},
                     {QStringLiteral("slices"), std::min(2, frames)},
                     {QStringLiteral("floor"), -80},
                     {QStringLiteral("summary"), list({"mean", "std", "max"})}});
}

/// For what machines and appliances draw: level, ripple, steps and, where the rate shows it, the spectrum.
Status addCurrent(Pipeline& pipeline)
{
    const std::vector<int> all = allChannels(pipeline.stream);
    EMBER_CHECK(addBlock(pipeline, QStringLiteral("statistics"), all,
                         {{QStringLiteral("statistics"),
                           list({"mean", "std", "rms", "min", "max", "range", "mean-difference", "trend"})}}));
    if (pipeline.windowRows >= kLeastSpectrumRows)
        EMBER_CHECK(addBlock(pipeline, QStringLiteral("spectrum"), all,
                             {{QStringLiteral("fft-size"), fftSizeFor(pipeline.windowRows, 256)},
                              {QStringLiteral("bands"), 4},
                              {QStringLiteral("peaks"), 1},
                              {QStringLiteral("shape"), list({"centroid", "entropy"})}}));
    return {};
}

/// The samples themselves, at about 50 Hz: bodies and machines that people hold move more slowly than half of that, and
/// a network grows with its input.
Status addRaw(Pipeline& pipeline)
{
    const int factor = std::clamp(static_cast<int>(pipeline.stream.rateHz / kRawHz), 1, kMaxRawFactor);
    return addBlock(pipeline, QStringLiteral("raw"), allChannels(pipeline.stream),
                    {{QStringLiteral("decimate"), std::min(factor, std::max(1, pipeline.windowRows / 2))}});
}

struct Preset
{
    const QString& name;
    const char* help;
    Status (*add)(Pipeline&);
};

const std::array<Preset, 8> kPresets = {{
    {kMotion,
     "Movements of people, animals and things: mean, deviation and trend of each axis, and the spectrum of "
     "the length of the vector, which does not depend on how a sensor is worn.",
     addMotion},
    {kVibration, "Machines: level, peakedness and the spectrum in eight bands of each axis, without gravity.",
     addVibration},
    {kKeyword,
     "Words: ten cepstral coefficients in eight slices of the window, in fixed point where samples are int16.",
     addKeyword},
    {kSpectrogram,
     "Words and other sounds, for convolutional and recurrent networks: levels of 32 mel bands about every 20 ms.",
     addSpectrogram},
    {kAudioEvent, "Sounds other than words: levels of 24 mel bands, with their spread and peak.", addAudioEvent},
    {kCurrent, "Current and power of appliances: level, ripple, steps and spectrum.", addCurrent},
    {kGeneric, "Any stream: statistics and spectrum of each channel.", addGeneric},
    {kRaw, "The samples themselves at about 50 Hz, for networks that find their own features.", addRaw},
}};

bool anyUnit(const signal::StreamSpec& stream, const QStringList& units)
{
    return std::any_of(stream.channels.begin(), stream.channels.end(), [&units](const signal::Channel& channel) {
        return units.contains(channel.unit, Qt::CaseInsensitive);
    });
}

QString unitsOf(const signal::StreamSpec& stream)
{
    QStringList units;
    for (const signal::Channel& channel : stream.channels) {
        if (!channel.unit.isEmpty() && !units.contains(channel.unit))
            units << channel.unit;
    }
    return units.join(QStringLiteral(" and "));
}

} // namespace

QStringList presetNames()
{
    QStringList names;
    for (const Preset& preset : kPresets)
        names << preset.name;
    return names;
}

QString presetHelp(const QString& name)
{
    for (const Preset& preset : kPresets) {
        if (preset.name == name)
            return QString::fromLatin1(preset.help);
    }
    return {};
}

PresetChoice choosePreset(const signal::StreamSpec& stream, double windowSeconds)
{
    static const QStringList acceleration = {QStringLiteral("m/s2"), QStringLiteral("m/s²"), QStringLiteral("m/s^2"),
                                             QStringLiteral("g"), QStringLiteral("mg")};
    static const QStringList turning = {QStringLiteral("rad/s"), QStringLiteral("deg/s"), QStringLiteral("°/s"),
                                        QStringLiteral("dps")};
    static const QStringList electric = {QStringLiteral("A"),  QStringLiteral("mA"), QStringLiteral("W"),
                                         QStringLiteral("kW"), QStringLiteral("VA"), QStringLiteral("var")};
    const QString rate = QStringLiteral("%1 Hz").arg(stream.rateHz);
    if (anyUnit(stream, acceleration) && stream.rateHz >= kVibrationHz)
        return {kVibration,
                QStringLiteral("Acceleration at %1 is sampled faster than bodies move: a machine.").arg(rate)};
    const bool moves = anyUnit(stream, acceleration + turning);
    if (moves && !axisTriples(stream).empty())
        return {
            kMotion,
            QStringLiteral("Channels named after x, y and z in %1 at %2: a motion sensor.").arg(unitsOf(stream), rate)};
    if (moves)
        return {kVibration,
                QStringLiteral("Acceleration or turning in %1 without three axes: a machine.").arg(unitsOf(stream))};
    if (anyUnit(stream, electric))
        return {kCurrent, QStringLiteral("Channels in %1: what an appliance draws.").arg(unitsOf(stream))};
    if (stream.rateHz >= kSoundHz && stream.channels.size() <= 2) {
        if (windowSeconds <= kWordSeconds)
            return {kKeyword,
                    QStringLiteral("Sound at %1 in windows of %2 s, as long as a word.").arg(rate).arg(windowSeconds)};
        return {kAudioEvent,
                QStringLiteral("Sound at %1 in windows of %2 s, longer than a word.").arg(rate).arg(windowSeconds)};
    }
    return {kGeneric, QStringLiteral("Neither units nor rate tell what is measured.")};
}

Result<Pipeline> presetPipeline(const QString& name, const signal::StreamSpec& stream, int windowRows, int hopRows)
{
    Pipeline pipeline{stream, windowRows, hopRows, {}, {}};
    const auto preset =
        std::find_if(kPresets.begin(), kPresets.end(), [&name](const Preset& each) { return each.name == name; });
    if (preset == kPresets.end())
        return Error(ErrorKind::NotFound, QStringLiteral("There is no feature preset '%1'.").arg(name),
                     QStringLiteral("The presets are %1.").arg(presetNames().join(QStringLiteral(", "))));
    EMBER_CHECK(preset->add(pipeline));
    EMBER_CHECK(validate(pipeline));
    return pipeline;
}

} // namespace ember::features
