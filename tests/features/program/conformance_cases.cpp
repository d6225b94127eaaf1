// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/block.h"
#include "core/features/presets.h"
#include "tests/features/program/plan_program.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QRandomGenerator>

#include <cmath>
#include <limits>

namespace ember::features::testing {
namespace {

constexpr int kRows = 75; // not a multiple of the block of a sum
constexpr int kChannels = 4;

signal::StreamSpec streamOf(signal::SampleType type, bool oneScale)
{
    signal::StreamSpec stream;
    stream.name = QStringLiteral("bits");
    stream.type = type;
    stream.rateHz = 104.0;
    // Names as hostile as a file can hold: they go into comments of the printed code.
    const QStringList names = {QStringLiteral("back\\"), QStringLiteral("*/ #error \n#error\r#error"),
                               QStringLiteral("\u00f6\u00f6/ \?\?/"), QStringLiteral("plain")};
    for (int c = 0; c < kChannels; ++c)
        stream.channels.push_back(
            {names[c], QString(), oneScale ? 0.0071 : 0.0033 / (c + 1), oneScale ? 0.0 : 0.1 * c});
    return stream;
}

/// Every kernel with every choice it has.
std::vector<BlockUse> allOfEveryBlock(const signal::StreamSpec& stream)
{
    const char* text = R"([
        {"block": "statistics", "channels": [0, 1, 2, 3], "parameters": {"statistics": ["mean", "std", "rms", "min", "max",
            "range", "skewness", "kurtosis", "mean-crossings", "energy", "mean-absolute", "mean-difference", "trend"]}},
        {"block": "spectrum", "channels": [0, 2, 3], "parameters": {"fft-size": 32, "peaks": 3}},
        {"block": "spectrum", "channels": [1], "parameters": {"fft-size": 64, "taper": "none", "bands": 5,
            "spacing": "linear", "level": "log2"}},
        {"block": "spectrum", "channels": [3, 1], "parameters": {"fft-size": 16, "signal": "length"}},
        {"block": "magnitude", "channels": [0, 1, 2]},
        {"block": "magnitude", "channels": [0, 1, 2], "parameters": {"norm": "absolute"}},
        {"block": "correlation", "channels": [0, 1, 3]},
        {"block": "quantiles", "channels": [1, 3], "parameters": {"quantiles": ["p5", "p10", "p25", "median", "p75", "p90",
            "p95", "iqr"]}},
        {"block": "histogram", "channels": [2], "parameters": {"low": -20, "high": 100, "bins": 6}},
        {"block": "autocorrelation", "channels": [0, 3], "parameters": {"lags": 40, "values": 4}},
        {"block": "tones", "channels": [1], "parameters": {"frequency": 12, "harmonics": 4}},
        {"block": "wavelet", "channels": [0]},
        {"block": "wavelet", "channels": [3], "parameters": {"wavelet": "db4", "levels": 3}},
        {"block": "tilt", "channels": [3, 0, 1]},
        {"block": "raw", "channels": [2, 0]},
        {"block": "raw", "channels": [1], "parameters": {"decimate": 7, "scaling": "centre"}},
        {"block": "raw", "channels": [0, 1, 3], "parameters": {"decimate": 2, "scaling": "standard"}},
        {"block": "audio", "channels": [0], "parameters": {"fft-size": 64, "hop": 8, "mels": 6, "low": 5,
            "coefficients": 5}},
        {"block": "audio", "channels": [1], "parameters": {"output": "pcen", "noise": "subtract", "fft-size": 32,
            "hop": 8, "mels": 6, "low": 5, "slices": 2, "summary": ["mean", "std", "max"]}}])";
    std::vector<BlockUse> blocks = blocksFromJson(QJsonDocument::fromJson(text).array(), stream).value();
    if (stream.type == signal::SampleType::Int8 || stream.type == signal::SampleType::Int16) {
        const char* fixed = R"([
            {"block": "audio", "channels": [0], "parameters": {"arithmetic": "fixed", "fft-size": 64, "hop": 8, "mels": 6,
                "low": 5, "coefficients": 5}},
            {"block": "audio", "channels": [0], "parameters": {"arithmetic": "fixed", "output": "log-mel", "fft-size": 32,
                "hop": 8, "mels": 6, "low": 5, "slices": 2, "summary": ["max"]}}])";
        for (BlockUse& use : blocksFromJson(QJsonDocument::fromJson(fixed).array(), stream).value())
            blocks.push_back(std::move(use));
    }
    return blocks;
}

/// Every stage with every kind it has, and blocks that read what they leave.
Pipeline allStagesOver(const signal::StreamSpec& stream)
{
    const char* text = R"([
        {"stage": "median", "channels": [0]},
        {"stage": "filter", "channels": [0, 1], "parameters": {"kind": "band-pass", "cut-off": 4, "upper": 17, "order": 5}},
        {"stage": "gravity", "channels": [2, 3]},
        {"stage": "filter", "channels": [3], "parameters": {"kind": "notch", "cut-off": 20}},
        {"stage": "filter", "channels": [2], "parameters": {"kind": "low-pass", "cut-off": 30}},
        {"stage": "fir", "channels": [1], "parameters": {"taps": 11, "kind": "high-pass"}},
        {"stage": "decimate", "parameters": {"factor": 2}},
        {"stage": "remove-mean", "channels": [0, 5]},
        {"block": "statistics", "channels": [0, 1, 2, 3, 4, 5]},
        {"block": "magnitude", "channels": [0, 5]},
        {"block": "correlation", "channels": [1, 4, 5]},
        {"block": "tilt", "channels": [4, 5, 0]},
        {"block": "spectrum", "channels": [3], "parameters": {"fft-size": 16}},
        {"block": "audio", "channels": [5], "parameters": {"fft-size": 32, "mels": 4, "low": 1, "coefficients": 3}}])";
    return pipelineFromText(text, stream, kRows, kRows).value();
}

template <typename Sample, typename Value>
QByteArray windowOf(Value value)
{
    QByteArray bytes;
    for (int row = 0; row < kRows; ++row) {
        for (int channel = 0; channel < kChannels; ++channel) {
            const Sample sample = value(row, channel);
            bytes.append(reinterpret_cast<const char*>(&sample), sizeof sample);
        }
    }
    return bytes;
}

template <typename Sample>
std::vector<QByteArray> integerWindows(QRandomGenerator& random)
{
    using Limits = std::numeric_limits<Sample>;
    std::vector<QByteArray> windows;
    windows.push_back(windowOf<Sample>([](int, int) { return Sample(0); }));
    windows.push_back(windowOf<Sample>([](int, int channel) { return static_cast<Sample>(channel - 100); }));
    windows.push_back(windowOf<Sample>([](int row, int) { return row % 14 < 7 ? Limits::max() : Limits::min(); }));
    windows.push_back(windowOf<Sample>([](int row, int channel) { return Sample(row == 40 && channel == 1 ? 1 : 0); }));
    for (int i = 0; i < 6; ++i) {
        windows.push_back(windowOf<Sample>([&random](int row, int channel) {
            const double wave = std::sin(0.3 * (channel + 1) * row) * 0.4 + random.generateDouble() * 0.2;
            return static_cast<Sample>(wave * static_cast<double>(Limits::max()));
        }));
    }
    return windows;
}

std::vector<QByteArray> floatWindows(QRandomGenerator& random)
{
    const float infinity = std::numeric_limits<float>::infinity();
    std::vector<QByteArray> windows;
    // Ordinary, huge (squares overflow), tiny (squares vanish), subnormal.
    for (float size : {1.0f, 9.81f, 3e20f, 1e-25f, 1e-40f}) {
        for (int i = 0; i < 3; ++i) {
            windows.push_back(windowOf<float>([&random, size](int row, int channel) {
                const double wave = std::sin(0.2 * (channel + 1) * row) + random.generateDouble();
                return static_cast<float>(wave * static_cast<double>(size));
            }));
        }
    }
    for (float broken : {std::numeric_limits<float>::quiet_NaN(), infinity, -infinity}) {
        windows.push_back(windowOf<float>([&random, broken](int row, int channel) {
            return row == 33 && channel == 2 ? broken : static_cast<float>(random.generateDouble());
        }));
    }
    windows.push_back(windowOf<float>([](int, int) { return -0.0f; }));
    windows.push_back(windowOf<float>([](int, int) { return 0.1f; }));
    windows.push_back(windowOf<float>([](int row, int) { return row % 2 == 0 ? 0.0f : -0.0f; }));
    return windows;
}

PlanCase integerCase(signal::SampleType type, std::vector<QByteArray> windows)
{
    const signal::StreamSpec stream = streamOf(type, type == signal::SampleType::Int8);
    return {signal::sampleTypeName(type), Pipeline{stream, kRows, kRows, allOfEveryBlock(stream)}, std::move(windows)};
}

PlanCase stagedCase(const signal::StreamSpec& stream, std::vector<QByteArray> windows)
{
    return {QStringLiteral("stages over ") + signal::sampleTypeName(stream.type), allStagesOver(stream),
            std::move(windows)};
}

/// The motion preset over a real recording, as int16 with the scales a sensor would have.
PlanCase recordedCase(const QString& dataFolder)
{
    signal::StreamSpec stream;
    stream.name = QStringLiteral("imu");
    stream.type = signal::SampleType::Int16;
    stream.rateHz = 100.0;
    for (const char* name : {"ax", "ay", "az", "gx", "gy", "gz"})
        stream.channels.push_back({QString::fromLatin1(name), QString(), name[0] == 'a' ? 0.002394 : 0.00053, 0.0});

    QByteArray rows;
    QFile file(dataFolder + QStringLiteral("/features/phone_s03.csv"));
    if (file.open(QFile::ReadOnly))
        file.readLine();
    while (!file.atEnd()) {
        const QByteArrayList cells = file.readLine().trimmed().split(',');
        for (std::size_t c = 0; c < 6; ++c) {
            const auto sample = static_cast<qint16>(
                std::lround(cells.value(static_cast<qsizetype>(c)).toDouble() / stream.channels[c].scale));
            rows.append(reinterpret_cast<const char*>(&sample), sizeof sample);
        }
    }
    PlanCase planCase{
        QStringLiteral("recorded"), presetPipeline(QStringLiteral("motion"), stream, 200, 50).value(), {}};
    for (qsizetype at = 0; at + 200 * 12 <= rows.size(); at += 50 * 12)
        planCase.windows.push_back(rows.mid(at, 200 * 12));
    return planCase;
}

/// The same with principal components of its own windows.
PlanCase projectedCase(PlanCase planCase)
{
    std::vector<float> features;
    for (const QByteArray& window : planCase.windows) {
        const std::vector<float> row = extract(planCase.pipeline, window).value();
        features.insert(features.end(), row.begin(), row.end());
    }
    const auto columns = static_cast<int>(featureNames(planCase.pipeline).size());
    planCase.name = QStringLiteral("projected");
    planCase.pipeline.projection = fitProjection(features, columns, Scaler::Robust, 5).value();
    return planCase;
}

} // namespace

std::vector<PlanCase> conformanceCases(const QString& dataFolder)
{
    QRandomGenerator random(20);
    std::vector<PlanCase> cases;
    cases.push_back(integerCase(signal::SampleType::Int8, integerWindows<qint8>(random)));
    cases.push_back(integerCase(signal::SampleType::Int16, integerWindows<qint16>(random)));
    cases.push_back(integerCase(signal::SampleType::Int32, integerWindows<qint32>(random)));
    cases.push_back(stagedCase(streamOf(signal::SampleType::Int16, false), integerWindows<qint16>(random)));
    signal::StreamSpec floats = streamOf(signal::SampleType::Float32, true);
    for (signal::Channel& channel : floats.channels)
        channel.scale = 1.0;
    cases.push_back(
        {QStringLiteral("float32"), Pipeline{floats, kRows, kRows, allOfEveryBlock(floats)}, floatWindows(random)});
    cases.push_back(stagedCase(floats, floatWindows(random)));
    cases.push_back(projectedCase(recordedCase(dataFolder)));
    cases.push_back(recordedCase(dataFolder));
    return cases;
}

} // namespace ember::features::testing
