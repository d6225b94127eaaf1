// SPDX-License-Identifier: GPL-3.0-or-later
// Singular value decomposition filters: Nakkiran et al., "Compressing Deep Neural Networks using a Rank-Constrained
// Topology" (Interspeech 2015); integers as TensorFlow Lite Micro computes them.
#include "core/model/ops/accumulate.h"

#include <algorithm>
#include <limits>

namespace ember::model::ops {
namespace {

enum Inputs : std::size_t
{
    kX,
    kFeature,
    kTime,
    kBias,
    kState
};

struct Sizes
{
    qint64 batch = 0, in = 0, filters = 0, units = 0, memory = 0;
};

Result<Sizes> sizesOf(const Svdf& op, const Shape& x, const Shape& feature, const Shape& time, const Shape& state)
{
    if (x.size() != 2 || feature.size() != 2 || time.size() != 2 || op.rank < 1 || feature[1] != x[1] ||
        time[0] != feature[0] || feature[0] % op.rank != 0 || time[1] < 1 || feature[0] < 1 ||
        product(state) != saturatedProduct(saturatedProduct(x[0], time[0]), time[1]))
        return bad(
            QStringLiteral("a filter of %1 and %2 for %3").arg(shapeText(feature), shapeText(time), shapeText(x)));
    return Sizes{x[0], x[1], feature[0], feature[0] / op.rank, time[1]};
}

// The oldest column goes, and there is room for the newest at the end.
template <typename T>
void shiftState(std::span<T> state)
{
    std::copy(state.begin() + 1, state.end(), state.begin());
}

void runReal(const Svdf& op, const Sizes& s, Call& call)
{
    const std::span<float> state = call.states[kState]->as<float>();
    const std::span<const float> time = call.in(kTime).as<float>();
    shiftState(state);
    for (qint64 b = 0; b < s.batch; ++b) {
        float* own = state.data() + b * s.filters * s.memory;
        for (qint64 f = 0; f < s.filters; ++f)
            own[f * s.memory + s.memory - 1] = dot<float>(call.in(kX).as<float>().data() + b * s.in,
                                                          call.in(kFeature).as<float>().data() + f * s.in, s.in);
        for (qint64 u = 0; u < s.units; ++u) {
            float sum = call.has(kBias) ? call.in(kBias).as<float>()[static_cast<std::size_t>(u)] : 0.0f;
            for (qint64 f = u * op.rank; f < (u + 1) * op.rank; ++f)
                sum += dot<float>(own + f * s.memory, time.data() + f * s.memory, s.memory);
            call.out().as<float>()[static_cast<std::size_t>(b * s.units + u)] = activated(op.activation, sum);
        }
    }
}

template <typename T>
void runStored(const Svdf& op, const Sizes& s, Call& call)
{
    const auto scale = [&call](std::size_t i) { return static_cast<double>(call.inputQuantisation[i]->scale()); };
    const Quantisation& out = *call.outputQuantisation[0];
    const Multiplier toState = makeMultiplier(scale(kX) * scale(kFeature) / scale(kState), call.rounding);
    const Multiplier toOut =
        makeMultiplier(scale(kState) * scale(kTime) / static_cast<double>(out.scale()), call.rounding);
    const qint32 stateZero = call.inputQuantisation[kState]->zeroPoint();
    const std::vector<qint16> x = widened<qint16>(call.in(kX).as<qint8>(), call.inputQuantisation[kX]->zeroPoint());
    const std::span<const qint8> feature = call.in(kFeature).as<qint8>();
    const std::span<const T> time = call.in(kTime).as<T>();
    const std::span<T> state = call.states[kState]->as<T>();
    const std::vector<qint64> bias = call.has(kBias) ? call.in(kBias).toInt64() : std::vector<qint64>();
    shiftState(state);
    for (qint64 b = 0; b < s.batch; ++b) {
        T* own = state.data() + b * s.filters * s.memory;
        for (qint64 f = 0; f < s.filters; ++f) {
            const qint64 sum = dot<qint64>(x.data() + b * s.in, feature.data() + f * s.in, s.in);
            const qint64 value =
                static_cast<qint64>(scaleBy(static_cast<qint32>(sum), toState, call.rounding)) + stateZero;
            own[f * s.memory + s.memory - 1] =
                static_cast<T>(std::clamp<qint64>(value, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
        }
        for (qint64 u = 0; u < s.units; ++u) {
            qint64 sum = bias.empty() ? 0 : bias[static_cast<std::size_t>(u)];
            for (qint64 k = u * op.rank * s.memory; k < (u + 1) * op.rank * s.memory; ++k)
                sum += static_cast<qint64>(time[static_cast<std::size_t>(k)]) * (own[k] - stateZero);
            const qint64 value =
                static_cast<qint64>(scaleBy(static_cast<qint32>(sum), toOut, call.rounding)) + out.zeroPoint();
            call.out().as<qint8>()[static_cast<std::size_t>(b * s.units + u)] =
                static_cast<qint8>(std::clamp<qint64>(value, -128, 127));
        }
    }
}

Status checkStored(const InferContext& context)
{
    EMBER_CHECK(needType(context.at(kX), {TensorType::Int8}, "input"));
    EMBER_CHECK(needType(context.at(kFeature), {TensorType::Int8}, "weights"));
    EMBER_CHECK(needType(context.at(kTime), {TensorType::Int8, TensorType::Int16}, "time weights"));
    EMBER_CHECK(needSameType(context.at(kTime), context.at(kState)));
    for (const std::size_t i : {kFeature, kTime, kState}) {
        if (!context.at(i).quantisation || context.at(i).quantisation->perChannel())
            return bad(QStringLiteral("an integer filter without one scale for each input"));
    }
    const ValueInfo* out = context.declared.empty() ? nullptr : context.declared[0];
    if (!out || !out->quantisation || out->type != TensorType::Int8)
        return bad(QStringLiteral("an integer filter without a scale for its result"));
    if (context.at(kX).shape[1] > kMaxInt8Sum)
        return cannot(QStringLiteral("sums of %1 products").arg(context.at(kX).shape[1]));
    return {};
}

} // namespace

Result<Inference> infer(const Svdf& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 3));
    if (!context.has(kState))
        return bad(QStringLiteral("a filter without state"));
    EMBER_TRY(const Sizes s, sizesOf(op, context.at(kX).shape, context.at(kFeature).shape, context.at(kTime).shape,
                                     context.at(kState).shape));
    if (context.has(kBias) && context.at(kBias).size() != s.units)
        return bad(QStringLiteral("a bias of %1 for %2 units").arg(context.at(kBias).size()).arg(s.units));
    if (isQuantisedLayer(context)) {
        EMBER_CHECK(checkStored(context));
    } else {
        for (const std::size_t i : {kX, kFeature, kTime, kState})
            EMBER_CHECK(needType(context.at(i), {TensorType::Float32}, "input"));
    }
    if (context.has(kBias))
        EMBER_CHECK(
            needType(context.at(kBias), {isQuantisedLayer(context) ? TensorType::Int32 : TensorType::Float32}, "bias"));
    return one(context.at(kX).type, {s.batch, s.units}, saturatedProduct(s.batch * s.filters, s.in + s.memory));
}

Status evaluate(const Svdf& op, Call& call)
{
    if (call.states.size() <= kState || !call.states[kState])
        return bad(QStringLiteral("the state of a filter is not kept"));
    EMBER_TRY(const Sizes s, sizesOf(op, call.in(kX).shape(), call.in(kFeature).shape(), call.in(kTime).shape(),
                                     call.states[kState]->shape()));
    if (!isQuantisedLayer(call))
        runReal(op, s, call);
    else if (call.in(kTime).type() == TensorType::Int16)
        runStored<qint16>(op, s, call);
    else
        runStored<qint8>(op, s, call);
    return {};
}

} // namespace ember::model::ops
