// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/ops/op.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

namespace ember::model::ops {
namespace {

struct Plan
{
    std::vector<std::size_t> axes;
    Shape shape;
    bool nothing = false; ///< no axes, which here means: leave it as it is
};

Result<Plan> planOf(const Reduce& op, const Shape& x, const Tensor* axesValue)
{
    Plan plan;
    std::vector<qint64> axes = op.axes;
    if (axesValue) {
        const std::vector<qint64> more = axesValue->toInt64();
        axes.insert(axes.end(), more.begin(), more.end());
    }
    if (axes.empty() && op.noAxesMeansNone) {
        plan.nothing = true;
        plan.shape = x;
        return plan;
    }
    if (axes.empty()) {
        axes.resize(x.size());
        std::iota(axes.begin(), axes.end(), 0);
    }
    EMBER_TRY(plan.axes, axesOf(axes, x.size()));
    for (std::size_t d = 0; d < x.size(); ++d) {
        if (!std::binary_search(plan.axes.begin(), plan.axes.end(), d))
            plan.shape.push_back(x[d]);
        else if (op.keepDimensions)
            plan.shape.push_back(1);
    }
    return plan;
}

// For each element of x, the element of the result that it goes to.
std::vector<qint64> targetsOf(const Shape& x, const std::vector<std::size_t>& axes)
{
    Shape kept = x;
    for (const std::size_t axis : axes)
        kept[axis] = 1;
    return broadcastIndices(kept, x);
}

template <typename Real>
Real startOf(ReduceKind kind)
{
    switch (kind) {
    case ReduceKind::Maximum:
        return -std::numeric_limits<Real>::infinity();
    case ReduceKind::Minimum:
        return std::numeric_limits<Real>::infinity();
    case ReduceKind::Product:
        return 1;
    default:
        return 0;
    }
}

template <typename Real>
Real step(ReduceKind kind, Real sum, Real x)
{
    switch (kind) {
    case ReduceKind::Maximum:
        return std::isnan(x) || x > sum ? x : sum;
    case ReduceKind::Minimum:
        return std::isnan(x) || x < sum ? x : sum;
    case ReduceKind::Product:
        return sum * x;
    case ReduceKind::L1:
        return sum + std::abs(x);
    case ReduceKind::L2:
    case ReduceKind::SumSquare:
        return sum + x * x;
    default:
        return sum + x;
    }
}

// Sums are kept in double, so that their order does not matter, and stored as the type asks.
void reduceReal(const Reduce& op, const Plan& plan, Call& call)
{
    std::vector<double> x = call.in(0).toDouble();
    const std::vector<qint64> targets = targetsOf(call.in(0).shape(), plan.axes);
    std::vector<double> y(static_cast<std::size_t>(call.out().size()), startOf<double>(op.kind));
    std::vector<double> largest;
    if (op.kind == ReduceKind::LogSumExp) {
        largest.assign(y.size(), -std::numeric_limits<double>::infinity());
        for (std::size_t i = 0; i < x.size(); ++i) {
            double& most = largest[static_cast<std::size_t>(targets[i])];
            most = std::max(most, x[i]);
        }
        for (std::size_t i = 0; i < x.size(); ++i) {
            const double most = largest[static_cast<std::size_t>(targets[i])];
            x[i] = std::exp(x[i] - (std::isfinite(most) ? most : 0.0));
        }
    }
    for (std::size_t i = 0; i < x.size(); ++i) {
        double& sum = y[static_cast<std::size_t>(targets[i])];
        sum = step(op.kind, sum, x[i]);
    }
    const double each = y.empty() ? 1.0 : static_cast<double>(x.size()) / static_cast<double>(y.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
        if (op.kind == ReduceKind::Mean)
            y[i] /= each;
        else if (op.kind == ReduceKind::L2)
            y[i] = std::sqrt(y[i]);
        else if (op.kind == ReduceKind::LogSum)
            y[i] = std::log(y[i]);
        else if (op.kind == ReduceKind::LogSumExp)
            y[i] = std::log(y[i]) + (std::isfinite(largest[i]) ? largest[i] : 0.0);
    }
    call.out().assign(std::span<const double>(y));
}

qint64 startOfWhole(ReduceKind kind, TensorType type)
{
    if (kind == ReduceKind::Product)
        return 1;
    const bool isBool = type == TensorType::Bool;
    if (kind == ReduceKind::Maximum)
        return isBool ? 0 : std::numeric_limits<qint64>::min();
    if (kind == ReduceKind::Minimum)
        return isBool ? 1 : std::numeric_limits<qint64>::max();
    return 0;
}

void reduceWhole(const Reduce& op, const Plan& plan, Call& call)
{
    const std::vector<qint64> x = call.in(0).toInt64();
    const std::vector<qint64> targets = targetsOf(call.in(0).shape(), plan.axes);
    std::vector<qint64> y(static_cast<std::size_t>(call.out().size()), startOfWhole(op.kind, call.in(0).type()));
    for (std::size_t i = 0; i < x.size(); ++i) {
        qint64& sum = y[static_cast<std::size_t>(targets[i])];
        const auto ux = static_cast<quint64>(x[i]);
        const auto us = static_cast<quint64>(sum);
        switch (op.kind) {
        case ReduceKind::Maximum:
            sum = std::max(sum, x[i]);
            break;
        case ReduceKind::Minimum:
            sum = std::min(sum, x[i]);
            break;
        case ReduceKind::Product:
            sum = static_cast<qint64>(us * ux);
            break;
        case ReduceKind::L1:
            sum = static_cast<qint64>(us + (x[i] < 0 ? 0 - ux : ux));
            break;
        case ReduceKind::SumSquare:
            sum = static_cast<qint64>(us + ux * ux);
            break;
        default:
            sum = static_cast<qint64>(us + ux);
            break;
        }
    }
    const auto each = static_cast<qint64>(y.empty() ? 1 : std::max<std::size_t>(1, x.size() / y.size()));
    if (op.kind == ReduceKind::Mean) {
        for (qint64& sum : y)
            sum /= each;
    }
    call.out().assign(std::span<const qint64>(y));
}

// Sum and mean of stored numbers: one multiplication with the ratio of the scales, which for a mean holds 1/n too.
void reduceStored(const Reduce& op, const Plan& plan, Call& call)
{
    const Quantisation& in = *call.inputQuantisation[0];
    const Quantisation& out = *call.outputQuantisation[0];
    const std::vector<qint64> x = call.in(0).toInt64();
    const std::vector<qint64> targets = targetsOf(call.in(0).shape(), plan.axes);
    std::vector<qint64> y(static_cast<std::size_t>(call.out().size()), 0);
    for (std::size_t i = 0; i < x.size(); ++i)
        y[static_cast<std::size_t>(targets[i])] += x[i] - in.zeroPoint();
    Multiplier m = makeMultiplier(static_cast<double>(in.scale()) / static_cast<double>(out.scale()), call.rounding);
    const qint64 each = y.empty() ? 1 : std::max<qint64>(1, static_cast<qint64>(x.size() / y.size()));
    if (op.kind == ReduceKind::Mean) {
        int shift = 63 - std::countl_zero(static_cast<quint64>(each));
        shift = std::clamp(std::min(shift, 31 + m.shift), 0, 32);
        m.value = static_cast<qint32>((static_cast<qint64>(m.value) << shift) / each);
        m.shift -= shift;
    }
    const ClampRange range = quantisedRange(Activation::None, out, call.out().type());
    for (qint64& sum : y) {
        // The reference scales the 64-bit sums of 16-bit values in their wide form.
        const qint32 scaled = call.in(0).type() == TensorType::Int16
                                  ? scaleWideBy(sum, m)
                                  : scaleBy(static_cast<qint32>(sum), m, call.rounding);
        sum = std::clamp<qint64>(static_cast<qint64>(scaled) + out.zeroPoint(), range.low, range.high);
    }
    call.out().assign(std::span<const qint64>(y));
}

bool isExtreme(ReduceKind kind)
{
    return kind == ReduceKind::Maximum || kind == ReduceKind::Minimum;
}

} // namespace

Result<Inference> infer(const Reduce& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    const Input& x = context.at(0);
    const Tensor* axes = nullptr;
    if (context.has(1)) {
        EMBER_TRY(const std::vector<qint64> known, knownIntegers(context.at(1), "axes"));
        axes = context.at(1).value;
    }
    EMBER_TRY(Plan plan, planOf(op, x.shape, axes));
    if (x.type == TensorType::String || (x.type == TensorType::Bool && !isExtreme(op.kind)))
        return cannot(QStringLiteral("this reduction of %1").arg(tensorTypeName(x.type)));
    if (isQuantised(x.type, x.quantisation) && !isExtreme(op.kind)) {
        EMBER_CHECK(needType(x, {TensorType::Int8, TensorType::Int16}, "input"));
        if (op.kind != ReduceKind::Sum && op.kind != ReduceKind::Mean)
            return cannot(QStringLiteral("this reduction of integers with scales"));
        if (context.declared.empty() || !context.declared[0] || !context.declared[0]->quantisation)
            return bad(QStringLiteral("an integer operation without a scale for its result"));
    }
    return one(x.type, std::move(plan.shape));
}

Status evaluate(const Reduce& op, Call& call)
{
    const Tensor& x = call.in(0);
    EMBER_TRY(const Plan plan, planOf(op, x.shape(), call.has(1) ? call.inputs[1] : nullptr));
    if (plan.nothing) {
        call.out() = x;
        return {};
    }
    const bool stored = isQuantised(x.type(), call.inputQuantisation[0]);
    const bool viaReal = op.kind == ReduceKind::LogSum || op.kind == ReduceKind::LogSumExp || op.kind == ReduceKind::L2;
    if (stored && !isExtreme(op.kind))
        reduceStored(op, plan, call);
    else if (isFloat(x.type()) || viaReal)
        reduceReal(op, plan, call);
    else
        reduceWhole(op, plan, call);
    return {};
}

Result<Inference> infer(const ArgExtreme& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    Shape shape = context.at(0).shape;
    EMBER_TRY(const std::size_t axis, axisOf(op.axis, shape.size()));
    if (context.at(0).type == TensorType::String)
        return cannot(QStringLiteral("the largest of texts"));
    if (shape[axis] == 0)
        return bad(QStringLiteral("the largest of no elements"));
    if (op.keepDimensions)
        shape[axis] = 1;
    else
        shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
    return one(op.indexType, std::move(shape));
}

Status evaluate(const ArgExtreme& op, Call& call)
{
    const Tensor& x = call.in(0);
    EMBER_TRY(const std::size_t axis, axisOf(op.axis, x.rank()));
    const std::vector<double> values = x.toDouble();
    const qint64 size = x.shape()[axis];
    const qint64 inner = product(x.shape(), axis + 1, x.rank());
    std::vector<qint64> result;
    for (qint64 o = 0; o < product(x.shape(), 0, axis); ++o) {
        for (qint64 i = 0; i < inner; ++i) {
            const auto at = [&](qint64 k) { return values[static_cast<std::size_t>((o * size + k) * inner + i)]; };
            qint64 best = 0;
            for (qint64 k = 1; k < size; ++k) {
                const bool better = op.maximum ? at(k) > at(best) : at(k) < at(best);
                if (better || (op.last && at(k) == at(best)))
                    best = k;
            }
            result.push_back(best);
        }
    }
    call.out().assign(std::span<const qint64>(result));
    return {};
}

Result<Inference> infer(const CumulativeSum&, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 2));
    EMBER_TRY(const std::vector<qint64> axis, knownIntegers(context.at(1), "axis"));
    if (axis.size() != 1)
        return bad(QStringLiteral("%1 axes").arg(axis.size()));
    EMBER_TRY(const std::size_t found, axisOf(axis[0], context.at(0).shape.size()));
    Q_UNUSED(found)
    if (context.at(0).type == TensorType::String || context.at(0).type == TensorType::Bool)
        return cannot(QStringLiteral("sums of %1").arg(tensorTypeName(context.at(0).type)));
    return one(context.at(0).type, context.at(0).shape);
}

Status evaluate(const CumulativeSum& op, Call& call)
{
    const Tensor& x = call.in(0);
    EMBER_TRY(const std::size_t axis, axisOf(call.in(1).toInt64()[0], x.rank()));
    std::vector<double> values = x.toDouble();
    const qint64 size = x.shape()[axis];
    const qint64 inner = product(x.shape(), axis + 1, x.rank());
    for (qint64 o = 0; o < product(x.shape(), 0, axis); ++o) {
        for (qint64 i = 0; i < inner; ++i) {
            double sum = 0;
            for (qint64 k = 0; k < size; ++k) {
                const qint64 place = op.reverse ? size - 1 - k : k;
                double& value = values[static_cast<std::size_t>((o * size + place) * inner + i)];
                const double before = sum;
                sum += value;
                value = op.exclusive ? before : sum;
            }
        }
    }
    call.out().assign(std::span<const double>(values));
    return {};
}

Result<Inference> infer(const TopK& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 2));
    Shape shape = context.at(0).shape;
    EMBER_TRY(const std::size_t axis, axisOf(op.axis, shape.size()));
    EMBER_TRY(const std::vector<qint64> k, knownIntegers(context.at(1), "number of winners"));
    if (k.size() != 1 || k[0] < 0 || k[0] > shape[axis])
        return bad(QStringLiteral("more winners than the %1 elements").arg(shape[axis]));
    if (context.at(0).type == TensorType::String)
        return cannot(QStringLiteral("the largest of texts"));
    shape[axis] = k[0];
    Inference inference = one(context.at(0).type, shape);
    inference.outputs.push_back({op.indexType, std::move(shape)});
    return inference;
}

Status evaluate(const TopK& op, Call& call)
{
    const Tensor& x = call.in(0);
    EMBER_TRY(const std::size_t axis, axisOf(op.axis, x.rank()));
    const std::vector<double> values = x.toDouble();
    const qint64 size = x.shape()[axis];
    const qint64 inner = product(x.shape(), axis + 1, x.rank());
    const qint64 k = call.out().shape()[axis];
    std::vector<double> best(static_cast<std::size_t>(call.out().size()));
    std::vector<qint64> places(best.size());
    std::vector<qint64> order(static_cast<std::size_t>(size));
    for (qint64 o = 0; o < product(x.shape(), 0, axis); ++o) {
        for (qint64 i = 0; i < inner; ++i) {
            const auto at = [&](qint64 j) { return values[static_cast<std::size_t>((o * size + j) * inner + i)]; };
            std::iota(order.begin(), order.end(), 0);
            std::stable_sort(order.begin(), order.end(),
                             [&](qint64 a, qint64 b) { return op.largest ? at(a) > at(b) : at(a) < at(b); });
            for (qint64 j = 0; j < k; ++j) {
                const auto to = static_cast<std::size_t>((o * k + j) * inner + i);
                places[to] = order[static_cast<std::size_t>(j)];
                best[to] = at(places[to]);
            }
        }
    }
    call.out(0).assign(std::span<const double>(best));
    call.out(1).assign(std::span<const qint64>(places));
    return {};
}

} // namespace ember::model::ops
