// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/ops/accumulate.h"

#include <algorithm>

namespace ember::model::ops {
namespace {

// The spatial sizes of weights.
std::vector<qint64> kernelOf(const Shape& weights, Layout layout)
{
    if (layout == Layout::ChannelsFirst)
        return {weights.begin() + 2, weights.end()};
    return {weights.begin() + 1, weights.end() - 1};
}

struct Geometry
{
    Volume in;
    Walk walk;
    qint64 outChannels = 0;
};

Result<Geometry> geometryOf(const Conv& op, const Shape& x, const Shape& weights)
{
    Geometry g;
    EMBER_TRY(g.in, volumeOf(x, op.layout));
    if (weights.size() != x.size())
        return bad(QStringLiteral("weights of %1 for an input of %2").arg(shapeText(weights), shapeText(x)));
    g.outChannels = weights[0];
    const qint64 perGroup = op.layout == Layout::ChannelsFirst ? weights[1] : weights.back();
    if (op.groups < 1 || perGroup < 1 || g.outChannels < 1 || g.in.channels != perGroup * op.groups ||
        g.outChannels % op.groups != 0)
        return bad(QStringLiteral("weights of %1 in %2 groups for an input of %3")
                       .arg(shapeText(weights))
                       .arg(op.groups)
                       .arg(shapeText(x)));
    EMBER_TRY(g.walk, walkOf(op.window, kernelOf(weights, op.layout), g.in));
    return g;
}

template <typename Real>
void convolveReal(const Conv& op, const Geometry& g, Call& call)
{
    std::span<const Real> x = call.in(0).as<Real>();
    std::span<const Real> w = call.in(1).as<Real>();
    std::vector<Real> xLast, wLast, yLast;
    std::span<Real> y = call.out().as<Real>();
    if (op.layout == Layout::ChannelsFirst) {
        xLast = toChannelsLast(x, g.in.batch, g.in.channels, g.in.cells());
        wLast = toChannelsLast(w, g.outChannels, g.in.channels / op.groups, g.walk.taps());
        yLast.resize(y.size());
        x = xLast;
        w = wLast;
        y = yLast;
    }
    const Real* bias = call.has(2) ? call.in(2).as<Real>().data() : nullptr;
    convolve<Real>(g.in, g.walk, g.outChannels, op.groups, x.data(), w.data(),
                   [&](qint64 at, qint64 channel, Real sum) {
                       const Real value = bias ? sum + bias[channel] : sum;
                       y[static_cast<std::size_t>(at)] =
                           op.activation == Activation::None
                               ? value
                               : static_cast<Real>(activated(op.activation, static_cast<float>(value)));
                   });
    if (op.layout == Layout::ChannelsFirst)
        toChannelsFirst<Real>(yLast, g.in.batch, g.outChannels, g.walk.outputs(), call.out().as<Real>());
}

// Whether 16-bit sums are scaled in their wide form: when the bias is 64 bits.
bool isWide(const Call& call)
{
    return call.in(0).type() == TensorType::Int16 && call.has(2) && call.in(2).type() == TensorType::Int64;
}

template <typename Stored, typename Sum, typename Convolve>
void convolveStored(Call& call, const Requantiser& requantise, Convolve run)
{
    const std::vector<qint16> x = widened<qint16>(call.in(0).as<Stored>(), call.inputQuantisation[0]->zeroPoint());
    const std::vector<qint16> w = widened<qint16>(call.in(1).as<qint8>(), call.inputQuantisation[1]->zeroPoint());
    const std::span<Stored> y = call.out().as<Stored>();
    run(Sum(0), x.data(), w.data(), [&](qint64 at, qint64 channel, Sum sum) {
        y[static_cast<std::size_t>(at)] = static_cast<Stored>(requantise(sum, channel));
    });
}

// Runs a convolution of either integer width; `run` is generic in the type of the sum.
template <typename Convolve>
void convolveQuantised(Call& call, qint64 channels, Activation activation, Convolve run)
{
    const Requantiser requantise(call, channels, activation, false, isWide(call));
    if (call.in(0).type() == TensorType::Int8)
        convolveStored<qint8, qint32>(call, requantise, run);
    else
        convolveStored<qint16, qint64>(call, requantise, run);
}

Status checkRealLayer(const InferContext& context, qint64 channels)
{
    EMBER_CHECK(needFloat(context.at(0), "input"));
    EMBER_CHECK(needSameType(context.at(0), context.at(1)));
    if (context.has(2)) {
        EMBER_CHECK(needSameType(context.at(0), context.at(2)));
        if (context.at(2).size() != channels)
            return bad(QStringLiteral("a bias of %1 for %2 channels").arg(context.at(2).size()).arg(channels));
    }
    return {};
}

qint64 macsOf(const Volume& in, const Walk& walk, qint64 channels, qint64 perOutput)
{
    return saturatedProduct(saturatedProduct(in.batch * channels, walk.outputs()),
                            saturatedProduct(walk.taps(), perOutput));
}

} // namespace

Result<Inference> infer(const Conv& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 2));
    EMBER_TRY(const Geometry g, geometryOf(op, context.at(0).shape, context.at(1).shape));
    const qint64 perGroup = g.in.channels / op.groups;
    if (isQuantisedLayer(context)) {
        if (op.layout != Layout::ChannelsLast)
            return cannot(QStringLiteral("integer convolutions with channels first"));
        EMBER_CHECK(checkQuantisedLayer(context, g.outChannels, 0, g.walk.taps() * perGroup));
    } else {
        EMBER_CHECK(checkRealLayer(context, g.outChannels));
    }
    return one(context.at(0).type, shapeLike(context.at(0).shape, op.layout, g.walk.output, g.outChannels),
               macsOf(g.in, g.walk, g.outChannels, perGroup));
}

Status evaluate(const Conv& op, Call& call)
{
    EMBER_TRY(const Geometry g, geometryOf(op, call.in(0).shape(), call.in(1).shape()));
    if (isQuantisedLayer(call)) {
        convolveQuantised(call, g.outChannels, op.activation, [&](auto zero, auto* x, auto* w, auto store) {
            convolve<decltype(zero)>(g.in, g.walk, g.outChannels, op.groups, x, w, store);
        });
    } else if (call.in(0).type() == TensorType::Float64) {
        convolveReal<double>(op, g, call);
    } else {
        convolveReal<float>(op, g, call);
    }
    return {};
}

namespace {

Result<Geometry> geometryOf(const DepthwiseConv& op, const Shape& x, const Shape& weights)
{
    Geometry g;
    EMBER_TRY(g.in, volumeOf(x, Layout::ChannelsLast));
    if (weights.size() != x.size() || weights[0] != 1 || g.in.channels < 1 || weights.back() < 1 ||
        weights.back() % g.in.channels != 0)
        return bad(QStringLiteral("depthwise weights of %1 for an input of %2").arg(shapeText(weights), shapeText(x)));
    g.outChannels = weights.back();
    EMBER_TRY(g.walk, walkOf(op.window, kernelOf(weights, Layout::ChannelsLast), g.in));
    return g;
}

} // namespace

Result<Inference> infer(const DepthwiseConv& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 2));
    EMBER_TRY(const Geometry g, geometryOf(op, context.at(0).shape, context.at(1).shape));
    if (isQuantisedLayer(context)) {
        const auto axis = static_cast<qint32>(context.at(1).shape.size() - 1);
        EMBER_CHECK(checkQuantisedLayer(context, g.outChannels, axis, g.walk.taps()));
    } else {
        EMBER_CHECK(needType(context.at(0), {TensorType::Float32}, "input"));
        EMBER_CHECK(checkRealLayer(context, g.outChannels));
    }
    return one(context.at(0).type, shapeLike(context.at(0).shape, Layout::ChannelsLast, g.walk.output, g.outChannels),
               macsOf(g.in, g.walk, g.outChannels, 1));
}

Status evaluate(const DepthwiseConv& op, Call& call)
{
    EMBER_TRY(const Geometry g, geometryOf(op, call.in(0).shape(), call.in(1).shape()));
    if (isQuantisedLayer(call)) {
        convolveQuantised(call, g.outChannels, op.activation, [&](auto zero, auto* x, auto* w, auto store) {
            convolveDepthwise<decltype(zero)>(g.in, g.walk, g.outChannels, x, w, store);
        });
        return {};
    }
    const float* bias = call.has(2) ? call.in(2).as<float>().data() : nullptr;
    const std::span<float> y = call.out().as<float>();
    convolveDepthwise<float>(g.in, g.walk, g.outChannels, call.in(0).as<float>().data(), call.in(1).as<float>().data(),
                             [&](qint64 at, qint64 channel, float sum) {
                                 y[static_cast<std::size_t>(at)] =
                                     activated(op.activation, bias ? sum + bias[channel] : sum);
                             });
    return {};
}

} // namespace ember::model::ops
