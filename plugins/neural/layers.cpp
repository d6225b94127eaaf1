// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/neural/layers.h"

#include "plugins/neural/products.h"

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
    std::copy(bias.begin(), bias.end(), y.begin());
    addProductOfRows(x, weights, y, y.size(), x.size());
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
        for (std::size_t i = 0; i < x.size(); ++i)
            dw[i] += dy[o] * x[i];
        for (std::size_t i = 0; i < dx.size(); ++i)
            dx[i] += dy[o] * w[i];
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

// Calls visit(first output element, output channel, first input element, weight, count) for every run of neighbouring
// outputs of a row that one weight feeds; inputs are a stride apart.
template <typename Visit>
void ConvLayer::forEachRun(Visit visit) const
{
    const qint64 perGroup = m_shape.depthwise ? 1 : in().channels;
    const qint64 outputs = m_shape.depthwise ? out().channels : 1; // those that share no columns
    const qint64 padY = m_kernelHeight / 2, padX = m_shape.kernel / 2, step = strideWidth();
    const auto run = [&](qint64 result, qint64 row, qint64 weight, qint64 kx) {
        const qint64 shift = padX - kx; // the input of output x is x * step - shift
        const qint64 first = shift > 0 ? (shift + step - 1) / step : 0;
        const qint64 last = std::min(out().width - 1, (in().width - 1 + shift) / step);
        if (in().width - 1 + shift >= 0 && first <= last)
            visit(static_cast<std::size_t>(result + first), static_cast<std::size_t>(row + first * step - shift),
                  static_cast<std::size_t>(weight + kx), static_cast<std::size_t>(last - first + 1));
    };
    for (qint64 o = 0; o < outputs; ++o) {
        for (qint64 c = 0; c < perGroup; ++c) {
            const qint64 plane = (m_shape.depthwise ? o : c) * in().height * in().width;
            const qint64 kernel = (o * perGroup + c) * m_kernelHeight * m_shape.kernel;
            for (qint64 y = 0; y < out().height; ++y) {
                for (qint64 ky = 0; ky < m_kernelHeight; ++ky) {
                    const qint64 fromY = y * strideHeight() - padY + ky;
                    if (fromY < 0 || fromY >= in().height)
                        continue;
                    for (qint64 kx = 0; kx < m_shape.kernel; ++kx)
                        run((o * out().height + y) * out().width, plane + fromY * in().width,
                            kernel + ky * m_shape.kernel, kx);
                }
            }
        }
    }
}

namespace {

// Calls visit(i, i * step) for each; the steps that networks mostly have are known to the compiler.
template <typename Visit>
void forEachStep(std::size_t count, std::size_t step, Visit visit)
{
    if (step == 1) {
        for (std::size_t i = 0; i < count; ++i)
            visit(i, i);
    } else if (step == 2) {
        for (std::size_t i = 0; i < count; ++i)
            visit(i, 2 * i);
    } else {
        for (std::size_t i = 0; i < count; ++i)
            visit(i, i * step);
    }
}

} // namespace

void ConvLayer::gather(std::span<const float> x) const
{
    m_columns.assign(depth() * cells(), 0.0f);
    const auto step = static_cast<std::size_t>(strideWidth());
    forEachRun([&](std::size_t cell, std::size_t first, std::size_t w, std::size_t count) {
        float* to = m_columns.data() + w * cells() + cell;
        const float* from = x.data() + first;
        forEachStep(count, step, [to, from](std::size_t i, std::size_t at) { to[i] = from[at]; });
    });
}

void ConvLayer::scatter(std::span<const float> slopes, std::span<float> dx) const
{
    const auto step = static_cast<std::size_t>(strideWidth());
    forEachRun([&](std::size_t cell, std::size_t first, std::size_t w, std::size_t count) {
        const float* from = slopes.data() + w * cells() + cell;
        float* to = dx.data() + first;
        forEachStep(count, step, [to, from](std::size_t i, std::size_t at) { to[at] += from[i]; });
    });
}

void ConvLayer::forward(std::span<const float> x, std::span<float> y) const
{
    for (std::size_t o = 0; o < bias.size(); ++o)
        std::fill_n(y.begin() + static_cast<std::ptrdiff_t>(o * cells()), cells(), bias[o]);
    if (m_shape.depthwise)
        return forwardDepthwise(x, y);
    gather(x);
    addProduct(weights, m_columns, y, depth(), cells());
}

void ConvLayer::backward(std::span<const float> x, std::span<const float> dy, std::span<float> dx)
{
    std::fill(dx.begin(), dx.end(), 0.0f);
    for (std::size_t o = 0; o < bias.size(); ++o)
        biasGradients[o] += sumOf(dy.subspan(o * cells(), cells()));
    if (m_shape.depthwise)
        return backwardDepthwise(x, dy, dx);
    // What forward() gathered from the same x is still there.
    addProductOfRows(dy, m_columns, weightGradients, depth(), cells());
    if (dx.empty())
        return;
    std::vector<float> turned(weights.size());
    transpose(weights, turned, depth());
    std::vector<float> slopes(m_columns.size(), 0.0f);
    addProduct(turned, dy, slopes, bias.size(), cells());
    scatter(slopes, dx);
}

void ConvLayer::forwardDepthwise(std::span<const float> x, std::span<float> y) const
{
    const auto step = static_cast<std::size_t>(strideWidth());
    forEachRun([&](std::size_t result, std::size_t from, std::size_t w, std::size_t count) {
        const float weight = weights[w];
        float* to = y.data() + result;
        const float* source = x.data() + from;
        for (std::size_t i = 0; i < count; ++i)
            to[i] += weight * source[i * step];
    });
}

void ConvLayer::backwardDepthwise(std::span<const float> x, std::span<const float> dy, std::span<float> dx)
{
    const auto step = static_cast<std::size_t>(strideWidth());
    forEachRun([&](std::size_t result, std::size_t from, std::size_t w, std::size_t count) {
        const float weight = weights[w];
        const float* slope = dy.data() + result;
        const float* source = x.data() + from;
        float sum = 0;
        for (std::size_t i = 0; i < count; ++i)
            sum += slope[i] * source[i * step];
        weightGradients[w] += sum;
        float* to = dx.data() + from;
        for (std::size_t i = 0; !dx.empty() && i < count; ++i)
            to[i * step] += weight * slope[i];
    });
}

void AverageLayer::forward(std::span<const float> x, std::span<float> y) const
{
    const std::size_t cells = x.size() / static_cast<std::size_t>(in().channels);
    const auto kept = static_cast<std::size_t>(out().width);
    for (std::size_t o = 0; o < y.size(); ++o) {
        const float* first = x.data() + o / kept * cells + o % kept;
        float sum = 0;
        for (std::size_t i = 0; i < cells; i += kept)
            sum += first[i];
        y[o] = sum / static_cast<float>(cells / kept);
    }
}

void AverageLayer::backward(std::span<const float>, std::span<const float> dy, std::span<float> dx)
{
    const std::size_t cells = dx.size() / static_cast<std::size_t>(in().channels);
    const auto kept = static_cast<std::size_t>(out().width);
    for (std::size_t i = 0; i < dx.size(); ++i)
        dx[i] = dy[i / cells * kept + i % cells % kept] / static_cast<float>(cells / kept);
}

void ReluLayer::forward(std::span<const float> x, std::span<float> y) const
{
    for (std::size_t i = 0; i < x.size(); ++i)
        y[i] = std::max(x[i], 0.0f);
}

void ReluLayer::backward(std::span<const float> x, std::span<const float> dy, std::span<float> dx)
{
    for (std::size_t i = 0; i < dx.size(); ++i)
        dx[i] = x[i] > 0 ? dy[i] : 0.0f;
}

double squaredError(std::span<const float> y, std::span<const float> targets, std::span<float> gradient)
{
    const auto count = static_cast<double>(y.size());
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double off = static_cast<double>(y[i]) - static_cast<double>(targets[i]);
        gradient[i] = static_cast<float>(2 * off / count);
        sum += off * off;
    }
    return sum / count;
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
