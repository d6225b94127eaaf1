// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/ops/accumulate.h"

#include <algorithm>

namespace ember::model::ops {
namespace {

struct DenseSize
{
    qint64 rows = 0;
    qint64 in = 0;
    qint64 out = 0;
};

Result<DenseSize> sizeOf(const Dense& op, const Shape& x, const Shape& weights)
{
    if (weights.size() != 2 || weights[0] < 1 || weights[1] < 1)
        return bad(QStringLiteral("dense weights of %1").arg(shapeText(weights)));
    DenseSize size{0, weights[1], weights[0]};
    const qint64 all = product(x);
    if (all % size.in != 0 || (op.keepLeading && (x.empty() || x.back() != size.in)))
        return bad(QStringLiteral("an input of %1 for weights of %2").arg(shapeText(x), shapeText(weights)));
    size.rows = all / size.in;
    return size;
}

template <typename Acc, typename X, typename W, typename Store>
void multiplyRows(const DenseSize& size, const X* x, const W* w, Store store)
{
    for (qint64 r = 0; r < size.rows; ++r) {
        for (qint64 o = 0; o < size.out; ++o)
            store(r * size.out + o, o, dot<Acc>(x + r * size.in, w + o * size.in, size.in));
    }
}

template <typename Stored, typename Sum>
void runStored(const Dense& op, const DenseSize& size, Call& call)
{
    const bool wide = std::is_same_v<Stored, qint16>;
    const Requantiser requantise(call, size.out, op.activation, true, wide);
    const std::vector<qint16> x = widened<qint16>(call.in(0).as<Stored>(), call.inputQuantisation[0]->zeroPoint());
    const std::vector<qint16> w = widened<qint16>(call.in(1).as<qint8>(), call.inputQuantisation[1]->zeroPoint());
    const std::span<Stored> y = call.out().as<Stored>();
    multiplyRows<Sum>(size, x.data(), w.data(), [&](qint64 at, qint64 channel, Sum sum) {
        y[static_cast<std::size_t>(at)] = static_cast<Stored>(requantise(sum, channel));
    });
}

template <typename Real>
void runReal(const Dense& op, const DenseSize& size, Call& call)
{
    const Real* bias = call.has(2) ? call.in(2).as<Real>().data() : nullptr;
    const std::span<Real> y = call.out().as<Real>();
    multiplyRows<Real>(size, call.in(0).as<Real>().data(), call.in(1).as<Real>().data(),
                       [&](qint64 at, qint64 channel, Real sum) {
                           const Real value = bias ? sum + bias[channel] : sum;
                           y[static_cast<std::size_t>(at)] =
                               op.activation == Activation::None
                                   ? value
                                   : static_cast<Real>(activated(op.activation, static_cast<float>(value)));
                       });
}

} // namespace

Result<Inference> infer(const Dense& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 2));
    EMBER_TRY(const DenseSize size, sizeOf(op, context.at(0).shape, context.at(1).shape));
    if (isQuantisedLayer(context)) {
        EMBER_CHECK(checkQuantisedLayer(context, size.out, 0, size.in));
    } else {
        EMBER_CHECK(needFloat(context.at(0), "input"));
        EMBER_CHECK(needSameType(context.at(0), context.at(1)));
        if (context.has(2)) {
            EMBER_CHECK(needSameType(context.at(0), context.at(2)));
            if (context.at(2).size() != size.out)
                return bad(QStringLiteral("a bias of %1 for %2 outputs").arg(context.at(2).size()).arg(size.out));
        }
    }
    Shape shape{size.rows, size.out};
    if (op.keepLeading) {
        shape = context.at(0).shape;
        shape.back() = size.out;
    }
    return one(context.at(0).type, std::move(shape), saturatedProduct(size.rows, saturatedProduct(size.in, size.out)));
}

Status evaluate(const Dense& op, Call& call)
{
    EMBER_TRY(const DenseSize size, sizeOf(op, call.in(0).shape(), call.in(1).shape()));
    if (!isQuantisedLayer(call)) {
        if (call.in(0).type() == TensorType::Float64)
            runReal<double>(op, size, call);
        else
            runReal<float>(op, size, call);
    } else if (call.in(0).type() == TensorType::Int8) {
        runStored<qint8, qint32>(op, size, call);
    } else {
        runStored<qint16, qint64>(op, size, call);
    }
    return {};
}

} // namespace ember::model::ops
