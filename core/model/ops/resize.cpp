// SPDX-License-Identifier: GPL-3.0-or-later
// Resize of ONNX (versions 10 to 19): every axis is resampled by itself with the weights of its neighbours.
#include "core/model/ops/op.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ember::model::ops {
namespace {

struct AxisPlan
{
    std::size_t axis = 0;
    qint64 from = 1;
    qint64 to = 1;
    double scale = 1;
    double begin = 0; ///< region of interest, as shares
    double end = 1;
};

struct Plan
{
    std::vector<AxisPlan> axes;
    Shape shape;
};

Result<std::vector<std::size_t>> wantedAxes(const Resize& op, std::size_t rank)
{
    std::vector<std::size_t> axes(rank);
    std::iota(axes.begin(), axes.end(), 0);
    if (op.axes.empty())
        return axes;
    axes.clear();
    EMBER_TRY(const std::vector<std::size_t> sorted, axesOf(op.axes, rank));
    Q_UNUSED(sorted)
    for (const qint64 axis : op.axes) {
        EMBER_TRY(const std::size_t found, axisOf(axis, rank));
        axes.push_back(found);
    }
    return axes;
}

// One ratio for all axes, so that the picture keeps its shape.
void keepAspect(const Resize& op, std::vector<AxisPlan>& axes)
{
    if (op.policy == AspectPolicy::Stretch)
        return;
    double ratio = axes.empty() ? 1 : axes[0].scale;
    for (const AxisPlan& a : axes)
        ratio = op.policy == AspectPolicy::NotLarger ? std::min(ratio, a.scale) : std::max(ratio, a.scale);
    for (AxisPlan& a : axes) {
        a.scale = ratio;
        a.to = static_cast<qint64>(std::floor(ratio * static_cast<double>(a.from) + 0.5));
    }
}

Result<Plan> planOf(const Resize& op, const Shape& x, const Tensor* roi, const Tensor* scales, const Tensor* sizes)
{
    Plan plan;
    plan.shape = x;
    EMBER_TRY(const std::vector<std::size_t> axes, wantedAxes(op, x.size()));
    const bool bySize = sizes && sizes->size() > 0;
    const Tensor* given = bySize ? sizes : scales;
    if (!given || given->size() != static_cast<qint64>(axes.size()) || given->type() == TensorType::String)
        return bad(QStringLiteral("a resize without a scale or size for each axis"));
    const std::vector<double> values = given->toDouble();
    const bool crops = op.origin == ResizeOrigin::CropAndResize;
    if (crops && (!roi || roi->size() != 2 * static_cast<qint64>(axes.size()) || !isFloat(roi->type())))
        return bad(QStringLiteral("a crop without its region"));
    for (std::size_t i = 0; i < axes.size(); ++i) {
        AxisPlan a{axes[i], x[axes[i]], 1, values[i], 0, 1};
        if (crops) {
            a.begin = roi->toDouble()[i];
            a.end = roi->toDouble()[i + axes.size()];
        }
        if (!std::isfinite(values[i]) || values[i] <= 0 || values[i] > static_cast<double>(kMaxTensorElements) ||
            a.from < 1)
            return bad(QStringLiteral("a resize of %1 by %2").arg(a.from).arg(values[i]));
        if (bySize) {
            a.to = static_cast<qint64>(values[i]);
            a.scale = values[i] / static_cast<double>(a.from);
        } else {
            const double extent = crops ? static_cast<double>(a.from) * (a.end - a.begin) : static_cast<double>(a.from);
            a.to = static_cast<qint64>(std::clamp(std::floor(extent * values[i]), 0.0, 1e12));
        }
        plan.axes.push_back(a);
    }
    if (bySize)
        keepAspect(op, plan.axes);
    for (const AxisPlan& a : plan.axes)
        plan.shape[a.axis] = a.to;
    return plan;
}

// The place in the input that an output's place reads.
double originOf(const Resize& op, const AxisPlan& a, qint64 place)
{
    const auto x = static_cast<double>(place);
    const auto from = static_cast<double>(a.from);
    const auto to = static_cast<double>(a.to);
    switch (op.origin) {
    case ResizeOrigin::HalfPixel:
        return (x + 0.5) / a.scale - 0.5;
    case ResizeOrigin::HalfPixelSymmetric: {
        const double adjustment = to / (a.scale * from);
        const double centre = from / 2;
        return centre * (1 - adjustment) + (x + 0.5) / a.scale - 0.5;
    }
    case ResizeOrigin::PytorchHalfPixel:
        return a.to > 1 ? (x + 0.5) / a.scale - 0.5 : 0.0;
    case ResizeOrigin::AlignCorners:
        // The standard's length is the scaled one, before it is cut to whole cells.
        return a.to > 1 ? x * (from - 1) / (a.scale * from - 1) : 0.0;
    case ResizeOrigin::Asymmetric:
        return x / a.scale;
    case ResizeOrigin::CropAndResize:
        return a.to > 1 ? a.begin * (from - 1) + x * (a.end - a.begin) * (from - 1) / (to - 1)
                        : 0.5 * (a.begin + a.end) * (from - 1);
    }
    return x;
}

qint64 nearestOf(NearestKind kind, double at)
{
    const double low = std::floor(at);
    switch (kind) {
    case NearestKind::RoundPreferFloor:
        return static_cast<qint64>(at - low <= 0.5 ? low : low + 1);
    case NearestKind::RoundPreferCeil:
        return static_cast<qint64>(at - low < 0.5 ? low : low + 1);
    case NearestKind::Floor:
        return static_cast<qint64>(low);
    case NearestKind::Ceil:
        return static_cast<qint64>(std::ceil(at));
    }
    return 0;
}

double cubic(double a, double x)
{
    x = std::abs(x);
    if (x <= 1)
        return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0.0;
}

struct Weight
{
    qint64 from = 0;
    double share = 0;
};

// Neighbours and their shares; empty where the place lies outside and the extrapolation value holds.
std::vector<Weight> weightsOf(const Resize& op, const AxisPlan& a, qint64 place)
{
    const double at = originOf(op, a, place);
    const auto last = a.from - 1;
    if (!std::isfinite(at))
        return {};
    if (op.origin == ResizeOrigin::CropAndResize && (at < 0 || at > static_cast<double>(last)))
        return {};
    if (op.kind == ResizeKind::Nearest)
        return {{std::clamp<qint64>(nearestOf(op.nearest, at), 0, last), 1.0}};
    const double support = op.kind == ResizeKind::Linear ? 1.0 : 2.0;
    const double stretch = op.antialias ? std::min(a.scale, 1.0) : 1.0;
    std::vector<Weight> weights;
    double sum = 0;
    const auto low = static_cast<qint64>(std::ceil(at - support / stretch));
    const auto high = static_cast<qint64>(std::floor(at + support / stretch));
    for (qint64 k = low; k <= high; ++k) {
        const double distance = (at - static_cast<double>(k)) * stretch;
        double share = op.kind == ResizeKind::Linear ? std::max(0.0, 1 - std::abs(distance))
                                                     : cubic(static_cast<double>(op.cubicA), distance);
        if (op.excludeOutside && (k < 0 || k > last))
            share = 0;
        if (share == 0)
            continue;
        weights.push_back({std::clamp<qint64>(k, 0, last), share});
        sum += share;
    }
    for (Weight& weight : weights)
        weight.share /= sum;
    return weights;
}

// Resamples along one axis.
void resample(const Resize& op, const AxisPlan& a, const Shape& shape, std::vector<double>& x)
{
    const qint64 outer = product(shape, 0, a.axis);
    const qint64 inner = product(shape, a.axis + 1, shape.size());
    std::vector<double> y(static_cast<std::size_t>(outer * a.to * inner), 0.0);
    for (qint64 place = 0; place < a.to; ++place) {
        const std::vector<Weight> weights = weightsOf(op, a, place);
        for (qint64 o = 0; o < outer; ++o) {
            for (qint64 i = 0; i < inner; ++i) {
                double sum = weights.empty() ? static_cast<double>(op.extrapolation) : 0.0;
                for (const Weight& weight : weights)
                    sum += weight.share * x[static_cast<std::size_t>((o * a.from + weight.from) * inner + i)];
                y[static_cast<std::size_t>((o * a.to + place) * inner + i)] = sum;
            }
        }
    }
    x = std::move(y);
}

const Tensor* knownOf(const InferContext& context, std::size_t index)
{
    return context.has(index) ? context.at(index).value : nullptr;
}

} // namespace

Result<Inference> infer(const Resize& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    const Input& x = context.at(0);
    if (x.type == TensorType::String)
        return cannot(QStringLiteral("a resize of text"));
    for (std::size_t i = 1; i < 4; ++i) {
        if (context.has(i) && !context.at(i).value)
            return cannot(QStringLiteral("its size depends on the data"));
    }
    EMBER_TRY(Plan plan, planOf(op, x.shape, knownOf(context, 1), knownOf(context, 2), knownOf(context, 3)));
    // The steps between hold a mixture of old and new sizes.
    Shape largest = x.shape;
    for (std::size_t d = 0; d < largest.size(); ++d)
        largest[d] = std::max(largest[d], plan.shape[d]);
    EMBER_TRY(const qint64 count, elementCount(largest));
    if (count > kMaxTensorBytes / 16)
        return cannot(QStringLiteral("a resize to %1").arg(shapeText(plan.shape)));
    return one(x.type, std::move(plan.shape), saturatedProduct(count, 4));
}

Status evaluate(const Resize& op, Call& call)
{
    const auto input = [&call](std::size_t i) { return call.has(i) ? call.inputs[i] : nullptr; };
    EMBER_TRY(const Plan plan, planOf(op, call.in(0).shape(), input(1), input(2), input(3)));
    std::vector<double> x = call.in(0).toDouble();
    Shape shape = call.in(0).shape();
    for (const AxisPlan& a : plan.axes) {
        if (a.from == a.to && op.origin != ResizeOrigin::CropAndResize && a.scale == 1.0)
            continue;
        resample(op, a, shape, x);
        shape[a.axis] = a.to;
    }
    if (!isFloat(call.out().type())) {
        for (double& value : x)
            value = std::nearbyint(value);
    }
    call.out().assign(std::span<const double>(x));
    return {};
}

} // namespace ember::model::ops
