// SPDX-License-Identifier: GPL-3.0-or-later
// Normalisations. Sums are kept in double and rounded once.
#include "core/model/ops/op.h"

#include <algorithm>
#include <cmath>

namespace ember::model::ops {
namespace {

Status needChannels(const InferContext& context, std::size_t begin, std::size_t end, qint64 count)
{
    for (std::size_t i = begin; i < end; ++i) {
        if (!context.has(i))
            return bad(QStringLiteral("input %1 is missing").arg(i + 1));
        EMBER_CHECK(needFloat(context.at(i), "parameter"));
        if (context.at(i).size() != count)
            return bad(QStringLiteral("%1 parameters for %2 channels").arg(context.at(i).size()).arg(count));
    }
    return {};
}

struct Planes
{
    qint64 batch = 1, channels = 1, cells = 1;
};

Planes planesOf(const Shape& x)
{
    return {x[0], x.size() > 1 ? x[1] : 1, x.size() > 2 ? product(x, 2, x.size()) : 1};
}

struct Moments
{
    double mean = 0;
    double variance = 0;
};

Moments momentsOf(const double* x, qint64 count)
{
    Moments m;
    for (qint64 i = 0; i < count; ++i)
        m.mean += x[i];
    m.mean /= static_cast<double>(std::max<qint64>(1, count));
    for (qint64 i = 0; i < count; ++i)
        m.variance += (x[i] - m.mean) * (x[i] - m.mean);
    m.variance /= static_cast<double>(std::max<qint64>(1, count));
    return m;
}

} // namespace

Result<Inference> infer(const BatchNorm&, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 5));
    const Input& x = context.at(0);
    EMBER_CHECK(needFloat(x, "input"));
    if (x.shape.empty())
        return bad(QStringLiteral("the normalisation of a single number"));
    EMBER_CHECK(needChannels(context, 1, 5, planesOf(x.shape).channels));
    return one(x.type, x.shape, x.size());
}

Status evaluate(const BatchNorm& op, Call& call)
{
    const Planes p = planesOf(call.in(0).shape());
    std::vector<double> x = call.in(0).toDouble();
    const std::vector<double> scale = call.in(1).toDouble(), bias = call.in(2).toDouble();
    const std::vector<double> mean = call.in(3).toDouble(), variance = call.in(4).toDouble();
    for (std::size_t i = 0; i < x.size(); ++i) {
        const auto c = static_cast<std::size_t>(static_cast<qint64>(i) / p.cells % p.channels);
        x[i] = (x[i] - mean[c]) / std::sqrt(variance[c] + static_cast<double>(op.epsilon)) * scale[c] + bias[c];
    }
    call.out().assign(std::span<const double>(x));
    return {};
}

Result<Inference> infer(const InstanceNorm& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 3));
    const Input& x = context.at(0);
    EMBER_CHECK(needFloat(x, "input"));
    if (x.shape.size() < 2)
        return bad(QStringLiteral("the normalisation of %1").arg(shapeText(x.shape)));
    const qint64 channels = x.shape[1];
    if (op.groups < 0 || (op.groups > 0 && channels % op.groups != 0))
        return bad(QStringLiteral("%1 channels in %2 groups").arg(channels).arg(op.groups));
    EMBER_CHECK(needChannels(context, 1, 3, op.scalePerGroup ? op.groups : channels));
    return one(x.type, x.shape);
}

Status evaluate(const InstanceNorm& op, Call& call)
{
    const Planes p = planesOf(call.in(0).shape());
    std::vector<double> x = call.in(0).toDouble();
    const std::vector<double> scale = call.in(1).toDouble(), bias = call.in(2).toDouble();
    const qint64 groups = op.groups > 0 ? op.groups : p.channels;
    const qint64 perGroup = groups > 0 ? p.channels / groups : 0;
    const qint64 count = perGroup * p.cells;
    for (qint64 g = 0; g < p.batch * groups; ++g) {
        double* values = x.data() + g * count;
        const Moments m = momentsOf(values, count);
        const double factor = 1 / std::sqrt(m.variance + static_cast<double>(op.epsilon));
        for (qint64 i = 0; i < count; ++i) {
            const qint64 channel = op.scalePerGroup ? g % groups : g % groups * perGroup + i / p.cells;
            const auto c = static_cast<std::size_t>(channel);
            values[i] = (values[i] - m.mean) * factor * scale[c] + bias[c];
        }
    }
    call.out().assign(std::span<const double>(x));
    return {};
}

Result<Inference> infer(const LayerNorm& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 2));
    const Input& x = context.at(0);
    EMBER_CHECK(needFloat(x, "input"));
    EMBER_TRY(const std::size_t axis, axisOf(op.axis, x.shape.size()));
    const Shape inner(x.shape.begin() + static_cast<std::ptrdiff_t>(axis), x.shape.end());
    for (std::size_t i = 1; i < 3 && context.has(i); ++i) {
        EMBER_CHECK(needFloat(context.at(i), "parameter"));
        EMBER_TRY(const Shape together, broadcastShapes(context.at(i).shape, inner));
        if (together != inner)
            return bad(QStringLiteral("parameters of %1 for %2").arg(shapeText(context.at(i).shape), shapeText(inner)));
    }
    Inference inference = one(x.type, x.shape);
    Shape reduced = x.shape;
    std::fill(reduced.begin() + static_cast<std::ptrdiff_t>(axis), reduced.end(), 1);
    for (std::size_t i = 1; i < context.declared.size(); ++i)
        inference.outputs.push_back({x.type, reduced});
    return inference;
}

Status evaluate(const LayerNorm& op, Call& call)
{
    const Shape& shape = call.in(0).shape();
    EMBER_TRY(const std::size_t axis, axisOf(op.axis, shape.size()));
    const Shape inner(shape.begin() + static_cast<std::ptrdiff_t>(axis), shape.end());
    const qint64 count = product(inner);
    std::vector<double> x = call.in(0).toDouble();
    const std::vector<double> scale = call.in(1).toDouble();
    const std::vector<qint64> scaleAt = broadcastIndices(call.in(1).shape(), inner);
    std::vector<double> bias;
    std::vector<qint64> biasAt;
    if (call.has(2)) {
        bias = call.in(2).toDouble();
        biasAt = broadcastIndices(call.in(2).shape(), inner);
    }
    std::vector<double> means, factors;
    for (qint64 row = 0; row < product(shape, 0, axis); ++row) {
        double* values = x.data() + row * count;
        const Moments m = momentsOf(values, count);
        means.push_back(m.mean);
        factors.push_back(1 / std::sqrt(m.variance + static_cast<double>(op.epsilon)));
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
            values[i] = (values[i] - m.mean) * factors.back() * scale[static_cast<std::size_t>(scaleAt[i])];
            if (!bias.empty())
                values[i] += bias[static_cast<std::size_t>(biasAt[i])];
        }
    }
    call.out().assign(std::span<const double>(x));
    if (call.outputs.size() > 1)
        call.out(1).assign(std::span<const double>(means));
    if (call.outputs.size() > 2)
        call.out(2).assign(std::span<const double>(factors));
    return {};
}

Result<Inference> infer(const LocalResponseNorm& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    const Input& x = context.at(0);
    EMBER_CHECK(needFloat(x, "input"));
    if (x.shape.size() < 2 || op.size < 1 || op.size > 10'000)
        return bad(QStringLiteral("a normalisation over %1 channels of %2").arg(op.size).arg(shapeText(x.shape)));
    return one(x.type, x.shape, saturatedProduct(x.size(), op.size));
}

Status evaluate(const LocalResponseNorm& op, Call& call)
{
    const Planes p = planesOf(call.in(0).shape());
    const std::vector<double> x = call.in(0).toDouble();
    std::vector<double> y(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        const qint64 channel = static_cast<qint64>(i) / p.cells % p.channels;
        double sum = 0;
        for (qint64 c = std::max<qint64>(0, channel - (op.size - 1) / 2);
             c <= std::min(p.channels - 1, channel + op.size / 2); ++c) {
            const double value = x[static_cast<std::size_t>(static_cast<qint64>(i) + (c - channel) * p.cells)];
            sum += value * value;
        }
        const double base =
            static_cast<double>(op.bias) + static_cast<double>(op.alpha) / static_cast<double>(op.size) * sum;
        y[i] = x[i] / std::pow(base, static_cast<double>(op.beta));
    }
    call.out().assign(std::span<const double>(y));
    return {};
}

Result<Inference> infer(const NormScale& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    const Input& x = context.at(0);
    if (x.type == TensorType::String || x.type == TensorType::Bool)
        return cannot(QStringLiteral("the norm of %1").arg(tensorTypeName(x.type)));
    EMBER_TRY(const std::size_t axis, axisOf(op.axis, x.shape.size()));
    Q_UNUSED(axis)
    return one(isFloat(x.type) ? x.type : TensorType::Float32, x.shape);
}

Status evaluate(const NormScale& op, Call& call)
{
    const Shape& shape = call.in(0).shape();
    EMBER_TRY(const std::size_t axis, axisOf(op.axis, shape.size()));
    std::vector<double> x = call.in(0).toDouble();
    const qint64 size = shape[axis];
    const qint64 inner = product(shape, axis + 1, shape.size());
    for (qint64 o = 0; o < product(shape, 0, axis); ++o) {
        for (qint64 i = 0; i < inner; ++i) {
            double norm = 0;
            double* values = x.data() + o * size * inner + i;
            for (qint64 k = 0; k < size; ++k) {
                const double value = values[k * inner];
                if (op.kind == NormKind::L1)
                    norm += std::abs(value);
                else if (op.kind == NormKind::L2)
                    norm += value * value;
                else
                    norm = k == 0 ? value : std::max(norm, value);
            }
            if (op.kind == NormKind::L2)
                norm = std::sqrt(norm);
            for (qint64 k = 0; k < size && norm != 0; ++k)
                values[k * inner] /= norm;
        }
    }
    call.out().assign(std::span<const double>(x));
    return {};
}

} // namespace ember::model::ops
