// SPDX-License-Identifier: GPL-3.0-or-later
// Layers of small networks with their gradients, one row at a time, in double precision sums of float32 weights.
#pragma once

#include "plugins/common/random.h"

#include <QtGlobal>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace ember::neural {

using common::Random;

/// Channels, height and width of an image; a series is an image of height 1, a vector one of 1 x 1 cells.
struct Volume
{
    qint64 channels = 1;
    qint64 height = 1;
    qint64 width = 1;

    std::size_t size() const { return static_cast<std::size_t>(channels * height * width); }
    bool operator==(const Volume&) const = default;
};

/// A function with weights. Gradients add up until the caller clears them.
class Layer
{
public:
    explicit Layer(Volume in, Volume out)
        : m_in(in)
        , m_out(out)
    {}
    virtual ~Layer() = default;

    const Volume& in() const { return m_in; }
    const Volume& out() const { return m_out; }

    virtual void forward(std::span<const float> x, std::span<float> y) const = 0;
    /// From the gradient of the result to that of x, which is overwritten; adds to the gradients of the weights. Nobody
    /// wants that of x where `dx` is empty. After a forward() with the same x: a layer may have kept something of it.
    virtual void backward(std::span<const float> x, std::span<const float> dy, std::span<float> dx) = 0;

    std::vector<float> weights;
    std::vector<float> bias;
    std::vector<float> weightGradients;
    std::vector<float> biasGradients;

protected:
    /// He's initialisation: uniform with variance 2 / `fanIn`.
    void initialise(std::size_t weightCount, std::size_t biasCount, qint64 fanIn, Random& random);

private:
    Volume m_in, m_out;
};

/// y = W x + b with weights [out, in].
class DenseLayer final : public Layer
{
public:
    DenseLayer(Volume in, qint64 outputs, Random& random);
    void forward(std::span<const float> x, std::span<float> y) const override;
    void backward(std::span<const float> x, std::span<const float> dy, std::span<float> dx) override;
};

/// Convolution with weights [out, in / groups, kernel height, kernel width], zeros around, one stride for both
/// directions. A height of 1 keeps a kernel of height 1.
class ConvLayer final : public Layer
{
public:
    struct Shape
    {
        qint64 outputs = 1;
        qint64 kernel = 3; ///< odd
        qint64 stride = 1;
        bool depthwise = false; ///< as many outputs as inputs, each reads its own channel
    };

    ConvLayer(Volume in, Shape shape, Random& random);
    void forward(std::span<const float> x, std::span<float> y) const override;
    void backward(std::span<const float> x, std::span<const float> dy, std::span<float> dx) override;

    qint64 kernelHeight() const { return m_kernelHeight; }
    qint64 kernelWidth() const { return m_shape.kernel; }
    qint64 strideHeight() const { return in().height == 1 ? 1 : m_shape.stride; }
    qint64 strideWidth() const { return m_shape.stride; }
    bool isDepthwise() const { return m_shape.depthwise; }

private:
    template <typename Visit>
    void forEachRun(Visit visit) const;
    void forwardDepthwise(std::span<const float> x, std::span<float> y) const;
    void backwardDepthwise(std::span<const float> x, std::span<const float> dy, std::span<float> dx);
    std::size_t depth() const { return weights.size() / bias.size(); }
    std::size_t cells() const { return static_cast<std::size_t>(out().height * out().width); }
    void gather(std::span<const float> x) const;
    void scatter(std::span<const float> slopes, std::span<float> dx) const;

    Shape m_shape;
    qint64 m_kernelHeight;
    /// What each weight meets, [in * kernel, cells of the output]: a convolution is a product of matrices. Scratch.
    mutable std::vector<float> m_columns;
};

enum class AverageOver
{
    Cells, ///< one mean for each channel
    Height ///< one for each channel and column
};

/// Means of each channel.
class AverageLayer final : public Layer
{
public:
    explicit AverageLayer(Volume in, AverageOver over = AverageOver::Cells)
        : Layer(in, {in.channels, 1, over == AverageOver::Height ? in.width : 1})
    {}
    void forward(std::span<const float> x, std::span<float> y) const override;
    void backward(std::span<const float> x, std::span<const float> dy, std::span<float> dx) override;
};

class ReluLayer final : public Layer
{
public:
    explicit ReluLayer(Volume volume)
        : Layer(volume, volume)
    {}
    void forward(std::span<const float> x, std::span<float> y) const override;
    void backward(std::span<const float> x, std::span<const float> dy, std::span<float> dx) override;
};

using Network = std::vector<std::unique_ptr<Layer>>;

/// Cross-entropy of softmax(scores) against a class, and its gradient by the scores.
double crossEntropy(std::span<const float> scores, qint32 label, std::span<float> gradient);

/// Mean of (y - target)^2, and its gradient by y.
double squaredError(std::span<const float> y, std::span<const float> targets, std::span<float> gradient);

} // namespace ember::neural
