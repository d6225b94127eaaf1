// SPDX-License-Identifier: GPL-3.0-or-later
// Operations that make values from shapes and numbers.
#include "core/model/ops/op.h"

#include <algorithm>
#include <cmath>

namespace ember::model::ops {

Result<Inference> infer(const ShapeOf& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    const auto rank = static_cast<qint64>(context.at(0).shape.size());
    const auto placed = [rank](qint64 at) { return std::clamp<qint64>(at < 0 ? at + rank : at, 0, rank); };
    return one(op.type, {std::max<qint64>(0, placed(op.end) - placed(op.begin))});
}

Status evaluate(const ShapeOf& op, Call& call)
{
    const Shape& shape = call.in(0).shape();
    const auto rank = static_cast<qint64>(shape.size());
    const auto begin = static_cast<std::size_t>(std::clamp<qint64>(op.begin < 0 ? op.begin + rank : op.begin, 0, rank));
    std::vector<qint64> values;
    for (std::size_t i = 0; i < static_cast<std::size_t>(call.out().size()); ++i)
        values.push_back(shape[begin + i]);
    call.out().assign(std::span<const qint64>(values));
    return {};
}

Result<Inference> infer(const SizeOf&, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    return one(TensorType::Int64, {});
}

Status evaluate(const SizeOf&, Call& call)
{
    const qint64 size = call.in(0).size();
    call.out().assign(std::span<const qint64>(&size, 1));
    return {};
}

namespace {

Result<qint64> rangeCount(const Tensor& start, const Tensor& limit, const Tensor& delta)
{
    if (start.size() != 1 || limit.size() != 1 || delta.size() != 1)
        return bad(QStringLiteral("a range whose bounds are not single numbers"));
    const double count = std::ceil((limit.toDouble()[0] - start.toDouble()[0]) / delta.toDouble()[0]);
    if (!std::isfinite(count) || count > static_cast<double>(kMaxTensorElements))
        return bad(QStringLiteral("a range without end"));
    return std::max<qint64>(0, static_cast<qint64>(count));
}

} // namespace

Result<Inference> infer(const Range&, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 3));
    const Input& start = context.at(0);
    EMBER_CHECK(needSameType(start, context.at(1)));
    EMBER_CHECK(needSameType(start, context.at(2)));
    if (!start.value || !context.at(1).value || !context.at(2).value)
        return cannot(QStringLiteral("its range depends on the data"));
    if (start.type == TensorType::String || start.type == TensorType::Bool)
        return bad(QStringLiteral("a range of %1").arg(tensorTypeName(start.type)));
    EMBER_TRY(const qint64 count, rangeCount(*start.value, *context.at(1).value, *context.at(2).value));
    return one(start.type, {count});
}

Status evaluate(const Range&, Call& call)
{
    const double start = call.in(0).toDouble()[0];
    const double delta = call.in(2).toDouble()[0];
    std::vector<double> values(static_cast<std::size_t>(call.out().size()));
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = start + static_cast<double>(i) * delta;
    call.out().assign(std::span<const double>(values));
    return {};
}

Result<Inference> infer(const Fill&, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    EMBER_TRY(Shape shape, knownIntegers(context.at(0), "shape"));
    if (context.has(1) && context.at(1).size() != 1)
        return bad(QStringLiteral("a fill with %1 values").arg(context.at(1).size()));
    return one(context.has(1) ? context.at(1).type : TensorType::Float32, std::move(shape));
}

Status evaluate(const Fill&, Call& call)
{
    if (call.has(1))
        pick(call.in(1), std::vector<qint64>(static_cast<std::size_t>(call.out().size()), 0), nullptr, call.out());
    return {};
}

Result<Inference> infer(const EyeLike& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    if (context.at(0).shape.size() != 2)
        return bad(QStringLiteral("a unit matrix of %1").arg(shapeText(context.at(0).shape)));
    const TensorType type = op.ofInputType ? context.at(0).type : op.type;
    if (type == TensorType::String)
        return bad(QStringLiteral("a unit matrix of text"));
    return one(type, context.at(0).shape);
}

Status evaluate(const EyeLike& op, Call& call)
{
    const qint64 columns = call.out().shape()[1];
    std::vector<qint64> values(static_cast<std::size_t>(call.out().size()), 0);
    for (qint64 row = 0; row < call.out().shape()[0]; ++row) {
        const qint64 column = row + std::clamp<qint64>(op.diagonal, -kMaxTensorElements, kMaxTensorElements);
        if (column >= 0 && column < columns)
            values[static_cast<std::size_t>(row * columns + column)] = 1;
    }
    call.out().assign(std::span<const qint64>(values));
    return {};
}

Result<Inference> infer(const OneHot& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 3));
    const Input& depth = context.at(1);
    if (!depth.value || depth.size() != 1 || depth.type == TensorType::String)
        return cannot(QStringLiteral("the depth of its one-hot code depends on the data"));
    if (context.at(2).size() != 2 || context.at(0).type == TensorType::String)
        return bad(QStringLiteral("a one-hot code of %1 values").arg(context.at(2).size()));
    const qint64 size = depth.value->toInt64()[0];
    if (size < 1)
        return bad(QStringLiteral("a one-hot code of depth %1").arg(size));
    Shape shape = context.at(0).shape;
    EMBER_TRY(const std::size_t axis, axisOf(op.axis, shape.size() + 1));
    shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis), size);
    return one(context.at(2).type, std::move(shape));
}

Status evaluate(const OneHot& op, Call& call)
{
    const Shape& shape = call.out().shape();
    EMBER_TRY(const std::size_t axis, axisOf(op.axis, shape.size()));
    const std::vector<qint64> wanted = call.in(0).toInt64();
    const qint64 depth = shape[axis];
    const qint64 inner = product(shape, axis + 1, shape.size());
    std::vector<qint64> which(static_cast<std::size_t>(call.out().size()), 0);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const qint64 index = wanted[i] < 0 ? wanted[i] + depth : wanted[i];
        if (index < 0 || index >= depth)
            continue;
        const qint64 o = static_cast<qint64>(i) / inner;
        which[static_cast<std::size_t>((o * depth + index) * inner + static_cast<qint64>(i) % inner)] = 1;
    }
    pick(call.in(2), which, nullptr, call.out());
    return {};
}

namespace {

struct Blocks
{
    qint64 batch = 1, height = 1, width = 1, channels = 1; ///< of the deep side
    qint64 block = 1;
};

Result<Blocks> blocksOf(const DepthSpace& op, const Shape& x)
{
    if (x.size() != 4 || op.block < 1 || op.block > 1'000)
        return bad(QStringLiteral("blocks of %1 in %2").arg(op.block).arg(shapeText(x)));
    const bool first = op.layout == Layout::ChannelsFirst;
    Blocks b{x[0], x[first ? 2 : 1], x[first ? 3 : 2], x[first ? 1 : 3], op.block};
    const qint64 area = op.block * op.block;
    if (op.toDepth ? b.height % op.block != 0 || b.width % op.block != 0 : b.channels % area != 0)
        return bad(QStringLiteral("blocks of %1 in %2").arg(op.block).arg(shapeText(x)));
    if (op.toDepth) {
        b.height /= op.block;
        b.width /= op.block;
        b.channels *= area;
    }
    return b;
}

} // namespace

Result<Inference> infer(const DepthSpace& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    EMBER_TRY(const Blocks b, blocksOf(op, context.at(0).shape));
    const qint64 scale = op.toDepth ? 1 : b.block;
    const qint64 channels = op.toDepth ? b.channels : b.channels / (b.block * b.block);
    if (op.layout == Layout::ChannelsFirst)
        return one(context.at(0).type, {b.batch, channels, b.height * scale, b.width * scale});
    return one(context.at(0).type, {b.batch, b.height * scale, b.width * scale, channels});
}

Status evaluate(const DepthSpace& op, Call& call)
{
    EMBER_TRY(const Blocks b, blocksOf(op, call.in(0).shape()));
    const qint64 shallow = b.channels / (b.block * b.block);
    const bool first = op.layout == Layout::ChannelsFirst;
    const auto place = [first](qint64 n, qint64 y, qint64 x, qint64 c, qint64 height, qint64 width, qint64 channels) {
        return first ? ((n * channels + c) * height + y) * width + x : ((n * height + y) * width + x) * channels + c;
    };
    std::vector<qint64> indices(static_cast<std::size_t>(call.out().size()));
    forEachIndex({b.batch, b.height, b.width, b.block, b.block, shallow}, [&](const std::vector<qint64>& i) {
        const qint64 cell = i[3] * b.block + i[4];
        const qint64 deepChannel = op.columnRowDepth ? i[5] * b.block * b.block + cell : cell * shallow + i[5];
        const qint64 deep = place(i[0], i[1], i[2], deepChannel, b.height, b.width, b.channels);
        const qint64 wide = place(i[0], i[1] * b.block + i[3], i[2] * b.block + i[4], i[5], b.height * b.block,
                                  b.width * b.block, shallow);
        indices[static_cast<std::size_t>(op.toDepth ? deep : wide)] = op.toDepth ? wide : deep;
    });
    pick(call.in(0), indices, nullptr, call.out());
    return {};
}

} // namespace ember::model::ops
