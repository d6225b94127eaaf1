// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/neural/rounding.h"

#include <algorithm>
#include <cmath>

namespace ember::neural {
namespace {

constexpr float kLowest = -128, kHighest = 127;

void addRounding(Network& network)
{
    network.push_back(std::make_unique<RoundingLayer>(network.back()->out()));
}

} // namespace

void RoundingLayer::setRange(float low, float high)
{
    low = std::min(low, 0.0f);
    high = std::max(high, 0.0f);
    m_scale = (high - low) / (kHighest - kLowest);
    m_zero = m_scale > 0 ? std::round(kLowest - low / m_scale) : 0.0f;
}

void RoundingLayer::forward(std::span<const float> x, std::span<float> y) const
{
    if (!isOn()) {
        std::copy(x.begin(), x.end(), y.begin());
        return;
    }
    for (std::size_t i = 0; i < x.size(); ++i)
        y[i] = (std::clamp(std::round(x[i] / m_scale) + m_zero, kLowest, kHighest) - m_zero) * m_scale;
}

void RoundingLayer::backward(std::span<const float> x, std::span<const float> dy, std::span<float> dx)
{
    // Half a step beyond an end still rounds to it.
    const float low = (kLowest - m_zero - 0.5f) * m_scale, high = (kHighest - m_zero + 0.5f) * m_scale;
    for (std::size_t i = 0; i < dx.size(); ++i)
        dx[i] = !isOn() || (x[i] >= low && x[i] <= high) ? dy[i] : 0.0f;
}

Network withRounding(Network network)
{
    Network result;
    result.push_back(std::make_unique<RoundingLayer>(network.front()->in()));
    for (std::size_t i = 0; i < network.size(); ++i) {
        result.push_back(std::move(network[i]));
        const bool rectifiedNext = i + 1 < network.size() && dynamic_cast<const ReluLayer*>(network[i + 1].get());
        if (!rectifiedNext)
            addRounding(result);
    }
    return result;
}

std::vector<float> roundedWeights(const Layer& layer)
{
    std::vector<float> rounded = layer.weights;
    const std::size_t outputs = layer.bias.size();
    const std::size_t each = outputs == 0 ? 0 : rounded.size() / outputs;
    for (std::size_t o = 0; o < outputs; ++o) {
        const auto begin = rounded.begin() + static_cast<std::ptrdiff_t>(o * each);
        const auto end = begin + static_cast<std::ptrdiff_t>(each);
        float largest = 0;
        for (auto w = begin; w != end; ++w)
            largest = std::max(largest, std::abs(*w));
        const float scale = largest / 127;
        for (auto w = begin; scale > 0 && w != end; ++w)
            *w = std::round(*w / scale) * scale;
    }
    return rounded;
}

} // namespace ember::neural
