// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What tests of whole pipelines share: a stream of three channels, rows for it, and figures by definition.

#include "core/features/extractor.h"
#include "core/features/pipeline.h"

#include <QRandomGenerator>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace ember::features::testing {

inline constexpr double kPi = std::numbers::pi;
using Reals = std::vector<double>;

inline signal::StreamSpec imu(double rate = 100)
{
    signal::StreamSpec stream;
    stream.name = QStringLiteral("imu");
    stream.type = signal::SampleType::Float32;
    stream.rateHz = rate;
    for (const char* name : {"ax", "ay", "az"})
        stream.channels.push_back({QString::fromLatin1(name), QStringLiteral("m/s2"), 1.0, 0.0});
    return stream;
}

/// Rows of three channels: waves, noise, and an offset as large as gravity.
inline std::vector<float> someRows(int rows, quint32 seed)
{
    QRandomGenerator random(seed);
    std::vector<float> x;
    for (int i = 0; i < rows; ++i) {
        for (int c = 0; c < 3; ++c)
            x.push_back(static_cast<float>((c == 2 ? 9.81 : 0.3 * c - 0.4) + 2.0 * std::sin(0.21 * i + c) +
                                           0.5 * std::cos(1.7 * i) + random.generateDouble() - 0.5));
    }
    return x;
}

inline Reals channelOf(const std::vector<float>& rows, std::size_t channel)
{
    Reals x;
    for (std::size_t i = channel; i < rows.size(); i += 3)
        x.push_back(static_cast<double>(rows[i]));
    return x;
}

inline QByteArray bytesOf(const std::vector<float>& rows)
{
    return QByteArray(reinterpret_cast<const char*>(rows.data()), static_cast<qsizetype>(rows.size() * sizeof(float)));
}

inline Pipeline pipelineOf(const QByteArray& text, int rows, double rate = 100)
{
    auto pipeline = pipelineFromText(text, imu(rate), rows, rows);
    if (!pipeline)
        qWarning("%s", qPrintable(pipeline.error().toString()));
    return pipeline ? *pipeline : Pipeline();
}

inline std::vector<float> featuresOf(const QByteArray& text, const std::vector<float>& rows, double rate = 100)
{
    const auto features = extract(pipelineOf(text, static_cast<int>(rows.size() / 3), rate), bytesOf(rows));
    if (!features)
        qWarning("%s", qPrintable(features.error().toString()));
    return features ? *features : std::vector<float>();
}

/// Mean, least, most, mean square, mean magnitude and mean step: what kFigures asks for.
inline Reals energiesOf(const Reals& x)
{
    double square = 0;
    double absolute = 0;
    double difference = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        square += x[i] * x[i];
        absolute += std::abs(x[i]);
        difference += i > 0 ? std::abs(x[i] - x[i - 1]) : 0;
    }
    const auto n = static_cast<double>(x.size());
    double mean = 0;
    for (double value : x)
        mean += value / n;
    return {mean,
            *std::min_element(x.begin(), x.end()),
            *std::max_element(x.begin(), x.end()),
            square / n,
            absolute / n,
            difference / (n - 1)};
}

inline const QByteArray kFigures =
    R"("parameters": {"statistics": ["mean", "min", "max", "energy", "mean-absolute", "mean-difference"]}})";

inline bool near(float got, double expected, double tolerance)
{
    return std::abs(static_cast<double>(got) - expected) <= tolerance;
}

} // namespace ember::features::testing
