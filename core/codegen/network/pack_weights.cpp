// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/network/pack_weights.h"

namespace ember::codegen {
namespace {

std::size_t at(qint64 index)
{
    return static_cast<std::size_t>(index);
}

/// Sums that differ by a multiple of 2^32 are the same in the kernels.
void addToBias(LayerTables& tables, qint64 channel, qint64 offset)
{
    qint32& bias = tables.bias[at(channel)];
    bias = static_cast<qint32>(static_cast<quint32>(bias) + static_cast<quint32>(static_cast<quint64>(offset)));
}

} // namespace

void packConvolution(std::span<const qint8> weights, const WindowGeometry& window, LayerTables& tables)
{
    const qint64 rowLanes = qint64{window.kernelWidth} * window.inChannels;
    const qint64 groups = window.groups();
    const qint64 pairs = (window.outChannels + 1) / 2;
    tables.weights = QByteArray(static_cast<qsizetype>(pairs * groups * 8), char(-128)); // a weight of 0
    std::size_t next = 0;
    for (qint64 channel = 0; channel < window.outChannels; ++channel) {
        qint64 sum = 0;
        for (qint64 row = 0; row < window.kernelHeight; ++row) {
            for (qint64 lane = 0; lane < rowLanes; ++lane) {
                const qint8 weight = weights[next++];
                sum += weight;
                const qint64 group = channel / 2 * groups + row * window.rowGroups() + lane / 4;
                tables.weights[group * 8 + channel % 2 * 4 + lane % 4] = static_cast<char>(weight ^ -128);
            }
        }
        addToBias(tables, channel, -(128 + qint64{tables.inputZero}) * sum);
    }
}

void packDepthwise(std::span<const qint8> weights, const WindowGeometry& window, LayerTables& tables)
{
    const qint64 taps = qint64{window.kernelHeight} * window.kernelWidth;
    const qint64 channels = window.outChannels;
    tables.weights = QByteArray(static_cast<qsizetype>((channels + 3) / 4 * taps * 4), '\0');
    for (qint64 channel = 0; channel < channels; ++channel) {
        qint64 sum = 0;
        for (qint64 tap = 0; tap < taps; ++tap) {
            const qint8 weight = weights[at(tap * channels + channel)];
            sum += weight;
            tables.weights[(channel / 4 * taps + tap) * 4 + channel % 4] = static_cast<char>(weight);
        }
        addToBias(tables, channel, -(128 + qint64{tables.inputZero}) * sum);
    }
}

void packDense(std::span<const qint8> weights, int in, LayerTables& tables)
{
    tables.weights = QByteArray(reinterpret_cast<const char*>(weights.data()), static_cast<qsizetype>(weights.size()));
    for (qint64 channel = 0; channel < static_cast<qint64>(tables.bias.size()); ++channel) {
        qint64 sum = 0;
        for (qint64 i = 0; i < in; ++i)
            sum += weights[at(channel * in + i)];
        addToBias(tables, channel, -qint64{tables.inputZero} * sum);
    }
}

} // namespace ember::codegen
