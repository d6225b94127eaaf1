// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/ops/accumulate.h"

#include <algorithm>

namespace ember::model::ops {
namespace {

// `walk` is that of the convolution which this one turns round: from the large side to the small one.
struct Geometry
{
    Volume in;
    Walk walk;
    std::array<qint64, 3> output{1, 1, 1};
    qint64 outChannels = 0;
};

// Sizes of the result, and the padding that was cut off its beginning.
Status placeOutput(const ConvTranspose& op, std::size_t spatial, Geometry& g)
{
    for (std::size_t i = 0; i < spatial; ++i) {
        const std::size_t d = 3 - spatial + i;
        const qint64 extra = i < op.outputPadding.size() ? op.outputPadding[i] : 0;
        if (extra < 0 || extra > 1'000'000)
            return bad(QStringLiteral("output padding of %1").arg(extra));
        const qint64 full =
            g.walk.stride[d] * (g.in.size[d] - 1) + extra + (g.walk.kernel[d] - 1) * g.walk.dilation[d] + 1;
        const bool same = op.window.padding == Padding::SameUpper || op.window.padding == Padding::SameLower;
        if (op.outputSize.empty() && !same) {
            g.output[d] = full - g.walk.padBegin[d] - g.walk.padEnd[d];
        } else {
            g.output[d] = op.outputSize.empty() ? g.in.size[d] * g.walk.stride[d] : op.outputSize[i];
            const qint64 total = std::max<qint64>(0, full - g.output[d]);
            if (op.window.padding == Padding::Valid)
                g.walk.padBegin[d] = 0;
            else
                g.walk.padBegin[d] = op.window.padding == Padding::SameUpper ? total / 2 : total - total / 2;
        }
        if (g.output[d] < 1)
            return bad(QStringLiteral("an output of %1 cells").arg(g.output[d]));
    }
    return {};
}

Result<Geometry> geometryOf(const ConvTranspose& op, const Shape& x, const Shape& weights)
{
    Geometry g;
    EMBER_TRY(g.in, volumeOf(x, op.layout));
    const std::size_t spatial = x.size() - 2;
    const bool first = op.layout == Layout::ChannelsFirst;
    if (weights.size() != x.size() || op.groups < 1 || (!op.outputSize.empty() && op.outputSize.size() != spatial))
        return bad(QStringLiteral("weights of %1 for an input of %2").arg(shapeText(weights), shapeText(x)));
    const qint64 inChannels = first ? weights[0] : weights.back();
    g.outChannels = first ? saturatedProduct(weights[1], op.groups) : weights[0];
    if (inChannels != g.in.channels || inChannels < 1 || inChannels % op.groups != 0 || g.outChannels < 1 ||
        (!first && op.groups != 1))
        return bad(QStringLiteral("weights of %1 for an input of %2").arg(shapeText(weights), shapeText(x)));
    const std::vector<qint64> kernel = first ? std::vector<qint64>(weights.begin() + 2, weights.end())
                                             : std::vector<qint64>(weights.begin() + 1, weights.end() - 1);
    // Checks and places strides, dilations and pads; the sizes it finds are those of another direction.
    Volume large = g.in;
    for (qint64& size : large.size)
        size = 1'000'000'000;
    EMBER_TRY(g.walk, walkOf(op.window, kernel, large));
    if (op.window.padding == Padding::SameUpper || op.window.padding == Padding::SameLower)
        g.walk.padBegin = g.walk.padEnd = {0, 0, 0};
    EMBER_CHECK(placeOutput(op, spatial, g));
    return g;
}

// [in, out/groups, taps] to [out, taps, in/groups].
template <typename Real>
std::vector<Real> turnWeights(const ConvTranspose& op, const Geometry& g, std::span<const Real> from)
{
    const qint64 taps = g.walk.taps();
    const qint64 inPer = g.in.channels / op.groups;
    const qint64 outPer = g.outChannels / op.groups;
    std::vector<Real> to(from.size());
    for (qint64 i = 0; i < g.in.channels; ++i) {
        for (qint64 o = 0; o < outPer; ++o) {
            for (qint64 t = 0; t < taps; ++t) {
                const qint64 out = i / inPer * outPer + o;
                to[static_cast<std::size_t>((out * taps + t) * inPer + i % inPer)] =
                    from[static_cast<std::size_t>((i * outPer + o) * taps + t)];
            }
        }
    }
    return to;
}

// Adds what every input cell contributes to the output cells under its window.
template <typename Acc, typename X, typename W>
std::vector<Acc> scatter(const ConvTranspose& op, const Geometry& g, const X* x, const W* w)
{
    const qint64 outCells = g.output[0] * g.output[1] * g.output[2];
    const qint64 inPer = g.in.channels / op.groups;
    const qint64 outPer = g.outChannels / op.groups;
    std::vector<Acc> sums(static_cast<std::size_t>(g.in.batch * outCells * g.outChannels), Acc(0));
    forEachIndex(
        {g.in.batch, g.in.size[0], g.in.size[1], g.in.size[2], g.walk.kernel[0], g.walk.kernel[1], g.walk.kernel[2]},
        [&](const std::vector<qint64>& i) {
            qint64 cell = 0;
            for (std::size_t d = 0; d < 3; ++d) {
                const qint64 at = i[1 + d] * g.walk.stride[d] - g.walk.padBegin[d] + i[4 + d] * g.walk.dilation[d];
                if (at < 0 || at >= g.output[d])
                    return;
                cell = cell * g.output[d] + at;
            }
            const qint64 tap = (i[4] * g.walk.kernel[1] + i[5]) * g.walk.kernel[2] + i[6];
            const qint64 from = (i[1] * g.in.size[1] + i[2]) * g.in.size[2] + i[3];
            const X* source = x + (i[0] * g.in.cells() + from) * g.in.channels;
            Acc* target = sums.data() + (i[0] * outCells + cell) * g.outChannels;
            for (qint64 o = 0; o < g.outChannels; ++o)
                target[o] += dot<Acc>(source + o / outPer * inPer, w + (o * g.walk.taps() + tap) * inPer, inPer);
        });
    return sums;
}

template <typename Real>
void runReal(const ConvTranspose& op, const Geometry& g, Call& call)
{
    std::span<const Real> x = call.in(0).as<Real>();
    std::span<const Real> w = call.in(1).as<Real>();
    std::vector<Real> xLast, wLast;
    const bool first = op.layout == Layout::ChannelsFirst;
    if (first) {
        xLast = toChannelsLast(x, g.in.batch, g.in.channels, g.in.cells());
        wLast = turnWeights(op, g, w);
        x = xLast;
        w = wLast;
    }
    std::vector<Real> sums = scatter<Real>(op, g, x.data(), w.data());
    const Real* bias = call.has(2) ? call.in(2).as<Real>().data() : nullptr;
    for (std::size_t i = 0; i < sums.size(); ++i) {
        const Real value = bias ? sums[i] + bias[i % static_cast<std::size_t>(g.outChannels)] : sums[i];
        sums[i] = op.activation == Activation::None
                      ? value
                      : static_cast<Real>(activated(op.activation, static_cast<float>(value)));
    }
    if (first)
        toChannelsFirst<Real>(sums, g.in.batch, g.outChannels, g.output[0] * g.output[1] * g.output[2],
                              call.out().as<Real>());
    else
        std::copy(sums.begin(), sums.end(), call.out().as<Real>().begin());
}

template <typename Stored, typename Sum>
void runStored(const ConvTranspose& op, const Geometry& g, Call& call)
{
    const bool wide = std::is_same_v<Stored, qint16>;
    const Requantiser requantise(call, g.outChannels, op.activation, false, wide);
    const std::vector<qint16> x = widened<qint16>(call.in(0).as<Stored>(), call.inputQuantisation[0]->zeroPoint());
    const std::vector<qint16> w = widened<qint16>(call.in(1).as<qint8>(), call.inputQuantisation[1]->zeroPoint());
    const std::vector<Sum> sums = scatter<Sum>(op, g, x.data(), w.data());
    const std::span<Stored> y = call.out().as<Stored>();
    for (std::size_t i = 0; i < sums.size(); ++i)
        y[i] = static_cast<Stored>(requantise(sums[i], static_cast<qint64>(i) % g.outChannels));
}

} // namespace

Result<Inference> infer(const ConvTranspose& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 2));
    EMBER_TRY(const Geometry g, geometryOf(op, context.at(0).shape, context.at(1).shape));
    const qint64 inPer = g.in.channels / op.groups;
    if (isQuantisedLayer(context)) {
        if (op.layout != Layout::ChannelsLast)
            return cannot(QStringLiteral("integer convolutions with channels first"));
        EMBER_CHECK(checkQuantisedLayer(context, g.outChannels, 0, g.walk.taps() * inPer));
    } else {
        EMBER_CHECK(needFloat(context.at(0), "input"));
        EMBER_CHECK(needSameType(context.at(0), context.at(1)));
        if (context.has(2)) {
            EMBER_CHECK(needSameType(context.at(0), context.at(2)));
            if (context.at(2).size() != g.outChannels)
                return bad(QStringLiteral("a bias of %1 for %2 channels").arg(context.at(2).size()).arg(g.outChannels));
        }
    }
    const qint64 macs = saturatedProduct(saturatedProduct(g.in.batch * g.in.cells(), g.walk.taps()),
                                         saturatedProduct(g.outChannels, inPer));
    return one(context.at(0).type, shapeLike(context.at(0).shape, op.layout, g.output, g.outChannels), macs);
}

Status evaluate(const ConvTranspose& op, Call& call)
{
    EMBER_TRY(const Geometry g, geometryOf(op, call.in(0).shape(), call.in(1).shape()));
    if (!isQuantisedLayer(call)) {
        if (call.in(0).type() == TensorType::Float64)
            runReal<double>(op, g, call);
        else
            runReal<float>(op, g, call);
    } else if (call.in(0).type() == TensorType::Int8) {
        runStored<qint8, qint32>(op, g, call);
    } else {
        runStored<qint16, qint64>(op, g, call);
    }
    return {};
}

} // namespace ember::model::ops
