// SPDX-License-Identifier: GPL-3.0-or-later
// Operations that take some of the elements: slices, gathering, padding.
#include "core/model/ops/op.h"

#include <algorithm>
#include <numeric>

namespace ember::model::ops {
namespace {

// Of each dimension of the input: first index, step, and how many.
struct Cut
{
    std::vector<qint64> begin;
    std::vector<qint64> step;
    Shape shape;
};

// Begin and end of a slice as NumPy clamps them.
void cutDimension(Cut& cut, std::size_t d, qint64 size, qint64 begin, qint64 end, qint64 step)
{
    const auto placed = [size](qint64 at, qint64 least, qint64 most) {
        return std::clamp(at < 0 ? at + size : at, least, most);
    };
    // Far beyond any size, so that adding it does not overflow.
    constexpr qint64 kFar = 1LL << 40;
    begin = std::clamp(begin, -kFar, kFar);
    end = std::clamp(end, -kFar, kFar);
    step = std::clamp(step, -kFar, kFar);
    if (step > 0) {
        cut.begin[d] = placed(begin, 0, size);
        const qint64 last = placed(end, 0, size);
        cut.shape[d] = std::max<qint64>(0, (last - cut.begin[d] + step - 1) / step);
    } else {
        cut.begin[d] = placed(begin, -1, size - 1);
        const qint64 last = placed(end, -1, size - 1);
        cut.shape[d] = std::max<qint64>(0, (cut.begin[d] - last - step - 1) / -step);
    }
    cut.step[d] = step;
}

Cut wholeCut(const Shape& shape)
{
    return {std::vector<qint64>(shape.size(), 0), std::vector<qint64>(shape.size(), 1), shape};
}

void pickCut(const Cut& cut, const Tensor& x, Tensor& y)
{
    const std::vector<qint64> strides = stridesOf(x.shape());
    std::vector<qint64> indices;
    indices.reserve(static_cast<std::size_t>(y.size()));
    forEachIndex(cut.shape, [&](const std::vector<qint64>& index) {
        qint64 at = 0;
        for (std::size_t d = 0; d < index.size(); ++d)
            at += (cut.begin[d] + index[d] * cut.step[d]) * strides[d];
        indices.push_back(at);
    });
    pick(x, indices, nullptr, y);
}

Result<Cut> cutOf(const Shape& x, const std::vector<qint64>& starts, const std::vector<qint64>& ends,
                  std::vector<qint64> axes, std::vector<qint64> steps)
{
    if (axes.empty()) {
        axes.resize(starts.size());
        std::iota(axes.begin(), axes.end(), 0);
    }
    if (steps.empty())
        steps.assign(starts.size(), 1);
    if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
        return bad(QStringLiteral("a slice of %1 starts, %2 ends, %3 axes and %4 steps")
                       .arg(starts.size())
                       .arg(ends.size())
                       .arg(axes.size())
                       .arg(steps.size()));
    Cut cut = wholeCut(x);
    for (std::size_t i = 0; i < starts.size(); ++i) {
        EMBER_TRY(const std::size_t d, axisOf(axes[i], x.size()));
        if (steps[i] == 0)
            return bad(QStringLiteral("a slice with a step of 0"));
        cutDimension(cut, d, x[d], starts[i], ends[i], steps[i]);
    }
    return cut;
}

std::vector<qint64> optionalIntegers(const Call& call, std::size_t index)
{
    return call.has(index) ? call.in(index).toInt64() : std::vector<qint64>();
}

} // namespace

Result<Inference> infer(const Slice&, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 3));
    std::vector<std::vector<qint64>> lists(5);
    for (std::size_t i = 1; i < 5; ++i) {
        if (context.has(i)) {
            EMBER_TRY(lists[i], knownIntegers(context.at(i), "bounds of a slice"));
        }
    }
    EMBER_TRY(Cut cut, cutOf(context.at(0).shape, lists[1], lists[2], lists[3], lists[4]));
    return one(context.at(0).type, std::move(cut.shape));
}

Status evaluate(const Slice&, Call& call)
{
    EMBER_TRY(const Cut cut, cutOf(call.in(0).shape(), call.in(1).toInt64(), call.in(2).toInt64(),
                                   optionalIntegers(call, 3), optionalIntegers(call, 4)));
    pickCut(cut, call.in(0), call.out());
    return {};
}

namespace {

struct StridedCut
{
    Cut cut;
    Shape shape; ///< with new axes, and without those that an index takes
};

Result<StridedCut> stridedCutOf(const StridedSlice& op, const Shape& x, const std::vector<qint64>& begin,
                                const std::vector<qint64>& end, const std::vector<qint64>& strides)
{
    if (begin.size() != end.size() || begin.size() != strides.size() || begin.size() > 31)
        return bad(QStringLiteral("a slice of %1 begins, %2 ends and %3 strides")
                       .arg(begin.size())
                       .arg(end.size())
                       .arg(strides.size()));
    if (op.ellipsisMask != 0)
        return cannot(QStringLiteral("a strided slice with an ellipsis"));
    StridedCut result{wholeCut(x), {}};
    std::size_t d = 0;
    for (std::size_t i = 0; i < begin.size(); ++i) {
        const auto bit = static_cast<qint32>(1U << i);
        if (op.newAxisMask & bit) {
            result.shape.push_back(1);
            continue;
        }
        if (d >= x.size() || strides[i] == 0)
            return bad(QStringLiteral("a strided slice that does not fit %1").arg(shapeText(x)));
        if (op.shrinkAxisMask & bit) {
            EMBER_TRY(const std::size_t at, axisOf(begin[i], static_cast<std::size_t>(x[d])));
            result.cut.begin[d] = static_cast<qint64>(at);
            result.cut.shape[d] = 1;
        } else {
            constexpr qint64 kEnd = 1LL << 39;
            const bool forward = strides[i] > 0;
            const qint64 first = op.beginMask & bit ? (forward ? 0 : kEnd) : begin[i];
            const qint64 last = op.endMask & bit ? (forward ? kEnd : -kEnd) : end[i];
            cutDimension(result.cut, d, x[d], first, last, strides[i]);
            result.shape.push_back(result.cut.shape[d]);
        }
        ++d;
    }
    for (; d < x.size(); ++d)
        result.shape.push_back(x[d]);
    return result;
}

} // namespace

Result<Inference> infer(const StridedSlice& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 4));
    EMBER_TRY(const std::vector<qint64> begin, knownIntegers(context.at(1), "begin of a slice"));
    EMBER_TRY(const std::vector<qint64> end, knownIntegers(context.at(2), "end of a slice"));
    EMBER_TRY(const std::vector<qint64> strides, knownIntegers(context.at(3), "strides of a slice"));
    EMBER_TRY(StridedCut cut, stridedCutOf(op, context.at(0).shape, begin, end, strides));
    return one(context.at(0).type, std::move(cut.shape));
}

Status evaluate(const StridedSlice& op, Call& call)
{
    EMBER_TRY(const StridedCut cut,
              stridedCutOf(op, call.in(0).shape(), call.in(1).toInt64(), call.in(2).toInt64(), call.in(3).toInt64()));
    pickCut(cut.cut, call.in(0), call.out());
    return {};
}

namespace {

struct Border
{
    std::vector<qint64> before;
    std::vector<qint64> after;
};

Result<Border> borderOf(const Pad& op, const Shape& x, const std::vector<qint64>& pads, std::vector<qint64> axes)
{
    if (axes.empty()) {
        axes.resize(x.size());
        std::iota(axes.begin(), axes.end(), 0);
    }
    if (pads.size() != 2 * axes.size())
        return bad(QStringLiteral("%1 pads for %2 dimensions").arg(pads.size()).arg(axes.size()));
    EMBER_TRY(const std::vector<std::size_t> checked, axesOf(axes, x.size()));
    Q_UNUSED(checked)
    Border border{std::vector<qint64>(x.size(), 0), std::vector<qint64>(x.size(), 0)};
    for (std::size_t i = 0; i < axes.size(); ++i) {
        EMBER_TRY(const std::size_t d, axisOf(axes[i], x.size()));
        border.before[d] = op.pairs ? pads[2 * i] : pads[i];
        border.after[d] = op.pairs ? pads[2 * i + 1] : pads[axes.size() + i];
        for (const qint64 pad : {border.before[d], border.after[d]}) {
            if (pad > kMaxTensorElements || pad < -kMaxTensorElements)
                return bad(QStringLiteral("a pad of %1").arg(pad));
            const qint64 most = op.mode == PadMode::Reflect ? x[d] - 1 : x[d];
            if ((op.mode == PadMode::Reflect || op.mode == PadMode::Symmetric) && pad > most)
                return bad(QStringLiteral("a mirrored pad of %1 beside %2 elements").arg(pad).arg(x[d]));
            if (op.mode != PadMode::Constant && pad > 0 && x[d] == 0)
                return bad(QStringLiteral("a pad that repeats no elements"));
        }
        if (x[d] + border.before[d] + border.after[d] < 0)
            return bad(QStringLiteral("pads that cut away more than there is"));
    }
    return border;
}

// The index inside that a place in the border repeats, or -1.
qint64 paddedIndex(PadMode mode, qint64 at, qint64 size)
{
    if (at >= 0 && at < size)
        return at;
    switch (mode) {
    case PadMode::Constant:
        return -1;
    case PadMode::Edge:
        return std::clamp<qint64>(at, 0, size - 1);
    case PadMode::Reflect:
        return at < 0 ? -at : 2 * (size - 1) - at;
    case PadMode::Symmetric:
        return at < 0 ? -1 - at : 2 * size - 1 - at;
    case PadMode::Wrap:
        return ((at % size) + size) % size;
    }
    return -1;
}

} // namespace

Result<Inference> infer(const Pad& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 2));
    const Input& x = context.at(0);
    EMBER_TRY(const std::vector<qint64> pads, knownIntegers(context.at(1), "pads"));
    std::vector<qint64> axes;
    if (context.has(3)) {
        EMBER_TRY(axes, knownIntegers(context.at(3), "axes"));
    }
    if (context.has(2)) {
        EMBER_CHECK(needSameType(x, context.at(2)));
        if (context.at(2).size() != 1)
            return bad(QStringLiteral("a pad value of %1 elements").arg(context.at(2).size()));
    }
    EMBER_TRY(const Border border, borderOf(op, x.shape, pads, axes));
    Shape shape = x.shape;
    for (std::size_t d = 0; d < shape.size(); ++d)
        shape[d] += border.before[d] + border.after[d];
    return one(x.type, std::move(shape));
}

Status evaluate(const Pad& op, Call& call)
{
    const Tensor& x = call.in(0);
    EMBER_TRY(const Border border, borderOf(op, x.shape(), call.in(1).toInt64(), optionalIntegers(call, 3)));
    const std::vector<qint64> strides = stridesOf(x.shape());
    std::vector<qint64> indices;
    indices.reserve(static_cast<std::size_t>(call.out().size()));
    forEachIndex(call.out().shape(), [&](const std::vector<qint64>& index) {
        qint64 at = 0;
        for (std::size_t d = 0; d < index.size() && at >= 0; ++d) {
            const qint64 inside = paddedIndex(op.mode, index[d] - border.before[d], x.shape()[d]);
            at = inside < 0 ? -1 : at + inside * strides[d];
        }
        indices.push_back(at);
    });
    // Zero stands for itself in stored numbers too: their zero point.
    Tensor fill;
    if (call.has(2)) {
        fill = call.in(2);
    } else {
        EMBER_TRY(fill, Tensor::zeros(x.type(), {1}));
        if (isQuantised(x.type(), call.inputQuantisation[0])) {
            const qint64 zero = call.inputQuantisation[0]->zeroPoint();
            fill.assign(std::span<const qint64>(&zero, 1));
        }
    }
    pick(x, indices, &fill, call.out());
    return {};
}

Result<Inference> infer(const Gather& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 2));
    EMBER_CHECK(needType(context.at(1), {TensorType::Int32, TensorType::Int64}, "indices"));
    const Shape& x = context.at(0).shape;
    EMBER_TRY(const std::size_t axis, axisOf(op.axis, x.size()));
    Shape shape(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(axis));
    shape.insert(shape.end(), context.at(1).shape.begin(), context.at(1).shape.end());
    shape.insert(shape.end(), x.begin() + static_cast<std::ptrdiff_t>(axis) + 1, x.end());
    return one(context.at(0).type, std::move(shape));
}

namespace {

// Indices from the front. Errors: BadData for one that is outside.
Result<std::vector<qint64>> placedIndices(const Tensor& indices, qint64 size)
{
    std::vector<qint64> result = indices.toInt64();
    for (qint64& index : result) {
        if (index < -size || index >= size)
            return bad(QStringLiteral("the index %1 of %2 elements").arg(index).arg(size));
        if (index < 0)
            index += size;
    }
    return result;
}

} // namespace

Status evaluate(const Gather& op, Call& call)
{
    const Tensor& x = call.in(0);
    EMBER_TRY(const std::size_t axis, axisOf(op.axis, x.rank()));
    EMBER_TRY(const std::vector<qint64> wanted, placedIndices(call.in(1), x.shape()[axis]));
    const qint64 inner = product(x.shape(), axis + 1, x.rank());
    std::vector<qint64> indices;
    indices.reserve(static_cast<std::size_t>(call.out().size()));
    for (qint64 o = 0; o < product(x.shape(), 0, axis); ++o) {
        for (const qint64 index : wanted) {
            for (qint64 i = 0; i < inner; ++i)
                indices.push_back((o * x.shape()[axis] + index) * inner + i);
        }
    }
    pick(x, indices, nullptr, call.out());
    return {};
}

namespace {

Status checkElements(const Input& x, const Input& indices, qint64 axis)
{
    EMBER_CHECK(needType(indices, {TensorType::Int32, TensorType::Int64}, "indices"));
    EMBER_TRY(const std::size_t at, axisOf(axis, x.shape.size()));
    bool fits = indices.shape.size() == x.shape.size();
    for (std::size_t d = 0; fits && d < x.shape.size(); ++d)
        fits = d == at || indices.shape[d] <= x.shape[d];
    if (!fits)
        return bad(QStringLiteral("indices of %1 into %2").arg(shapeText(indices.shape), shapeText(x.shape)));
    return {};
}

// For each element of `indices`, the element of x with that index along the axis.
Result<std::vector<qint64>> elementPlaces(const Tensor& x, const Tensor& indices, std::size_t axis)
{
    EMBER_TRY(const std::vector<qint64> wanted, placedIndices(indices, x.shape()[axis]));
    const std::vector<qint64> strides = stridesOf(x.shape());
    std::vector<qint64> places;
    places.reserve(wanted.size());
    forEachIndex(indices.shape(), [&](const std::vector<qint64>& index) {
        qint64 at = wanted[places.size()] * strides[axis];
        for (std::size_t d = 0; d < index.size(); ++d)
            at += d == axis ? 0 : index[d] * strides[d];
        places.push_back(at);
    });
    return places;
}

} // namespace

Result<Inference> infer(const GatherElements& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 2));
    EMBER_CHECK(checkElements(context.at(0), context.at(1), op.axis));
    return one(context.at(0).type, context.at(1).shape);
}

Status evaluate(const GatherElements& op, Call& call)
{
    EMBER_TRY(const std::size_t axis, axisOf(op.axis, call.in(0).rank()));
    EMBER_TRY(const std::vector<qint64> places, elementPlaces(call.in(0), call.in(1), axis));
    pick(call.in(0), places, nullptr, call.out());
    return {};
}

Result<Inference> infer(const ScatterElements& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 3));
    EMBER_CHECK(checkElements(context.at(0), context.at(1), op.axis));
    EMBER_CHECK(needSameType(context.at(0), context.at(2)));
    if (context.at(2).shape != context.at(1).shape)
        return bad(QStringLiteral("updates of %1 for indices of %2")
                       .arg(shapeText(context.at(2).shape), shapeText(context.at(1).shape)));
    return one(context.at(0).type, context.at(0).shape);
}

Status evaluate(const ScatterElements& op, Call& call)
{
    EMBER_TRY(const std::size_t axis, axisOf(op.axis, call.in(0).rank()));
    EMBER_TRY(const std::vector<qint64> places, elementPlaces(call.in(0), call.in(1), axis));
    call.out() = call.in(0);
    const std::size_t each = elementBytes(call.out().type());
    for (std::size_t i = 0; i < places.size(); ++i) {
        const auto at = static_cast<std::size_t>(places[i]);
        if (call.out().type() == TensorType::String)
            call.out().strings()[at] = call.in(2).strings()[i];
        else
            std::memcpy(call.out().bytes().data() + at * each, call.in(2).bytes().data() + i * each, each);
    }
    return {};
}

Result<Inference> infer(const GatherNd&, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 2));
    EMBER_CHECK(needType(context.at(1), {TensorType::Int32, TensorType::Int64}, "indices"));
    const Shape& x = context.at(0).shape;
    const Shape& indices = context.at(1).shape;
    if (indices.empty() || indices.back() < 1 || indices.back() > static_cast<qint64>(x.size()))
        return bad(QStringLiteral("indices of %1 into %2").arg(shapeText(indices), shapeText(x)));
    Shape shape(indices.begin(), indices.end() - 1);
    shape.insert(shape.end(), x.begin() + indices.back(), x.end());
    return one(context.at(0).type, std::move(shape));
}

Status evaluate(const GatherNd&, Call& call)
{
    const Tensor& x = call.in(0);
    const auto depth = static_cast<std::size_t>(call.in(1).shape().back());
    const std::vector<qint64> wanted = call.in(1).toInt64();
    const qint64 inner = product(x.shape(), depth, x.rank());
    std::vector<qint64> indices;
    for (std::size_t i = 0; i < wanted.size(); i += depth) {
        qint64 at = 0;
        for (std::size_t d = 0; d < depth; ++d) {
            const qint64 size = x.shape()[d];
            const qint64 index = wanted[i + d] < 0 ? wanted[i + d] + size : wanted[i + d];
            if (index < 0 || index >= size)
                return bad(QStringLiteral("the index %1 of %2 elements").arg(wanted[i + d]).arg(size));
            at = at * size + index;
        }
        for (qint64 k = 0; k < inner; ++k)
            indices.push_back(at * inner + k);
    }
    pick(x, indices, nullptr, call.out());
    return {};
}

} // namespace ember::model::ops
