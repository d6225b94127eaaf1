// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/quantise_weights.h"

#include "core/model/ops/op.h"

#include <algorithm>
#include <cmath>

namespace ember::model::detail {
namespace {

constexpr double kLargestBias = 1 << 30; // leaves room for the sum of products

// A channel's scale: its largest weight is 127. A bias that would not fit needs larger steps: weights then round by at
// most |bias| / (2^31 inputScale) each, so a sum of n inputs of 255 steps by n |bias| / 8e6. That is less than half of
// one of 255 steps of a result as large as the bias, for up to 16 000 inputs: nothing is lost that the result could
// hold.
float channelScale(float largest, float bias, float inputScale)
{
    double scale = static_cast<double>(largest) / 127;
    scale = std::max(scale, std::abs(static_cast<double>(bias)) / static_cast<double>(inputScale) / kLargestBias);
    return scale > 0 ? static_cast<float>(scale) : 1.0f;
}

} // namespace

Result<QuantisedWeights> quantiseWeights(const Tensor& weights, const Tensor* bias, float inputScale, std::size_t axis,
                                         bool wideBias)
{
    const Shape& shape = weights.shape();
    axis = std::min(axis, shape.size() - 1);
    const auto channels = static_cast<std::size_t>(shape[axis]);
    const auto run = static_cast<std::size_t>(ops::product(shape, axis + 1, shape.size()));
    const auto w = weights.as<float>();
    std::vector<float> largest(channels, 0.0f);
    for (std::size_t i = 0; i < w.size(); ++i) {
        if (!std::isfinite(w[i]))
            return ops::bad(QStringLiteral("a weight is not a finite number"));
        float& most = largest[i / run % channels];
        most = std::max(most, std::abs(w[i]));
    }
    Quantisation q{{}, std::vector<qint32>(channels, 0), static_cast<qint32>(axis)};
    for (std::size_t c = 0; c < channels; ++c)
        q.scales.push_back(channelScale(largest[c], bias ? bias->as<float>()[c] : 0.0f, inputScale));
    std::vector<qint8> stored(w.size());
    for (std::size_t i = 0; i < w.size(); ++i)
        stored[i] = static_cast<qint8>(std::clamp(
            std::round(static_cast<double>(w[i]) / static_cast<double>(q.scales[i / run % channels])), -127.0, 127.0));
    QuantisedWeights result;
    result.weights = {Tensor::of(stored, shape), q};
    if (!bias && !wideBias)
        return result;
    std::vector<qint64> sums(channels, 0);
    q.axis = 0;
    for (std::size_t c = 0; c < channels; ++c) {
        q.scales[c] *= inputScale;
        const float real = bias ? bias->as<float>()[c] : 0.0f;
        if (!std::isfinite(real) || !(q.scales[c] > 0))
            return ops::bad(QStringLiteral("a bias is not a finite number, or its steps are too small"));
        sums[c] = static_cast<qint64>(std::round(static_cast<double>(real) / static_cast<double>(q.scales[c])));
    }
    EMBER_TRY(Tensor values,
              Tensor::zeros(wideBias ? TensorType::Int64 : TensorType::Int32, {static_cast<qint64>(channels)}));
    values.assign(std::span<const qint64>(sums));
    result.bias = {std::move(values), q};
    return result;
}

Constant quantisedConstant(const Tensor& values, const Quantisation& quantisation, TensorType type)
{
    const double least = type == TensorType::Int16 ? -32'768.0 : -128.0;
    std::vector<qint64> stored;
    for (const float value : values.as<float>()) {
        const double q = std::round(static_cast<double>(value) / static_cast<double>(quantisation.scale())) +
                         quantisation.zeroPoint();
        stored.push_back(static_cast<qint64>(std::clamp(q, least, -least - 1)));
    }
    Tensor tensor = Tensor::zeros(type, values.shape()).value();
    tensor.assign(std::span<const qint64>(stored));
    return {std::move(tensor), quantisation};
}

} // namespace ember::model::detail
