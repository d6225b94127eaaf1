// SPDX-License-Identifier: GPL-3.0-or-later
// Training that knows of the integers to come: forward, weights and values lie on the steps that 8 bits will have;
// backward, rounding counts as the identity (Jacob et al., "Quantization and Training of Neural Networks for Efficient
// Integer-Arithmetic-Only Inference", 2018; the straight-through estimator of Bengio et al., 2013).
#pragma once

#include "plugins/neural/layers.h"

namespace ember::neural {

/// Values on the 256 steps of a range; the identity until it has one.
class RoundingLayer final : public Layer
{
public:
    explicit RoundingLayer(Volume volume)
        : Layer(volume, volume)
    {}

    /// Asymmetric, with zero on a step, as the quantiser chooses scale and zero point from such a range.
    void setRange(float low, float high);
    bool isOn() const { return m_scale > 0; }

    void forward(std::span<const float> x, std::span<float> y) const override;
    /// What was cut off at an end of the range has no slope.
    void backward(std::span<const float> x, std::span<const float> dy, std::span<float> dx) override;

private:
    float m_scale = 0;
    float m_zero = 0; ///< step that stands for zero, -128 .. 127
};

/// A rounding layer at the input and behind every layer whose result the quantiser stores: rectified where a rectifier
/// follows.
Network withRounding(Network network);

/// The weights of each output on 255 steps that are symmetric around zero, as model::quantise() stores them.
std::vector<float> roundedWeights(const Layer& layer);

} // namespace ember::neural
