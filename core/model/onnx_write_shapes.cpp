// SPDX-License-Identifier: GPL-3.0-or-later
// Operations that move, select and make elements as operators of ai.onnx.
#include "core/model/onnx_write.h"

#include <algorithm>
#include <limits>

namespace ember::model::detail {
namespace {

// Axes that are attributes here are inputs there.
std::vector<std::string> withAxes(const OnnxNodeWriter& to, const std::vector<qint64>& own)
{
    std::vector<std::string> from{to.in(0)};
    if (to.has(1))
        from.push_back(to.wide(1, "axes"));
    else if (!own.empty())
        from.push_back(to.integers("axes", own));
    return from;
}

Result<std::vector<qint64>> knownList(const OnnxNodeWriter& to, std::size_t input, const char* what)
{
    const Tensor* value = to.known(input);
    if (!value)
        return noForm(QStringLiteral("%1 that depend on the data").arg(QLatin1String(what)));
    return value->toInt64();
}

} // namespace

Status write(const Reshape& op, const OnnxNodeWriter& to)
{
    AttributeWriter attributes = to.add("Reshape", {to.in(0), to.wide(1, "shape")}, to.outputs());
    // A shape without zeros needs no word about them, and one that holds -1 too must not have it.
    const Tensor* shape = to.known(1);
    const std::vector<qint64> sizes = shape ? shape->toInt64() : std::vector<qint64>{0};
    if (op.zeroIsZero && std::find(sizes.begin(), sizes.end(), 0) != sizes.end())
        attributes.integer("allowzero", 1);
    return {};
}

Status write(const Squeeze& op, const OnnxNodeWriter& to)
{
    to.add("Squeeze", withAxes(to, op.axes), to.outputs());
    return {};
}

Status write(const Unsqueeze& op, const OnnxNodeWriter& to)
{
    std::vector<std::string> from = withAxes(to, op.axes);
    // TensorFlow has one axis as a single number.
    if (const Tensor* axes = to.known(1); axes && axes->rank() != 1)
        from[1] = to.integers("axes-list", axes->toInt64());
    to.add("Unsqueeze", from, to.outputs());
    return {};
}

Status write(const Flatten& op, const OnnxNodeWriter& to)
{
    to.add("Flatten", to.inputs(1), to.outputs()).integer("axis", op.axis);
    return {};
}

Status write(const Expand&, const OnnxNodeWriter& to)
{
    to.add("Expand", {to.in(0), to.wide(1, "shape")}, to.outputs());
    return {};
}

Status write(const Tile&, const OnnxNodeWriter& to)
{
    to.add("Tile", {to.in(0), to.wide(1, "repeats")}, to.outputs());
    return {};
}

Status write(const Transpose& op, const OnnxNodeWriter& to)
{
    std::vector<qint64> order = op.permutation;
    if (to.has(1)) {
        EMBER_TRY(order, knownList(to, 1, "dimensions of a transpose"));
    }
    AttributeWriter attributes = to.add("Transpose", to.inputs(1), to.outputs());
    if (!order.empty())
        attributes.ints("perm", order);
    return {};
}

Status write(const Concat& op, const OnnxNodeWriter& to)
{
    to.add("Concat", to.inputs(), to.outputs()).integer("axis", op.axis);
    return {};
}

// Equal parts are a matter of the operator's version where the last one is smaller, so sizes are written.
Status write(const Split& op, const OnnxNodeWriter& to)
{
    std::vector<qint64> sizes = op.sizes;
    if (to.has(1)) {
        EMBER_TRY(sizes, knownList(to, 1, "parts of a split"));
    }
    const auto shape = to.shape(0);
    const auto rank = shape ? static_cast<qint64>(shape->size()) : 0;
    const qint64 axis = op.axis < 0 ? op.axis + rank : op.axis;
    if (!shape || axis < 0 || axis >= rank)
        return noForm(QStringLiteral("a split of a value whose shape depends on the data"));
    const qint64 whole = (*shape)[static_cast<std::size_t>(axis)];
    const auto parts = static_cast<qint64>(to.node.outputs.size());
    if (sizes.empty()) {
        const qint64 each = (whole + parts - 1) / parts;
        for (qint64 i = 0; i < parts; ++i)
            sizes.push_back(std::clamp<qint64>(whole - i * each, 0, each));
    }
    qint64 given = 0;
    for (const qint64 size : sizes)
        given += std::max<qint64>(0, size);
    for (qint64& size : sizes)
        size = size < 0 ? whole - given : size;
    to.add("Split", {to.in(0), to.integers("sizes", sizes)}, to.node.outputs).integer("axis", op.axis);
    return {};
}

Status write(const Slice&, const OnnxNodeWriter& to)
{
    to.add("Slice", to.inputs(5), to.outputs());
    return {};
}

// A slice, then the dimensions that an index takes away, then those that are new.
Status write(const StridedSlice& op, const OnnxNodeWriter& to)
{
    if (op.ellipsisMask != 0)
        return noForm(QStringLiteral("a strided slice with an ellipsis"));
    EMBER_TRY(const std::vector<qint64> begin, knownList(to, 1, "begins of a slice"));
    EMBER_TRY(const std::vector<qint64> end, knownList(to, 2, "ends of a slice"));
    EMBER_TRY(const std::vector<qint64> strides, knownList(to, 3, "strides of a slice"));
    if (begin.size() != end.size() || begin.size() != strides.size() || begin.size() > 31)
        return noForm(QStringLiteral("a strided slice whose lists do not agree"));
    constexpr qint64 kFar = std::numeric_limits<qint32>::max();
    std::vector<qint64> starts, ends, axes, steps, gone, added;
    qint64 axis = 0, place = 0;
    for (std::size_t i = 0; i < begin.size(); ++i) {
        const auto bit = static_cast<qint32>(1U << i);
        if (op.newAxisMask & bit) {
            added.push_back(place++);
            continue;
        }
        const bool forward = strides[i] > 0;
        const bool index = (op.shrinkAxisMask & bit) != 0;
        starts.push_back(!index && (op.beginMask & bit) ? (forward ? 0 : kFar) : begin[i]);
        ends.push_back(index                ? (begin[i] == -1 ? kFar : begin[i] + 1)
                       : (op.endMask & bit) ? (forward ? kFar : -kFar)
                                            : end[i]);
        steps.push_back(index ? 1 : strides[i]);
        axes.push_back(axis);
        if (index)
            gone.push_back(axis);
        else
            ++place;
        ++axis;
    }
    std::string value = to.in(0);
    const auto emit = [&to, &value](const char* type, std::vector<std::string> more, bool last) {
        const std::string made = last ? to.out() : to.name(type);
        more.insert(more.begin(), value);
        to.add(type, more, {made});
        value = made;
    };
    emit("Slice",
         {to.integers("starts", starts), to.integers("ends", ends), to.integers("axes", axes),
          to.integers("steps", steps)},
         gone.empty() && added.empty());
    if (!gone.empty())
        emit("Squeeze", {to.integers("taken", gone)}, added.empty());
    if (!added.empty())
        emit("Unsqueeze", {to.integers("new", added)}, true);
    return {};
}

Status write(const Pad& op, const OnnxNodeWriter& to)
{
    static constexpr const char* kModes[] = {"constant", "reflect", "", "edge", "wrap"};
    const char* mode = kModes[static_cast<int>(op.mode)];
    if (!*mode)
        return noForm(QStringLiteral("a border that repeats the edge (symmetric padding)"));
    std::string pads = to.wide(1, "pads");
    if (op.pairs) {
        EMBER_TRY(const std::vector<qint64> pairs, knownList(to, 1, "pads"));
        std::vector<qint64> list;
        for (std::size_t side = 0; side < 2; ++side) {
            for (std::size_t i = side; i < pairs.size(); i += 2)
                list.push_back(pairs[i]);
        }
        pads = to.integers("pads-list", list);
    }
    std::vector<std::string> from{to.in(0), pads};
    if (to.has(2)) {
        const Tensor* value = to.known(2);
        if (value && value->rank() != 0) {
            Tensor scalar = *value;
            EMBER_CHECK(scalar.reshape({}));
            from.push_back(to.constant("value", std::move(scalar)));
        } else {
            from.push_back(to.in(2));
        }
    } else if (const Quantisation* q = to.file.quantisation(to.node.inputs[0])) {
        // What stands for zero.
        EMBER_TRY(Tensor zero, Tensor::zeros(*to.type(0), {}));
        const qint64 stored = q->zeroPoint();
        zero.assign(std::span<const qint64>(&stored, 1));
        from.push_back(to.constant("value", std::move(zero)));
    }
    if (to.has(3)) {
        from.resize(3);
        from.push_back(to.wide(3, "axes"));
    }
    to.add("Pad", from, to.outputs()).text("mode", mode);
    return {};
}

Status write(const Gather& op, const OnnxNodeWriter& to)
{
    to.add("Gather", to.inputs(2), to.outputs()).integer("axis", op.axis);
    return {};
}

Status write(const GatherElements& op, const OnnxNodeWriter& to)
{
    to.add("GatherElements", to.inputs(2), to.outputs()).integer("axis", op.axis);
    return {};
}

Status write(const GatherNd&, const OnnxNodeWriter& to)
{
    to.add("GatherND", {to.in(0), to.wide(1, "indices")}, to.outputs());
    return {};
}

Status write(const ScatterElements& op, const OnnxNodeWriter& to)
{
    to.add("ScatterElements", to.inputs(3), to.outputs()).integer("axis", op.axis);
    return {};
}

Status write(const ShapeOf& op, const OnnxNodeWriter& to)
{
    const bool other = op.type != TensorType::Int64;
    const std::string made = other ? to.name("shape") : to.out();
    AttributeWriter attributes = to.add("Shape", to.inputs(1), {made});
    if (op.end != ShapeOf().end)
        attributes.integer("end", op.end);
    if (op.begin != 0)
        attributes.integer("start", op.begin);
    if (other)
        to.add("Cast", {made}, to.outputs()).integer("to", elemTypeFor(op.type));
    return {};
}

Status write(const SizeOf&, const OnnxNodeWriter& to)
{
    to.add("Size", to.inputs(1), to.outputs());
    return {};
}

Status write(const Range&, const OnnxNodeWriter& to)
{
    to.add("Range", to.inputs(3), to.outputs());
    return {};
}

Status write(const Fill&, const OnnxNodeWriter& to)
{
    const Tensor* value = to.known(1);
    if (to.has(1) && !value) {
        to.add("Expand", {to.in(1), to.wide(0, "shape")}, to.outputs());
        return {};
    }
    AttributeWriter attributes = to.add("ConstantOfShape", {to.wide(0, "shape")}, to.outputs());
    if (value) {
        Tensor list = *value;
        EMBER_CHECK(list.reshape({1}));
        attributes.tensor("value", list);
    }
    return {};
}

Status write(const EyeLike& op, const OnnxNodeWriter& to)
{
    AttributeWriter attributes = to.add("EyeLike", to.inputs(1), to.outputs());
    if (!op.ofInputType)
        attributes.integer("dtype", elemTypeFor(op.type));
    attributes.integer("k", op.diagonal);
    return {};
}

Status write(const OneHot& op, const OnnxNodeWriter& to)
{
    to.add("OneHot", to.inputs(3), to.outputs()).integer("axis", op.axis);
    return {};
}

Status write(const DepthSpace& op, const OnnxNodeWriter& to)
{
    std::string x = to.in(0);
    std::string made = to.out();
    if (op.layout == Layout::ChannelsLast) {
        to.add("Transpose", {x}, {to.name("channels-first")}).ints("perm", {0, 3, 1, 2});
        x = to.name("channels-first");
        made = to.name("moved");
    }
    AttributeWriter attributes = to.add(op.toDepth ? "SpaceToDepth" : "DepthToSpace", {x}, {made});
    attributes.integer("blocksize", op.block);
    if (!op.toDepth)
        attributes.text("mode", op.columnRowDepth ? "CRD" : "DCR");
    if (op.layout == Layout::ChannelsLast)
        to.add("Transpose", {made}, to.outputs()).ints("perm", {0, 2, 3, 1});
    return {};
}

Status write(const Resize& op, const OnnxNodeWriter& to)
{
    static constexpr const char* kKinds[] = {"nearest", "linear", "cubic"};
    static constexpr const char* kOrigins[] = {"half_pixel",    "half_pixel_symmetric", "pytorch_half_pixel",
                                               "align_corners", "asymmetric",           "tf_crop_and_resize"};
    static constexpr const char* kNearest[] = {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"};
    static constexpr const char* kPolicies[] = {"stretch", "not_larger", "not_smaller"};
    std::vector<std::string> from{to.in(0), to.in(1)};
    const Tensor* sizes = to.known(3);
    const bool bySize = to.has(3) && (!sizes || sizes->size() > 0);
    if (bySize) {
        from.emplace_back();
        from.push_back(to.wide(3, "sizes"));
    } else {
        from.push_back(to.in(2));
    }
    const bool modern = to.file.opset() >= 18;
    AttributeWriter attributes = to.add("Resize", from, to.outputs());
    if (modern && op.antialias)
        attributes.integer("antialias", 1);
    if (modern && !op.axes.empty())
        attributes.ints("axes", op.axes);
    attributes.text("coordinate_transformation_mode", kOrigins[static_cast<int>(op.origin)])
        .real("cubic_coeff_a", op.cubicA)
        .integer("exclude_outside", op.excludeOutside ? 1 : 0)
        .real("extrapolation_value", op.extrapolation);
    if (modern && op.policy != AspectPolicy::Stretch)
        attributes.text("keep_aspect_ratio_policy", kPolicies[static_cast<int>(op.policy)]);
    attributes.text("mode", kKinds[static_cast<int>(op.kind)])
        .text("nearest_mode", kNearest[static_cast<int>(op.nearest)]);
    return {};
}

} // namespace ember::model::detail
