// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/neural/layers.h"

namespace ember::neural {

/// A layer with a state: reads a series step by step, each as `channels` numbers together, and gives the state behind
/// the last. Weights are those of the input [gates * units, channels], then those of the state [gates * units, units],
/// gates in the order of ONNX. The state begins at zero. Gradients go back through all steps.
class RecurrentLayer : public Layer
{
public:
    qint64 steps() const { return in().width; }
    qint64 channels() const { return in().channels; }
    qint64 units() const { return out().channels; }
    virtual qint64 gates() const = 0;

    std::span<const float> inputWeights() const;
    std::span<const float> stateWeights() const;

    void forward(std::span<const float> x, std::span<float> y) const final;

protected:
    RecurrentLayer(Volume in, qint64 units, qint64 gates, qint64 biases, Random& random);

    std::size_t unitCount() const { return static_cast<std::size_t>(units()); }
    /// y += W x, and with the weights of the state.
    void addFromInput(std::span<const float> x, std::span<float> y) const;
    void addFromState(std::span<const float> h, std::span<float> y) const;
    /// Adds to the gradients of the weights, and to that of what they were multiplied with.
    void learnInput(std::span<const float> x, std::span<const float> dy, std::span<float> dx);
    void learnState(std::span<const float> h, std::span<const float> dy, std::span<float> dh);

    /// What every step came to; the state before the first is zero.
    struct Trace
    {
        std::vector<std::vector<float>> gates;   ///< [step][gate * units], behind their functions
        std::vector<std::vector<float>> states;  ///< [step][unit]
        std::vector<std::vector<float>> details; ///< [step][unit]: what only one kind of cell has
    };
    virtual Trace run(std::span<const float> x) const = 0;
};

/// Gated recurrent unit (Cho et al. 2014) with the reset behind the product, as most libraries compute it:
///     z = s(Wz x + Rz h + b), r = s(Wr x + Rr h + b), n = tanh(Wn x + b + r (Rn h + b')), h' = (1 - z) n + z h
class GruLayer final : public RecurrentLayer
{
public:
    GruLayer(Volume in, qint64 units, Random& random);
    qint64 gates() const override { return 3; }
    void backward(std::span<const float> x, std::span<const float> dy, std::span<float> dx) override;

private:
    Trace run(std::span<const float> x) const override;
};

/// Long short-term memory (Hochreiter and Schmidhuber 1997, with forget gates), without peepholes:
///     i, o, f = s(W x + R h + b), g = tanh(...), c' = f c + i g, h' = o tanh(c')
class LstmLayer final : public RecurrentLayer
{
public:
    LstmLayer(Volume in, qint64 units, Random& random);
    qint64 gates() const override { return 4; }
    void backward(std::span<const float> x, std::span<const float> dy, std::span<float> dx) override;

private:
    Trace run(std::span<const float> x) const override;
};

} // namespace ember::neural
