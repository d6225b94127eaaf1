// SPDX-License-Identifier: GPL-3.0-or-later
// Operations that put the same elements into another shape or order.
#include "core/model/ops/op.h"

#include <algorithm>
#include <numeric>

namespace ember::model::ops {
namespace {

Result<std::vector<qint64>> axesFrom(const std::vector<qint64>& own, const InferContext& context, std::size_t input)
{
    if (!context.has(input))
        return own;
    return knownIntegers(context.at(input), "axes");
}

// Where only the shape changes, the elements are copied as they are.
Status copyElements(Call& call)
{
    const Shape shape = call.out().shape();
    call.out() = call.in(0);
    return call.out().reshape(shape);
}

} // namespace

Result<Inference> infer(const Reshape& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 2));
    EMBER_TRY(Shape shape, knownIntegers(context.at(1), "shape"));
    const Shape& from = context.at(0).shape;
    qint64 known = 1;
    std::ptrdiff_t open = -1;
    for (std::size_t d = 0; d < shape.size(); ++d) {
        if (shape[d] == 0 && !op.zeroIsZero) {
            if (d >= from.size())
                return bad(QStringLiteral("a new shape that keeps the dimension %1 of %2").arg(d).arg(shapeText(from)));
            shape[d] = from[d];
        }
        if (shape[d] == -1 && open < 0)
            open = static_cast<std::ptrdiff_t>(d);
        else if (shape[d] < 0)
            return bad(QStringLiteral("a new shape with the dimension %1").arg(shape[d]));
        else
            known = saturatedProduct(known, shape[d]);
    }
    const qint64 size = context.at(0).size();
    if (open >= 0) {
        if (known == 0 || size % known != 0)
            return bad(QStringLiteral("%1 cannot become %2").arg(shapeText(from), shapeText(shape)));
        shape[static_cast<std::size_t>(open)] = size / known;
    } else if (known != size) {
        return bad(QStringLiteral("%1 cannot become %2").arg(shapeText(from), shapeText(shape)));
    }
    return one(context.at(0).type, std::move(shape));
}

Status evaluate(const Reshape&, Call& call)
{
    return copyElements(call);
}

Result<Inference> infer(const Squeeze& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    EMBER_TRY(const std::vector<qint64> wanted, axesFrom(op.axes, context, 1));
    const Shape& from = context.at(0).shape;
    EMBER_TRY(const std::vector<std::size_t> axes, axesOf(wanted, from.size()));
    Shape shape;
    for (std::size_t d = 0; d < from.size(); ++d) {
        const bool goes = axes.empty() ? from[d] == 1 : std::binary_search(axes.begin(), axes.end(), d);
        if (goes && from[d] != 1)
            return bad(QStringLiteral("dimension %1 of %2 is not 1").arg(d).arg(shapeText(from)));
        if (!goes)
            shape.push_back(from[d]);
    }
    return one(context.at(0).type, std::move(shape));
}

Status evaluate(const Squeeze&, Call& call)
{
    return copyElements(call);
}

Result<Inference> infer(const Unsqueeze& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    EMBER_TRY(const std::vector<qint64> wanted, axesFrom(op.axes, context, 1));
    const Shape& from = context.at(0).shape;
    const std::size_t rank = from.size() + wanted.size();
    if (rank > kMaxRank)
        return cannot(QStringLiteral("%1 dimensions").arg(rank));
    EMBER_TRY(const std::vector<std::size_t> axes, axesOf(wanted, rank));
    Shape shape;
    auto next = from.begin();
    for (std::size_t d = 0; d < rank; ++d)
        shape.push_back(std::binary_search(axes.begin(), axes.end(), d) ? 1 : *next++);
    return one(context.at(0).type, std::move(shape));
}

Status evaluate(const Unsqueeze&, Call& call)
{
    return copyElements(call);
}

Result<Inference> infer(const Flatten& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    const Shape& from = context.at(0).shape;
    const auto rank = static_cast<qint64>(from.size());
    const qint64 axis = op.axis < 0 ? op.axis + rank : op.axis;
    if (axis < 0 || axis > rank)
        return bad(QStringLiteral("the axis %1 of a value with %2 dimensions").arg(op.axis).arg(rank));
    const auto at = static_cast<std::size_t>(axis);
    return one(context.at(0).type, {product(from, 0, at), product(from, at, from.size())});
}

Status evaluate(const Flatten&, Call& call)
{
    return copyElements(call);
}

Result<Inference> infer(const Expand&, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 2));
    EMBER_TRY(const Shape wanted, knownIntegers(context.at(1), "shape"));
    EMBER_TRY(const qint64 count, elementCount(wanted));
    Q_UNUSED(count)
    EMBER_TRY(Shape shape, broadcastShapes(context.at(0).shape, wanted));
    return one(context.at(0).type, std::move(shape));
}

Status evaluate(const Expand&, Call& call)
{
    pick(call.in(0), broadcastIndices(call.in(0).shape(), call.out().shape()), nullptr, call.out());
    return {};
}

Result<Inference> infer(const Tile&, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 2));
    EMBER_TRY(const std::vector<qint64> repeats, knownIntegers(context.at(1), "repeats"));
    Shape shape = context.at(0).shape;
    if (repeats.size() != shape.size())
        return bad(QStringLiteral("%1 repeats for %2").arg(repeats.size()).arg(shapeText(shape)));
    for (std::size_t d = 0; d < shape.size(); ++d) {
        if (repeats[d] < 0)
            return bad(QStringLiteral("%1 repeats").arg(repeats[d]));
        shape[d] = saturatedProduct(shape[d], repeats[d]);
    }
    return one(context.at(0).type, std::move(shape));
}

Status evaluate(const Tile&, Call& call)
{
    const Shape& from = call.in(0).shape();
    const std::vector<qint64> strides = stridesOf(from);
    std::vector<qint64> indices;
    indices.reserve(static_cast<std::size_t>(call.out().size()));
    forEachIndex(call.out().shape(), [&](const std::vector<qint64>& index) {
        qint64 at = 0;
        for (std::size_t d = 0; d < index.size(); ++d)
            at += index[d] % from[d] * strides[d];
        indices.push_back(at);
    });
    pick(call.in(0), indices, nullptr, call.out());
    return {};
}

namespace {

Result<std::vector<std::size_t>> permutationOf(const std::vector<qint64>& wanted, std::size_t rank)
{
    std::vector<std::size_t> result;
    for (std::size_t d = 0; d < rank; ++d)
        result.push_back(rank - 1 - d);
    if (wanted.empty())
        return result;
    if (wanted.size() != rank)
        return bad(QStringLiteral("an order of %1 dimensions for a value with %2").arg(wanted.size()).arg(rank));
    std::vector<bool> seen(rank, false);
    for (std::size_t d = 0; d < rank; ++d) {
        EMBER_TRY(result[d], axisOf(wanted[d], rank));
        if (seen[result[d]])
            return bad(QStringLiteral("the dimension %1 is named twice").arg(result[d]));
        seen[result[d]] = true;
    }
    return result;
}

// TensorFlow gives the order as an input.
Result<std::vector<qint64>> wantedOrder(const Transpose& op, const Tensor* order)
{
    return order ? order->toInt64() : op.permutation;
}

} // namespace

Result<Inference> infer(const Transpose& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    if (context.has(1)) {
        EMBER_TRY(const std::vector<qint64> known, knownIntegers(context.at(1), "order of dimensions"));
        Q_UNUSED(known)
    }
    const Shape& from = context.at(0).shape;
    EMBER_TRY(const std::vector<qint64> wanted, wantedOrder(op, context.has(1) ? context.at(1).value : nullptr));
    EMBER_TRY(const std::vector<std::size_t> order, permutationOf(wanted, from.size()));
    Shape shape;
    for (const std::size_t d : order)
        shape.push_back(from[d]);
    return one(context.at(0).type, std::move(shape));
}

Status evaluate(const Transpose& op, Call& call)
{
    const Tensor& x = call.in(0);
    EMBER_TRY(const std::vector<qint64> wanted, wantedOrder(op, call.has(1) ? call.inputs[1] : nullptr));
    EMBER_TRY(const std::vector<std::size_t> order, permutationOf(wanted, x.rank()));
    const std::vector<qint64> strides = stridesOf(x.shape());
    std::vector<qint64> indices;
    indices.reserve(static_cast<std::size_t>(x.size()));
    forEachIndex(call.out().shape(), [&](const std::vector<qint64>& index) {
        qint64 at = 0;
        for (std::size_t d = 0; d < index.size(); ++d)
            at += index[d] * strides[order[d]];
        indices.push_back(at);
    });
    pick(x, indices, nullptr, call.out());
    return {};
}

Result<Inference> infer(const Concat& op, const InferContext& context)
{
    std::vector<const Input*> parts;
    for (const Input& input : context.inputs) {
        if (input.present)
            parts.push_back(&input);
    }
    if (parts.empty())
        return bad(QStringLiteral("nothing to put together"));
    Shape shape = parts[0]->shape;
    EMBER_TRY(const std::size_t axis, axisOf(op.axis, shape.size()));
    for (std::size_t i = 1; i < parts.size(); ++i) {
        EMBER_CHECK(needSameType(*parts[0], *parts[i]));
        const Shape& more = parts[i]->shape;
        bool fits = more.size() == shape.size();
        for (std::size_t d = 0; fits && d < shape.size(); ++d)
            fits = d == axis || more[d] == shape[d];
        if (!fits)
            return bad(QStringLiteral("%1 and %2 cannot be put together along axis %3")
                           .arg(shapeText(parts[0]->shape), shapeText(more))
                           .arg(axis));
        shape[axis] += more[axis];
    }
    for (const Input* part : parts) {
        const ValueInfo* out = context.declared.empty() ? nullptr : context.declared[0];
        if (isQuantised(part->type, part->quantisation) &&
            (!out || !out->quantisation || part->type == TensorType::Int64))
            return bad(QStringLiteral("integers with scales are put together into a value without one"));
    }
    return one(parts[0]->type, std::move(shape));
}

namespace {

// Stored numbers that come with other scales than the result's are brought to it.
Tensor rescaled(const Tensor& part, const Quantisation* from, const Quantisation* to, RequantiseRounding rounding)
{
    if (!isQuantised(part.type(), from) || !to ||
        (from->scale() == to->scale() && from->zeroPoint() == to->zeroPoint()))
        return part;
    const Multiplier m =
        makeMultiplier(static_cast<double>(from->scale()) / static_cast<double>(to->scale()), rounding);
    const ClampRange range = quantisedRange(Activation::None, *to, part.type());
    std::vector<qint64> values = part.toInt64();
    for (qint64& value : values)
        value = std::clamp<qint64>(
            static_cast<qint64>(scaleBy(static_cast<qint32>(value - from->zeroPoint()), m, rounding)) + to->zeroPoint(),
            range.low, range.high);
    Tensor result = part;
    result.assign(std::span<const qint64>(values));
    return result;
}

} // namespace

Status evaluate(const Concat& op, Call& call)
{
    const Shape& shape = call.out().shape();
    EMBER_TRY(const std::size_t axis, axisOf(op.axis, shape.size()));
    const std::size_t outer = static_cast<std::size_t>(product(shape, 0, axis));
    const std::size_t inner = static_cast<std::size_t>(product(shape, axis + 1, shape.size()));
    const std::size_t row = static_cast<std::size_t>(shape[axis]) * inner;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < call.inputs.size(); ++i) {
        if (!call.inputs[i])
            continue;
        const Tensor part = rescaled(call.in(i), call.inputQuantisation[i], call.outputQuantisation[0], call.rounding);
        const std::size_t width = static_cast<std::size_t>(part.shape()[axis]) * inner;
        const std::size_t each = elementBytes(part.type());
        for (std::size_t o = 0; o < outer; ++o) {
            if (part.type() == TensorType::String)
                std::copy_n(part.strings().begin() + static_cast<std::ptrdiff_t>(o * width), width,
                            call.out().strings().begin() + static_cast<std::ptrdiff_t>(o * row + begin));
            else if (width > 0)
                std::memcpy(call.out().bytes().data() + (o * row + begin) * each,
                            part.bytes().data() + o * width * each, width * each);
        }
        begin += width;
    }
    return {};
}

Result<Inference> infer(const Split& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    const Input& x = context.at(0);
    EMBER_TRY(const std::size_t axis, axisOf(op.axis, x.shape.size()));
    std::vector<qint64> sizes = op.sizes;
    if (context.has(1)) {
        EMBER_TRY(sizes, knownIntegers(context.at(1), "sizes of parts"));
    }
    const auto parts = static_cast<qint64>(context.declared.size());
    if (parts < 1)
        return bad(QStringLiteral("a split into no parts"));
    if (sizes.empty()) {
        const qint64 each = (x.shape[axis] + parts - 1) / parts;
        for (qint64 i = 0; i < parts; ++i)
            sizes.push_back(std::clamp<qint64>(x.shape[axis] - i * each, 0, each));
    }
    // TensorFlow leaves one size to be worked out.
    const qint64 given = std::accumulate(sizes.begin(), sizes.end(), qint64(0), [](qint64 sum, qint64 size) {
        return sum + (size > 0 ? std::min<qint64>(size, kMaxTensorElements) : 0);
    });
    if (std::count(sizes.begin(), sizes.end(), -1) == 1)
        *std::find(sizes.begin(), sizes.end(), -1) = x.shape[axis] - given;
    qint64 sum = 0;
    for (const qint64 size : sizes) {
        if (size < 0 || size > x.shape[axis])
            return bad(QStringLiteral("a part of %1 out of %2").arg(size).arg(x.shape[axis]));
        sum += size;
    }
    if (sum != x.shape[axis] || static_cast<qint64>(sizes.size()) != parts)
        return bad(QStringLiteral("%1 in %2 parts of together %3").arg(x.shape[axis]).arg(parts).arg(sum));
    Inference inference;
    for (const qint64 size : sizes) {
        Shape shape = x.shape;
        shape[axis] = size;
        inference.outputs.push_back({x.type, std::move(shape)});
    }
    return inference;
}

Status evaluate(const Split& op, Call& call)
{
    const Tensor& x = call.in(0);
    EMBER_TRY(const std::size_t axis, axisOf(op.axis, x.rank()));
    const qint64 inner = product(x.shape(), axis + 1, x.rank());
    qint64 begin = 0;
    for (Tensor& part : call.outputs) {
        const qint64 width = part.shape()[axis];
        std::vector<qint64> indices;
        for (qint64 o = 0; o < product(x.shape(), 0, axis); ++o) {
            for (qint64 k = 0; k < width * inner; ++k)
                indices.push_back((o * x.shape()[axis] + begin) * inner + k);
        }
        pick(x, indices, nullptr, part);
        begin += width;
    }
    return {};
}

} // namespace ember::model::ops
