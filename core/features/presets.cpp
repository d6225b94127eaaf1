// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/block_parts.h"
#include "core/features/pipeline.h"

#include <algorithm>

namespace ember::features {
namespace {

const QString kMotion = QStringLiteral("motion");
const QString kGeneric = QStringLiteral("generic");
const QString kRaw = QStringLiteral("raw");
constexpr double kRawHz = 50;
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

/// The samples themselves, at about 50 Hz: bodies and machines that people hold move more slowly than half of that, and
/// a network grows with its input.
Status addRaw(Pipeline& pipeline)
{
    const int factor = std::clamp(static_cast<int>(pipeline.stream.rateHz / kRawHz), 1, kMaxRawFactor);
    return addBlock(pipeline, QStringLiteral("raw"), allChannels(pipeline.stream),
                    {{QStringLiteral("decimate"), std::min(factor, std::max(1, pipeline.windowRows / 2))}});
}

} // namespace

QStringList presetNames()
{
    return {kMotion, kGeneric, kRaw};
}

Result<Pipeline> presetPipeline(const QString& name, const signal::StreamSpec& stream, int windowRows, int hopRows)
{
    Pipeline pipeline{stream, windowRows, hopRows, {}};
    if (name == kMotion)
        EMBER_CHECK(addMotion(pipeline));
    else if (name == kGeneric)
        EMBER_CHECK(addGeneric(pipeline));
    else if (name == kRaw)
        EMBER_CHECK(addRaw(pipeline));
    else
        return Error(ErrorKind::NotFound, QStringLiteral("There is no feature preset '%1'.").arg(name),
                     QStringLiteral("The presets are %1.").arg(presetNames().join(QStringLiteral(", "))));
    EMBER_CHECK(validate(pipeline));
    return pipeline;
}

} // namespace ember::features
