// SPDX-License-Identifier: GPL-3.0-or-later
// Operators of TensorFlow Lite that move values or tell shapes.
#include "core/model/tflite_names.h"
#include "core/model/tflite_ops.h"

#include <algorithm>

namespace ember::model::detail {
namespace {

// The shape is an input, an option, or only that of the result.
Status reshape(const TfliteOperator& op)
{
    if (op.has(1)) {
        op.node(Reshape{true}, firstTfliteInputs(op, 2));
        return {};
    }
    if (op.outputs.empty())
        return noTfliteOptions();
    const Shape& shape = op.outputs[0]->info.shape;
    op.node(Reshape{true}, {op.in(0), op.constant("shape", Tensor::of(shape, {static_cast<qint64>(shape.size())}))});
    return {};
}

Status squeeze(const TfliteOperator& op)
{
    Squeeze operation;
    if (const auto* o = op.options<fb::SqueezeOptions>(fb::Options_Squeeze); o && o->squeeze_dims())
        operation.axes.assign(o->squeeze_dims()->begin(), o->squeeze_dims()->end());
    op.node(operation, firstTfliteInputs(op, 1));
    return {};
}

Status concat(const TfliteOperator& op)
{
    const auto* o = op.options<fb::ConcatenationOptions>(fb::Options_Concatenation);
    if (!o)
        return noTfliteOptions();
    if (o->fused_activation() != 0)
        return unsupportedTflite(QStringLiteral("CONCATENATION with a fused activation"));
    op.node(Concat{o->axis()}, firstTfliteInputs(op, op.inputs.size()));
    return {};
}

// Inputs: axis, x.
Status split(const TfliteOperator& op)
{
    const bool bySizes = op.code == kSplitV;
    EMBER_TRY(const std::vector<qint64> axis, op.integers(bySizes ? 2 : 0));
    if (axis.size() != 1)
        return damagedTflite(QStringLiteral("a split along %1 axes").arg(axis.size()));
    if (bySizes)
        op.node(Split{axis[0], {}}, {op.in(0), op.in(1)});
    else
        op.node(Split{axis[0], {}}, {op.in(1)});
    return {};
}

// Inputs: x, begin, size.
Status slice(const TfliteOperator& op)
{
    EMBER_TRY(const std::vector<qint64> begin, op.integers(1));
    EMBER_TRY(std::vector<qint64> end, op.integers(2));
    if (begin.size() != end.size())
        return damagedTflite(QStringLiteral("a slice of %1 begins and %2 sizes").arg(begin.size()).arg(end.size()));
    for (std::size_t i = 0; i < end.size(); ++i) {
        if (begin[i] < 0 || end[i] < -1 || end[i] > kMaxTensorElements || begin[i] > kMaxTensorElements)
            return damagedTflite(QStringLiteral("a slice of %1 from %2").arg(end[i]).arg(begin[i]));
        end[i] = end[i] < 0 ? kMaxTensorElements : begin[i] + end[i];
    }
    const Shape shape{static_cast<qint64>(end.size())};
    op.node(Slice{},
            {op.in(0), op.constant("begin", Tensor::of(begin, shape)), op.constant("end", Tensor::of(end, shape))});
    return {};
}

Status stridedSlice(const TfliteOperator& op)
{
    const auto* o = op.options<fb::StridedSliceOptions>(fb::Options_StridedSlice);
    if (!o)
        return noTfliteOptions();
    if (o->offset())
        return unsupportedTflite(QStringLiteral("STRIDED_SLICE whose end is an offset"));
    op.node(StridedSlice{o->begin_mask(), o->end_mask(), o->ellipsis_mask(), o->new_axis_mask(), o->shrink_axis_mask()},
            firstTfliteInputs(op, 4));
    return {};
}

Status mirrorPad(const TfliteOperator& op)
{
    const auto* o = op.options<fb::MirrorPadOptions>(fb::Options_MirrorPad);
    if (!o)
        return noTfliteOptions();
    op.node(Pad{o->mode() == 0 ? PadMode::Reflect : PadMode::Symmetric, true}, firstTfliteInputs(op, 2));
    return {};
}

Status gather(const TfliteOperator& op)
{
    const auto* o = op.options<fb::GatherOptions>(fb::Options_Gather);
    if (o && o->batch_dims() != 0)
        return unsupportedTflite(QStringLiteral("GATHER with batch dimensions"));
    op.node(Gather{o ? o->axis() : 0}, firstTfliteInputs(op, 2));
    return {};
}

Status pack(const TfliteOperator& op)
{
    const auto* o = op.options<fb::PackOptions>(fb::Options_Pack);
    if (!o)
        return noTfliteOptions();
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < op.inputs.size(); ++i) {
        Node node;
        node.name = op.name + "/part" + std::to_string(i);
        node.operation = Unsqueeze{{o->axis()}};
        node.inputs = {op.in(i)};
        node.outputs = {node.name};
        if (op.has(i)) {
            ValueInfo info = op.inputs[i]->info;
            info.name = node.name;
            op.graph->values[node.name] = std::move(info);
        }
        parts.push_back(node.name);
        op.graph->nodes.push_back(std::move(node));
    }
    op.node(Concat{o->axis()}, std::move(parts));
    return {};
}

Status unpack(const TfliteOperator& op)
{
    const auto* o = op.options<fb::PackOptions>(fb::Options_Unpack);
    if (!o)
        return noTfliteOptions();
    Node parts;
    parts.name = op.name + "/split";
    parts.operation = Split{o->axis(), {}};
    parts.inputs = {op.in(0)};
    std::vector<Node> squeezes;
    for (std::size_t i = 0; i < op.outputs.size(); ++i) {
        const std::string part = op.name + "/part" + std::to_string(i);
        parts.outputs.push_back(part);
        if (op.has(0)) {
            ValueInfo info = op.inputs[0]->info;
            info.name = part;
            op.graph->values[part] = std::move(info);
        }
        squeezes.push_back({part, Squeeze{{o->axis()}}, {part}, {op.outputs[i]->info.name}});
    }
    op.graph->nodes.push_back(std::move(parts));
    for (Node& squeezed : squeezes)
        op.graph->nodes.push_back(std::move(squeezed));
    return {};
}

Status resize(const TfliteOperator& op)
{
    Resize operation;
    operation.axes = {1, 2};
    bool align = false, half = false;
    if (const auto* o = op.options<fb::ResizeBilinearOptions>(fb::Options_ResizeBilinear)) {
        align = o->align_corners();
        half = o->half_pixel_centers();
    } else if (const auto* n = op.options<fb::ResizeNearestNeighborOptions>(fb::Options_ResizeNearestNeighbor)) {
        align = n->align_corners();
        half = n->half_pixel_centers();
    }
    if (op.code == kResizeBilinear && op.has(0) && op.inputs[0]->info.type != TensorType::Float32)
        return unsupportedTflite(QStringLiteral("RESIZE_BILINEAR of integers"));
    operation.kind = op.code == kResizeBilinear ? ResizeKind::Linear : ResizeKind::Nearest;
    operation.origin = align ? ResizeOrigin::AlignCorners : (half ? ResizeOrigin::HalfPixel : ResizeOrigin::Asymmetric);
    operation.nearest = align || half ? NearestKind::RoundPreferCeil : NearestKind::Floor;
    op.node(operation, {op.in(0), {}, {}, op.in(1)});
    return {};
}

Status depthSpace(const TfliteOperator& op)
{
    const bool toDepth = op.code == kSpaceToDepth;
    const auto* o = op.options<fb::BlockOptions>(toDepth ? fb::Options_SpaceToDepth : fb::Options_DepthToSpace);
    if (!o)
        return noTfliteOptions();
    op.node(DepthSpace{toDepth, o->block_size(), false, Layout::ChannelsLast}, firstTfliteInputs(op, 1));
    return {};
}

Status shapeOf(const TfliteOperator& op)
{
    if (op.outputs.empty())
        return noTfliteOptions();
    op.node(ShapeOf{0, 1'000'000, op.outputs[0]->info.type}, firstTfliteInputs(op, 1));
    return {};
}

// Adds a node on the way to the operator's result: its value is stored as the operator's first input is.
std::string between(const TfliteOperator& op, const char* what, Operation operation, std::vector<std::string> inputs)
{
    const std::string made = op.name + "/" + what;
    ValueInfo info = op.inputs[0]->info;
    info.name = made;
    info.shape.clear();
    op.graph->values[made] = std::move(info);
    op.graph->nodes.push_back({made, std::move(operation), std::move(inputs), {made}});
    return made;
}

std::string list(const TfliteOperator& op, const char* what, const std::vector<qint64>& values)
{
    return op.constant(what, Tensor::of(values, {static_cast<qint64>(values.size())}));
}

// The blocks of SPACE_TO_BATCH_ND and its inverse, and what is added or cut at each end.
struct Blocks
{
    Shape x;
    std::vector<qint64> block;
    std::vector<qint64> edges; ///< begin, end for each
};

Result<Blocks> blocksOf(const TfliteOperator& op)
{
    if (!op.has(0))
        return noTfliteOptions();
    Blocks b{op.inputs[0]->info.shape, {}, {}};
    EMBER_TRY(b.block, op.integers(1));
    EMBER_TRY(b.edges, op.integers(2));
    const bool fits = !b.block.empty() && b.block.size() + 1 <= b.x.size() && b.edges.size() == 2 * b.block.size() &&
                      b.x.size() + b.block.size() <= kMaxRank;
    const auto isBlock = [](qint64 size) { return size >= 1 && size <= 65'536; };
    const auto isEdge = [](qint64 size) { return size >= 0 && size <= kMaxTensorElements; };
    if (!fits || !std::all_of(b.block.begin(), b.block.end(), isBlock) ||
        !std::all_of(b.edges.begin(), b.edges.end(), isEdge) ||
        std::any_of(b.x.begin(), b.x.end(), [](qint64 size) { return size < 1; }))
        return damagedTflite(QStringLiteral("blocks of %1 in %2").arg(shapeText(b.block), shapeText(b.x)));
    return b;
}

// Inputs: x, block sizes, paddings. The places in a block become images of the batch.
Status spaceToBatch(const TfliteOperator& op)
{
    EMBER_TRY(Blocks b, blocksOf(op));
    const std::size_t dimensions = b.block.size();
    std::vector<qint64> pads(2 * b.x.size(), 0);
    std::copy(b.edges.begin(), b.edges.end(), pads.begin() + 2);
    Shape split{b.x[0]}, result{b.x[0]};
    std::vector<qint64> order, tail{0};
    for (std::size_t d = 0; d < dimensions; ++d) {
        const qint64 size = b.x[d + 1] + b.edges[2 * d] + b.edges[2 * d + 1];
        if (size % b.block[d] != 0)
            return damagedTflite(QStringLiteral("a dimension of %1 in blocks of %2").arg(size).arg(b.block[d]));
        split.insert(split.end(), {size / b.block[d], b.block[d]});
        result.push_back(size / b.block[d]);
        result[0] = std::min(result[0] * b.block[d], kMaxTensorElements);
        order.push_back(static_cast<qint64>(2 * d + 2));
        tail.push_back(static_cast<qint64>(2 * d + 1));
    }
    for (std::size_t d = dimensions + 1; d < b.x.size(); ++d) {
        tail.push_back(static_cast<qint64>(split.size()));
        split.push_back(b.x[d]);
        result.push_back(b.x[d]);
    }
    order.insert(order.end(), tail.begin(), tail.end());
    std::string x = between(op, "padded", Pad{PadMode::Constant, true}, {op.in(0), list(op, "pads", pads)});
    x = between(op, "split", Reshape{true}, {x, list(op, "split-shape", split)});
    x = between(op, "turned", Transpose{order}, {x});
    op.node(Reshape{true}, {x, list(op, "shape", result)});
    return {};
}

// Inputs: x, block sizes, crops.
Status batchToSpace(const TfliteOperator& op)
{
    EMBER_TRY(Blocks b, blocksOf(op));
    const auto dimensions = static_cast<qint64>(b.block.size());
    Shape split = b.block;
    qint64 images = b.x[0];
    for (const qint64 size : b.block) {
        if (images % size != 0)
            return damagedTflite(QStringLiteral("a batch of %1 in blocks of %2").arg(b.x[0]).arg(shapeText(b.block)));
        images /= size;
    }
    split.push_back(images);
    split.insert(split.end(), b.x.begin() + 1, b.x.end());
    std::vector<qint64> order{dimensions}, begin, end, axes;
    Shape whole{images};
    for (qint64 d = 0; d < dimensions; ++d) {
        const auto at = static_cast<std::size_t>(d);
        order.insert(order.end(), {dimensions + 1 + d, d});
        const qint64 size = std::min(b.x[at + 1] * b.block[at], kMaxTensorElements);
        whole.push_back(size);
        if (b.edges[2 * at] + b.edges[2 * at + 1] > size)
            return damagedTflite(QStringLiteral("crops beyond a dimension of %1").arg(size));
        begin.push_back(b.edges[2 * at]);
        end.push_back(size - b.edges[2 * at + 1]);
        axes.push_back(d + 1);
    }
    for (std::size_t d = b.block.size() + 1; d < b.x.size(); ++d) {
        order.push_back(static_cast<qint64>(d + b.block.size()));
        whole.push_back(b.x[d]);
    }
    std::string x = between(op, "split", Reshape{true}, {op.in(0), list(op, "split-shape", split)});
    x = between(op, "turned", Transpose{order}, {x});
    x = between(op, "whole", Reshape{true}, {x, list(op, "shape", whole)});
    op.node(Slice{}, {x, list(op, "begin", begin), list(op, "end", end), list(op, "axes", axes)});
    return {};
}

// Inputs: x, axes.
Status reverse(const TfliteOperator& op)
{
    EMBER_TRY(const std::vector<qint64> axes, op.integers(1));
    const std::size_t count = axes.size();
    op.node(Slice{}, {op.in(0), list(op, "begin", std::vector<qint64>(count, -1)),
                      list(op, "end", std::vector<qint64>(count, -kMaxTensorElements)), list(op, "axes", axes),
                      list(op, "steps", std::vector<qint64>(count, -1))});
    return {};
}

Status zerosLike(const TfliteOperator& op)
{
    if (!op.has(0) || op.outputs.empty())
        return noTfliteOptions();
    const std::string shape = op.name + "/shape";
    op.graph->nodes.push_back({shape, ShapeOf{}, {op.in(0)}, {shape}});
    EMBER_TRY(Tensor zero, Tensor::zeros(op.outputs[0]->info.type, {}));
    op.node(Fill{}, {shape, op.constant("zero", std::move(zero))});
    return {};
}

// Inputs: ids, table.
Status embeddingLookup(const TfliteOperator& op)
{
    if (!op.has(1) || op.outputs.empty() || op.inputs[1]->info.type != op.outputs[0]->info.type)
        return unsupportedTflite(QStringLiteral("EMBEDDING_LOOKUP in a table of other numbers"));
    op.node(Gather{0}, {op.in(1), op.in(0)});
    return {};
}

} // namespace

const TfliteConverters& tfliteShapeConverters()
{
    static const TfliteConverters kAll = {{kReshape, reshape},
                                          {kSqueeze, squeeze},
                                          {kConcatenation, concat},
                                          {kSplit, split},
                                          {kSplitV, split},
                                          {kSlice, slice},
                                          {kStridedSlice, stridedSlice},
                                          {kMirrorPad, mirrorPad},
                                          {kGather, gather},
                                          {kPack, pack},
                                          {kUnpack, unpack},
                                          {kResizeBilinear, resize},
                                          {kResizeNearestNeighbor, resize},
                                          {kSpaceToDepth, depthSpace},
                                          {kDepthToSpace, depthSpace},
                                          {kShape, shapeOf},
                                          {kSpaceToBatchNd, spaceToBatch},
                                          {kBatchToSpaceNd, batchToSpace},
                                          {kReverseV2, reverse},
                                          {kZerosLike, zerosLike},
                                          {kEmbeddingLookup, embeddingLookup}};
    return kAll;
}

} // namespace ember::model::detail
