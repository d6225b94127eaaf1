// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/neural/layers.h"

#include <algorithm>
#include <cmath>

namespace ember::neural {

void Layer::initialise(std::size_t weightCount, std::size_t biasCount, qint64 fanIn, Random& random)
{
    weights.resize(weightCount);
    bias.assign(biasCount, 0.0f);
    weightGradients.assign(weightCount, 0.0f);
    biasGradients.assign(biasCount, 0.0f);
    const double limit = std::sqrt(6.0 / static_cast<double>(std::max<qint64>(1, fanIn)));
    for (float& w : weights)
        w = static_cast<float>((2 * random.unit() - 1) * limit);
}

DenseLayer::DenseLayer(Volume in, qint64 outputs, Random& random)
    : Layer(in, {outputs, 1, 1})
{
    initialise(in.size() * static_cast<std::size_t>(outputs), static_cast<std::size_t>(outputs),
               static_cast<qint64>(in.size()), random);
}

void DenseLayer::forward(std::span<const float> x, std::span<float> y) const
{
    for (std::size_t o = 0; o < y.size(); ++o) {
        const float* w = weights.data() + o * x.size();
        float sum = bias[o];
        for (std::size_t i = 0; i < x.size(); ++i)
            sum += w[i] * x[i];
        y[o] = sum;
    }
}

void DenseLayer::backward(std::span<const float> x, std::span<const float> dy, std::span<float> dx)
{
    std::fill(dx.begin(), dx.end(), 0.0f);
    for (std::size_t o = 0; o < dy.size(); ++o) {
        if (dy[o] == 0.0f)
            continue;
        const float* w = weights.data() + o * x.size();
        float* dw = weightGradients.data() + o * x.size();
        biasGradients[o] += dy[o];
        for (std::size_t i = 0; i < x.size(); ++i) {
            dw[i] += dy[o] * x[i];
            dx[i] += dy[o] * w[i];
        }
    }
}

namespace {

Volume convolved(Volume in, const ConvLayer::Shape& shape)
{
    const auto cells = [&shape](qint64 size) { return (size - 1) / shape.stride + 1; };
    return {shape.depthwise ? in.channels : shape.outputs, in.height == 1 ? 1 : cells(in.height), cells(in.width)};
}

} // namespace

ConvLayer::ConvLayer(Volume in, Shape shape, Random& random)
    : Layer(in, convolved(in, shape))
    , m_shape(shape)
    , m_kernelHeight(in.height == 1 ? 1 : shape.kernel)
{
    const qint64 fanIn = (shape.depthwise ? 1 : in.channels) * m_kernelHeight * shape.kernel;
    initialise(static_cast<std::size_t>(out().channels * fanIn), static_cast<std::size_t>(out().channels), fanIn,
               random);
}

// Calls visit(output element, output channel, input element, weight) for every product.
template <typename Visit>
void ConvLayer::forEachTap(Visit visit) const
{
    const qint64 perGroup = m_shape.depthwise ? 1 : in().channels;
    const qint64 padY = m_kernelHeight / 2, padX = m_shape.kernel / 2;
    for (qint64 o = 0; o < out().channels; ++o) {
        for (qint64 c = 0; c < perGroup; ++c) {
            const qint64 plane = (m_shape.depthwise ? o : c) * in().height * in().width;
            const qint64 kernel = (o * perGroup + c) * m_kernelHeight * m_shape.kernel;
            for (qint64 y = 0; y < out().height; ++y) {
                for (qint64 x = 0; x < out().width; ++x) {
                    const qint64 result = (o * out().height + y) * out().width + x;
                    for (qint64 ky = 0; ky < m_kernelHeight; ++ky) {
                        const qint64 fromY = y * strideHeight() - padY + ky;
                        if (fromY < 0 || fromY >= in().height)
                            continue;
                        for (qint64 kx = 0; kx < m_shape.kernel; ++kx) {
                            const qint64 fromX = x * strideWidth() - padX + kx;
                            if (fromX >= 0 && fromX < in().width)
                                visit(static_cast<std::size_t>(result), static_cast<std::size_t>(o),
                                      static_cast<std::size_t>(plane + fromY * in().width + fromX),
                                      static_cast<std::size_t>(kernel + ky * m_shape.kernel + kx));
                        }
                    }
                }
            }
        }
    }
}

void ConvLayer::forward(std::span<const float> x, std::span<float> y) const
{
    const std::size_t cells = y.size() / static_cast<std::size_t>(out().channels);
    for (std::size_t i = 0; i < y.size(); ++i)
        y[i] = bias[i / cells];
    forEachTap(
        [&](std::size_t result, std::size_t, std::size_t from, std::size_t w) { y[result] += weights[w] * x[from]; });
}

void ConvLayer::backward(std::span<const float> x, std::span<const float> dy, std::span<float> dx)
{
    std::fill(dx.begin(), dx.end(), 0.0f);
    const std::size_t cells = dy.size() / static_cast<std::size_t>(out().channels);
    for (std::size_t i = 0; i < dy.size(); ++i)
        biasGradients[i / cells] += dy[i];
    forEachTap([&](std::size_t result, std::size_t, std::size_t from, std::size_t w) {
        weightGradients[w] += dy[result] * x[from];
        dx[from] += dy[result] * weights[w];
    });
}

void ReluLayer::forward(std::span<const float> x, std::span<float> y) const
{
    for (std::size_t i = 0; i < x.size(); ++i)
        y[i] = std::max(x[i], 0.0f);
}

void ReluLayer::backward(std::span<const float> x, std::span<const float> dy, std::span<float> dx)
{
    for (std::size_t i = 0; i < x.size(); ++i)
        dx[i] = x[i] > 0 ? dy[i] : 0.0f;
}

double crossEntropy(std::span<const float> scores, qint32 label, std::span<float> gradient)
{
    const float largest = *std::max_element(scores.begin(), scores.end());
    double sum = 0;
    for (const float score : scores)
        sum += std::exp(static_cast<double>(score - largest));
    const auto truth = static_cast<std::size_t>(label);
    for (std::size_t c = 0; c < scores.size(); ++c)
        gradient[c] =
            static_cast<float>(std::exp(static_cast<double>(scores[c] - largest)) / sum) - (c == truth ? 1.0f : 0.0f);
    return std::log(sum) - static_cast<double>(scores[truth] - largest);
}

} // namespace ember::neural
