// SPDX-License-Identifier: GPL-3.0-or-later
// Between reals and stored integers.
#include "core/model/ops/accumulate.h"
#include "core/model/ops/matmul.h"

#include <algorithm>
#include <cmath>

namespace ember::model::ops {
namespace {

struct Limits
{
    double low = 0;
    double high = 0;
};

Limits limitsOf(TensorType type)
{
    switch (type) {
    case TensorType::Int8:
        return {-128, 127};
    case TensorType::UInt8:
        return {0, 255};
    case TensorType::Int16:
        return {-32768, 32767};
    case TensorType::UInt16:
        return {0, 65535};
    default:
        return {-2147483648.0, 2147483647.0};
    }
}

const Quantisation* declaredOf(const InferContext& context)
{
    const ValueInfo* out = context.declared.empty() ? nullptr : context.declared[0];
    return out && out->quantisation ? &*out->quantisation : nullptr;
}

constexpr std::initializer_list<TensorType> kStored = {TensorType::Int8, TensorType::UInt8, TensorType::Int16,
                                                       TensorType::UInt16, TensorType::Int32};

} // namespace

Result<Inference> infer(const Requantise&, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    const Input& x = context.at(0);
    if (context.declared.empty() || !context.declared[0])
        return bad(QStringLiteral("the result of a quantisation has no type"));
    const TensorType to = context.declared[0]->type;
    const bool fromReal = x.type == TensorType::Float32;
    const bool toReal = to == TensorType::Float32;
    if (!fromReal)
        EMBER_CHECK(needType(x, kStored, "input"));
    if ((!fromReal && !x.quantisation) || (!toReal && !declaredOf(context)) || (fromReal && toReal))
        return bad(QStringLiteral("a quantisation from %1 to %2 without scales")
                       .arg(tensorTypeName(x.type), tensorTypeName(to)));
    if (!toReal && std::find(kStored.begin(), kStored.end(), to) == kStored.end())
        return cannot(QStringLiteral("a quantisation to %1").arg(tensorTypeName(to)));
    if ((!fromReal && x.quantisation->perChannel()) || (!toReal && declaredOf(context)->perChannel()))
        return cannot(QStringLiteral("a quantisation with a scale for each channel"));
    return one(to, x.shape);
}

Status evaluate(const Requantise&, Call& call)
{
    const Tensor& x = call.in(0);
    Tensor& y = call.out();
    const Limits limits = limitsOf(y.type());
    if (x.type() == TensorType::Float32) {
        const Quantisation& out = *call.outputQuantisation[0];
        std::vector<double> values(static_cast<std::size_t>(x.size()));
        const std::span<const float> from = x.as<float>();
        for (std::size_t i = 0; i < values.size(); ++i) {
            const double rounded = static_cast<double>(std::round(from[i] / out.scale())) + out.zeroPoint();
            values[i] = std::isnan(rounded) ? limits.low : std::clamp(rounded, limits.low, limits.high);
        }
        y.assign(std::span<const double>(values));
        return {};
    }
    const Quantisation& in = *call.inputQuantisation[0];
    std::vector<qint64> stored = x.toInt64();
    if (y.type() == TensorType::Float32) {
        const std::span<float> to = y.as<float>();
        for (std::size_t i = 0; i < stored.size(); ++i)
            to[i] =
                static_cast<float>(static_cast<double>(in.scale()) * static_cast<double>(stored[i] - in.zeroPoint()));
        return {};
    }
    const Quantisation& out = *call.outputQuantisation[0];
    const Multiplier m =
        makeMultiplier(static_cast<double>(in.scale()) / static_cast<double>(out.scale()), call.rounding);
    for (qint64& value : stored) {
        const auto centred =
            static_cast<qint32>(std::clamp<qint64>(value - in.zeroPoint(), -2147483648LL, 2147483647LL));
        value = std::clamp<qint64>(static_cast<qint64>(scaleBy(centred, m, call.rounding)) + out.zeroPoint(),
                                   static_cast<qint64>(limits.low), static_cast<qint64>(limits.high));
    }
    y.assign(std::span<const qint64>(stored));
    return {};
}

namespace {

// Which scale each element has: one, one per index of the axis, or one per block along it.
Result<std::vector<qint64>> scalePlaces(const Shape& x, const Shape& scale, qint64 axis, qint64 blockSize)
{
    if (product(scale) == 1)
        return std::vector<qint64>(static_cast<std::size_t>(product(x)), 0);
    EMBER_TRY(const std::size_t at, axisOf(axis, x.size()));
    std::vector<qint64> places;
    if (blockSize > 0) {
        Shape expected = x;
        expected[at] = (x[at] + blockSize - 1) / blockSize;
        if (scale != expected)
            return bad(QStringLiteral("scales of %1 for %2 in blocks of %3")
                           .arg(shapeText(scale), shapeText(x))
                           .arg(blockSize));
        const std::vector<qint64> strides = stridesOf(scale);
        forEachIndex(x, [&](const std::vector<qint64>& index) {
            qint64 place = 0;
            for (std::size_t d = 0; d < index.size(); ++d)
                place += (d == at ? index[d] / blockSize : index[d]) * strides[d];
            places.push_back(place);
        });
        return places;
    }
    if (scale.size() != 1 || scale[0] != x[at])
        return bad(QStringLiteral("scales of %1 along axis %2 of %3").arg(shapeText(scale)).arg(at).arg(shapeText(x)));
    forEachIndex(x, [&](const std::vector<qint64>& index) { places.push_back(index[at]); });
    return places;
}

Status checkScale(const InferContext& context, std::size_t scale, std::size_t zero)
{
    EMBER_CHECK(needType(context.at(scale), {TensorType::Float32}, "scale"));
    if (context.has(zero)) {
        EMBER_CHECK(needType(context.at(zero), kStored, "zero point"));
        if (context.at(zero).size() != context.at(scale).size())
            return bad(QStringLiteral("%1 zero points for %2 scales")
                           .arg(context.at(zero).size())
                           .arg(context.at(scale).size()));
    }
    return {};
}

Status checkPlaces(const InferContext& context, qint64 axis, qint64 blockSize)
{
    EMBER_TRY(const qint64 count, elementCount(context.at(0).shape));
    Q_UNUSED(count)
    EMBER_TRY(const std::vector<qint64> places, scalePlaces(context.at(0).shape, context.at(1).shape, axis, blockSize));
    Q_UNUSED(places)
    return {};
}

float roundHalfEven(float x)
{
    return std::nearbyint(x);
}

double stored(float rounded, qint64 zero, const Limits& limits)
{
    const double value = static_cast<double>(rounded) + static_cast<double>(zero);
    return std::isnan(value) ? static_cast<double>(zero) : std::clamp(value, limits.low, limits.high);
}

} // namespace

Result<Inference> infer(const QuantizeLinear& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 2));
    EMBER_CHECK(needType(context.at(0), {TensorType::Float32, TensorType::Int32}, "input"));
    EMBER_CHECK(checkScale(context, 1, 2));
    EMBER_CHECK(checkPlaces(context, op.axis, op.blockSize));
    return one(context.has(2) ? context.at(2).type : op.type, context.at(0).shape);
}

Status evaluate(const QuantizeLinear& op, Call& call)
{
    EMBER_TRY(const std::vector<qint64> places,
              scalePlaces(call.in(0).shape(), call.in(1).shape(), op.axis, op.blockSize));
    const std::vector<float> x = call.in(0).toFloat();
    const std::span<const float> scale = call.in(1).as<float>();
    const std::vector<qint64> zero = call.has(2) ? call.in(2).toInt64() : std::vector<qint64>(scale.size(), 0);
    const Limits limits = limitsOf(call.out().type());
    std::vector<double> y(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        const auto at = static_cast<std::size_t>(places[i]);
        y[i] = stored(roundHalfEven(x[i] / scale[at]), zero[at], limits);
    }
    call.out().assign(std::span<const double>(y));
    return {};
}

Result<Inference> infer(const DequantizeLinear& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 2));
    EMBER_CHECK(needType(context.at(0), kStored, "input"));
    EMBER_CHECK(checkScale(context, 1, 2));
    EMBER_CHECK(checkPlaces(context, op.axis, op.blockSize));
    return one(TensorType::Float32, context.at(0).shape);
}

Status evaluate(const DequantizeLinear& op, Call& call)
{
    EMBER_TRY(const std::vector<qint64> places,
              scalePlaces(call.in(0).shape(), call.in(1).shape(), op.axis, op.blockSize));
    const std::vector<qint64> x = call.in(0).toInt64();
    const std::span<const float> scale = call.in(1).as<float>();
    const std::vector<qint64> zero = call.has(2) ? call.in(2).toInt64() : std::vector<qint64>(scale.size(), 0);
    const std::span<float> y = call.out().as<float>();
    for (std::size_t i = 0; i < x.size(); ++i) {
        const auto at = static_cast<std::size_t>(places[i]);
        y[i] = static_cast<float>(x[i] - zero[at]) * scale[at];
    }
    return {};
}

Result<Inference> infer(const DynamicQuantizeLinear&, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    EMBER_CHECK(needType(context.at(0), {TensorType::Float32}, "input"));
    Inference inference = one(TensorType::UInt8, context.at(0).shape);
    inference.outputs.push_back({TensorType::Float32, {}});
    inference.outputs.push_back({TensorType::UInt8, {}});
    return inference;
}

Status evaluate(const DynamicQuantizeLinear&, Call& call)
{
    const std::span<const float> x = call.in(0).as<float>();
    float low = 0, high = 0;
    for (const float value : x) {
        low = std::min(low, value);
        high = std::max(high, value);
    }
    const float scale = (high - low) / 255.0f;
    const float zero = scale > 0 ? roundHalfEven(std::clamp(-low / scale, 0.0f, 255.0f)) : 0.0f;
    std::vector<double> y(x.size());
    for (std::size_t i = 0; i < x.size(); ++i)
        y[i] = scale > 0 ? stored(roundHalfEven(x[i] / scale), static_cast<qint64>(zero), {0, 255}) : 0.0;
    call.out(0).assign(std::span<const double>(y));
    call.out(1).assign(std::span<const float>(&scale, 1));
    call.out(2).assign(std::span<const float>(&zero, 1));
    return {};
}

namespace {

constexpr std::initializer_list<TensorType> kBytes = {TensorType::Int8, TensorType::UInt8};

Status needBytes(const Input& x, const char* what)
{
    return needType(x, kBytes, what);
}

// A parameter with one element for all, or one for each of `count`.
Status needOneOrEach(const InferContext& context, std::size_t index, qint64 count)
{
    if (context.has(index) && context.at(index).size() != 1 && context.at(index).size() != count)
        return bad(QStringLiteral("%1 parameters for %2 channels").arg(context.at(index).size()).arg(count));
    return {};
}

qint64 zeroAt(const Call& call, std::size_t input, qint64 index)
{
    if (!call.has(input))
        return 0;
    const std::vector<qint64> zero = call.in(input).toInt64();
    return zero[zero.size() == 1 ? 0 : static_cast<std::size_t>(index)];
}

// Elements minus zero points that repeat every `period` elements of `run`.
std::vector<qint32> centred(const Tensor& x, const Call& call, std::size_t zero, qint64 run, qint64 period)
{
    const std::vector<qint64> values = x.toInt64();
    const std::vector<qint64> zeros = call.has(zero) ? call.in(zero).toInt64() : std::vector<qint64>{0};
    std::vector<qint32> result(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t at = zeros.size() == 1 ? 0 : static_cast<std::size_t>(static_cast<qint64>(i) / run % period);
        result[i] = static_cast<qint32>(values[i] - zeros[at]);
    }
    return result;
}

struct IntegerConv
{
    Volume in;
    Walk walk;
    qint64 outChannels = 0;
    qint64 groups = 1;
};

Result<IntegerConv> integerConvOf(const Window& window, qint64 groups, const Shape& x, const Shape& w)
{
    IntegerConv conv;
    conv.groups = groups;
    EMBER_TRY(conv.in, volumeOf(x, Layout::ChannelsFirst));
    if (w.size() != x.size() || groups < 1 || w[0] < 1 || w[0] % groups != 0 ||
        conv.in.channels != saturatedProduct(w[1], groups))
        return bad(QStringLiteral("weights of %1 for an input of %2").arg(shapeText(w), shapeText(x)));
    conv.outChannels = w[0];
    EMBER_TRY(conv.walk, walkOf(window, {w.begin() + 2, w.end()}, conv.in));
    return conv;
}

// Sums in N,C,cells order.
std::vector<qint64> integerSums(const IntegerConv& c, const Call& call, std::size_t xIn, std::size_t xZero,
                                std::size_t wIn, std::size_t wZero)
{
    const Tensor& x = call.in(xIn);
    const Tensor& w = call.in(wIn);
    const std::vector<qint32> flatX = centred(x, call, xZero, x.size() + 1, 1);
    const std::vector<qint32> flatW =
        centred(w, call, wZero, std::max<qint64>(1, w.size() / c.outChannels), c.outChannels);
    const std::vector<qint32> lastX = toChannelsLast<qint32>(flatX, c.in.batch, c.in.channels, c.in.cells());
    const std::vector<qint32> lastW =
        toChannelsLast<qint32>(flatW, c.outChannels, c.in.channels / c.groups, c.walk.taps());
    std::vector<qint64> sums(static_cast<std::size_t>(c.in.batch * c.outChannels * c.walk.outputs()));
    convolve<qint64>(c.in, c.walk, c.outChannels, c.groups, lastX.data(), lastW.data(),
                     [&](qint64 at, qint64, qint64 sum) { sums[static_cast<std::size_t>(at)] = sum; });
    std::vector<qint64> result(sums.size());
    toChannelsFirst<qint64>(sums, c.in.batch, c.outChannels, c.walk.outputs(), result);
    return result;
}

qint64 macsOf(const IntegerConv& c)
{
    return saturatedProduct(saturatedProduct(c.in.batch * c.outChannels, c.walk.outputs()),
                            saturatedProduct(c.walk.taps(), c.in.channels / c.groups));
}

} // namespace

Result<Inference> infer(const ConvInteger& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 2));
    EMBER_CHECK(needBytes(context.at(0), "input"));
    EMBER_CHECK(needBytes(context.at(1), "weights"));
    EMBER_TRY(const IntegerConv c, integerConvOf(op.window, op.groups, context.at(0).shape, context.at(1).shape));
    EMBER_CHECK(needOneOrEach(context, 2, 1));
    EMBER_CHECK(needOneOrEach(context, 3, c.outChannels));
    return one(TensorType::Int32, shapeLike(context.at(0).shape, Layout::ChannelsFirst, c.walk.output, c.outChannels),
               macsOf(c));
}

Status evaluate(const ConvInteger& op, Call& call)
{
    EMBER_TRY(const IntegerConv c, integerConvOf(op.window, op.groups, call.in(0).shape(), call.in(1).shape()));
    call.out().assign(std::span<const qint64>(integerSums(c, call, 0, 2, 1, 3)));
    return {};
}

Result<Inference> infer(const QLinearConv& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 8));
    EMBER_CHECK(needBytes(context.at(0), "input"));
    EMBER_CHECK(needBytes(context.at(3), "weights"));
    EMBER_CHECK(needBytes(context.at(7), "zero point of the result"));
    for (const std::size_t scale : {1, 4, 6})
        EMBER_CHECK(needType(context.at(scale), {TensorType::Float32}, "scale"));
    EMBER_TRY(const IntegerConv c, integerConvOf(op.window, op.groups, context.at(0).shape, context.at(3).shape));
    for (const std::size_t single : {1, 2, 6, 7})
        EMBER_CHECK(needOneOrEach(context, single, 1));
    EMBER_CHECK(needOneOrEach(context, 4, c.outChannels));
    EMBER_CHECK(needOneOrEach(context, 5, c.outChannels));
    if (context.has(8) && (context.at(8).type != TensorType::Int32 || context.at(8).size() != c.outChannels))
        return bad(QStringLiteral("a bias of %1 for %2 channels").arg(context.at(8).size()).arg(c.outChannels));
    return one(context.at(7).type, shapeLike(context.at(0).shape, Layout::ChannelsFirst, c.walk.output, c.outChannels),
               macsOf(c));
}

Status evaluate(const QLinearConv& op, Call& call)
{
    EMBER_TRY(const IntegerConv c, integerConvOf(op.window, op.groups, call.in(0).shape(), call.in(3).shape()));
    const std::vector<qint64> sums = integerSums(c, call, 0, 2, 3, 5);
    const std::span<const float> wScale = call.in(4).as<float>();
    const float inOverOut = call.in(1).as<float>()[0];
    const float out = call.in(6).as<float>()[0];
    const std::vector<qint64> bias = call.has(8) ? call.in(8).toInt64() : std::vector<qint64>();
    const qint64 zero = zeroAt(call, 7, 0);
    const Limits limits = limitsOf(call.out().type());
    std::vector<double> y(sums.size());
    for (std::size_t i = 0; i < sums.size(); ++i) {
        const auto channel = static_cast<std::size_t>(static_cast<qint64>(i) / c.walk.outputs() % c.outChannels);
        const float scale = inOverOut * wScale[wScale.size() == 1 ? 0 : channel] / out;
        const qint64 sum = bias.empty() ? sums[i] : sums[i] + bias[channel];
        y[i] = stored(roundHalfEven(static_cast<float>(sum) * scale), zero, limits);
    }
    call.out().assign(std::span<const double>(y));
    return {};
}

namespace {

std::vector<qint64> matrixSums(const MatMulPlan& plan, const Call& call, std::size_t a, std::size_t aZero,
                               std::size_t b, std::size_t bZero)
{
    const std::vector<qint32> left = centred(call.in(a), call, aZero, std::max<qint64>(1, plan.inner), plan.rows);
    const std::vector<qint32> right = centred(call.in(b), call, bZero, 1, std::max<qint64>(1, plan.columns));
    std::vector<qint64> sums(static_cast<std::size_t>(product(plan.shape)));
    multiplyMatrices(plan, false, false, left.data(), right.data(), sums.data());
    return sums;
}

} // namespace

Result<Inference> infer(const MatMulInteger&, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 2));
    EMBER_CHECK(needBytes(context.at(0), "input"));
    EMBER_CHECK(needBytes(context.at(1), "weights"));
    EMBER_TRY(MatMulPlan plan, planMatMul(context.at(0).shape, context.at(1).shape, false, false));
    EMBER_CHECK(needOneOrEach(context, 2, plan.rows));
    EMBER_CHECK(needOneOrEach(context, 3, plan.columns));
    return one(TensorType::Int32, std::move(plan.shape), plan.macs);
}

Status evaluate(const MatMulInteger&, Call& call)
{
    EMBER_TRY(const MatMulPlan plan, planMatMul(call.in(0).shape(), call.in(1).shape(), false, false));
    call.out().assign(std::span<const qint64>(matrixSums(plan, call, 0, 2, 1, 3)));
    return {};
}

Result<Inference> infer(const QLinearMatMul&, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 8));
    EMBER_CHECK(needBytes(context.at(0), "input"));
    EMBER_CHECK(needBytes(context.at(3), "weights"));
    EMBER_CHECK(needBytes(context.at(7), "zero point of the result"));
    for (const std::size_t scale : {1, 4, 6})
        EMBER_CHECK(needType(context.at(scale), {TensorType::Float32}, "scale"));
    EMBER_TRY(MatMulPlan plan, planMatMul(context.at(0).shape, context.at(3).shape, false, false));
    for (const std::size_t single : {6, 7})
        EMBER_CHECK(needOneOrEach(context, single, 1));
    for (const std::size_t perRow : {1, 2})
        EMBER_CHECK(needOneOrEach(context, perRow, plan.rows));
    for (const std::size_t perColumn : {4, 5})
        EMBER_CHECK(needOneOrEach(context, perColumn, plan.columns));
    return one(context.at(7).type, std::move(plan.shape), plan.macs);
}

Status evaluate(const QLinearMatMul&, Call& call)
{
    EMBER_TRY(const MatMulPlan plan, planMatMul(call.in(0).shape(), call.in(3).shape(), false, false));
    const std::vector<qint64> sums = matrixSums(plan, call, 0, 2, 3, 5);
    const std::span<const float> aScale = call.in(1).as<float>();
    const std::span<const float> bScale = call.in(4).as<float>();
    const float out = call.in(6).as<float>()[0];
    const qint64 zero = zeroAt(call, 7, 0);
    const Limits limits = limitsOf(call.out().type());
    std::vector<double> y(sums.size());
    for (std::size_t i = 0; i < sums.size(); ++i) {
        const auto column = static_cast<std::size_t>(static_cast<qint64>(i) % plan.columns);
        const auto row = static_cast<std::size_t>(static_cast<qint64>(i) / plan.columns % plan.rows);
        const float scale = aScale[aScale.size() == 1 ? 0 : row] * bScale[bScale.size() == 1 ? 0 : column] / out;
        y[i] = stored(roundHalfEven(static_cast<float>(sums[i]) * scale), zero, limits);
    }
    call.out().assign(std::span<const double>(y));
    return {};
}

} // namespace ember::model::ops
