// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/network/layer_tables.h"

#include "core/model/fixed_point.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ember::codegen {
namespace {

// scale.hpp adds half a step to sums and shifts some of them to the left.
constexpr qint64 kMaxSum = qint64{1} << 29;

Status checkLayer(const NodeValues& values, qint64 channels)
{
    if (!values.constants[1] || (values.has(2) && !values.constants[2]))
        return noKernel(QStringLiteral("a layer whose weights are computed"));
    const model::Constant& weights = *values.constants[1];
    if (weights.value.type() != model::TensorType::Int8 || !weights.quantisation)
        return noKernel(QStringLiteral("a layer with weights of %1").arg(model::tensorTypeName(weights.value.type())));
    for (const qint32 zero : weights.quantisation->zeroPoints) {
        if (zero != 0)
            return noKernel(QStringLiteral("weights with the zero point %1").arg(zero));
    }
    if (values.in(0).quantisation->perChannel() || values.output->quantisation->perChannel())
        return noKernel(QStringLiteral("values with a scale for each channel"));
    const auto scales = static_cast<qint64>(weights.quantisation->scales.size());
    if (scales != 1 && scales != channels)
        return noKernel(QStringLiteral("%1 scales for %2 channels").arg(scales).arg(channels));
    if (values.has(2) && values.constants[2]->value.size() != channels)
        return noKernel(
            QStringLiteral("a bias of %1 for %2 channels").arg(values.constants[2]->value.size()).arg(channels));
    return {};
}

} // namespace

ChannelScale channelScale(double real)
{
    const model::Multiplier multiplier = model::makeMultiplier(real);
    return {multiplier.value, -multiplier.shift};
}

Result<StoredRange> storedRange(model::Activation activation, const model::Quantisation& quantisation)
{
    StoredRange range{quantisation.zeroPoint(), -128, 127};
    const auto stored = [&quantisation](float real) {
        const double value = quantisation.zeroPoint() + std::round(static_cast<double>(real / quantisation.scale()));
        return static_cast<qint32>(std::clamp(value, -2147483648.0, 2147483647.0));
    };
    switch (activation) {
    case model::Activation::None:
        return range;
    case model::Activation::Relu:
        range.least = std::max(range.least, stored(0.0f));
        break;
    case model::Activation::Relu6:
        range.least = std::max(range.least, stored(0.0f));
        range.most = std::min(range.most, stored(6.0f));
        break;
    case model::Activation::ReluMinus1To1:
        range.least = std::max(range.least, stored(-1.0f));
        range.most = std::min(range.most, stored(1.0f));
        break;
    case model::Activation::Tanh:
        return noKernel(QStringLiteral("a hyperbolic tangent within a layer"));
    }
    if (range.least > range.most)
        return noKernel(QStringLiteral("a result whose limits exclude each other"));
    return range;
}

Result<LayerTables> layerTables(const NodeValues& values, qint64 channels, model::Activation activation,
                                ScaleProduct product)
{
    EMBER_CHECK(checkLayer(values, channels));
    const model::Quantisation& weights = *values.constants[1]->quantisation;
    const model::Quantisation& output = *values.output->quantisation;
    LayerTables tables;
    EMBER_TRY(tables.range, storedRange(activation, output));
    tables.inputZero = values.in(0).quantisation->zeroPoint();
    const float in = values.in(0).quantisation->scale();
    for (qint64 channel = 0; channel < channels; ++channel) {
        const float scale = weights.perChannel() ? weights.scales[static_cast<std::size_t>(channel)] : weights.scale();
        const double numerator = product == ScaleProduct::Single && !weights.perChannel()
                                     ? static_cast<double>(in * scale)
                                     : static_cast<double>(in) * static_cast<double>(scale);
        tables.scales.push_back(channelScale(numerator / static_cast<double>(output.scale())));
    }
    tables.bias.assign(static_cast<std::size_t>(channels), 0);
    if (values.has(2)) {
        const std::vector<qint64> bias = values.constants[2]->value.toInt64();
        for (std::size_t i = 0; i < bias.size(); ++i) {
            if (std::abs(bias[i]) > std::numeric_limits<qint32>::max())
                return noKernel(QStringLiteral("a bias of %1").arg(bias[i]));
            tables.bias[i] = static_cast<qint32>(bias[i]);
        }
    }
    return tables;
}

void foldConstants(std::vector<qint8>& weights, LayerTables& tables, bool columns)
{
    const std::size_t channels = tables.bias.size();
    const std::size_t each = weights.size() / channels;
    const auto place = [&](std::size_t channel, std::size_t i) {
        return columns ? i * channels + channel : channel * each + i;
    };
    for (std::size_t channel = 0; channel < channels; ++channel) {
        const ChannelScale& scale = tables.scales[channel];
        const auto stored = [&](qint64 sum) {
            const qint64 scaled = model::scaleBy(static_cast<qint32>(sum), {scale.multiplier, -scale.right},
                                                 model::RequantiseRounding::Double);
            return std::clamp<qint64>(scaled + tables.range.zero, tables.range.least, tables.range.most);
        };
        qint64 reach = 0;
        for (std::size_t i = 0; i < each; ++i)
            reach += std::abs(int{weights[place(channel, i)]}) * 255;
        const qint64 least = tables.bias[channel] - reach;
        const qint64 most = tables.bias[channel] + reach;
        // Scaling is monotonic: what both ends of the sums give, all of them give.
        if (least <= std::numeric_limits<qint32>::min() || most > std::numeric_limits<qint32>::max() ||
            stored(least) != stored(most))
            continue;
        // An eighth of eight times the difference, without a remainder.
        tables.bias[channel] = static_cast<qint32>(stored(least) - tables.range.zero) * 8;
        tables.scales[channel] = {1 << 30, 2};
        for (std::size_t i = 0; i < each; ++i)
            weights[place(channel, i)] = 0;
    }
}

Status checkSums(std::span<const qint8> weights, const LayerTables& tables, bool columns)
{
    const std::size_t channels = tables.bias.size();
    const std::size_t each = weights.size() / channels;
    for (std::size_t channel = 0; channel < channels; ++channel) {
        qint64 sum = std::abs(qint64{tables.bias[channel]});
        for (std::size_t i = 0; i < each; ++i)
            sum += std::abs(int{weights[columns ? i * channels + channel : channel * each + i]}) * 255;
        const int left = std::max(-tables.scales[channel].right, 0);
        if (left > 30 || sum > (kMaxSum >> left))
            return noKernel(QStringLiteral("a layer whose sums reach %1").arg(sum));
    }
    return {};
}

LayerScale LayerTables::scale() const
{
    int least = 31;
    for (const ChannelScale& scale : scales)
        least = std::min(least, scale.right);
    if (range.least != range.zero || least < 2)
        return least >= 1 ? LayerScale::Down : LayerScale::Any;
    return range.zero == -128 && range.most == 127 ? LayerScale::Byte : LayerScale::Relu;
}

} // namespace ember::codegen
