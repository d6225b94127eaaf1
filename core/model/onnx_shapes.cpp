// SPDX-License-Identifier: GPL-3.0-or-later
// Operators of ai.onnx that move, select and make elements.
#include "core/model/onnx_ops.h"
#include "core/model/onnx_tensor.h"

namespace ember::model::detail {
namespace {

template <typename Operation>
Status plain(const OnnxOperator& op)
{
    return op.node(Operation{}, op.inputs());
}

// The shape is an attribute before version 5.
Status reshape(const OnnxOperator& op)
{
    if (op.version < 5)
        return op.node(Reshape{}, {op.in(0), op.integers("shape", op.list("shape"))});
    return op.node(Reshape{op.flag("allowzero")}, op.inputs(2));
}

Status squeeze(const OnnxOperator& op)
{
    return op.node(Squeeze{op.list("axes")}, op.inputs(2));
}

Status unsqueeze(const OnnxOperator& op)
{
    return op.node(Unsqueeze{op.list("axes")}, op.inputs(2));
}

Status flatten(const OnnxOperator& op)
{
    return op.node(Flatten{op.integer("axis", 1)}, op.inputs(1));
}

Status tile(const OnnxOperator& op)
{
    if (op.version < 6)
        return unsupported(QStringLiteral("Tile of version %1").arg(op.version));
    return op.node(Tile{}, op.inputs(2));
}

Status transpose(const OnnxOperator& op)
{
    return op.node(Transpose{op.list("perm")}, op.inputs(1));
}

Status concat(const OnnxOperator& op)
{
    return op.node(Concat{op.integer("axis", 1)}, op.inputs());
}

Status split(const OnnxOperator& op)
{
    return op.node(Split{op.integer("axis", 0), op.list("split")}, op.inputs(2));
}

// Bounds are attributes before version 10.
Status slice(const OnnxOperator& op)
{
    if (op.version >= 10)
        return op.node(Slice{}, op.inputs(5));
    std::vector<std::string> from{op.in(0), op.integers("starts", op.list("starts")),
                                  op.integers("ends", op.list("ends"))};
    if (op.attributes.has("axes"))
        from.push_back(op.integers("axes", op.list("axes")));
    return op.node(Slice{}, std::move(from));
}

Status pad(const OnnxOperator& op)
{
    static const std::map<std::string, PadMode> kModes = {{"constant", PadMode::Constant},
                                                          {"reflect", PadMode::Reflect},
                                                          {"edge", PadMode::Edge},
                                                          {"wrap", PadMode::Wrap}};
    const auto mode = kModes.find(op.attributes.text("mode", "constant"));
    if (mode == kModes.end())
        return damaged(QStringLiteral("an unknown way to pad"));
    if (op.version >= 11)
        return op.node(Pad{mode->second, false}, op.inputs(4));
    const char* name = op.attributes.has("pads") ? "pads" : "paddings";
    return op.node(Pad{mode->second, false},
                   {op.in(0), op.integers("pads", op.list(name)), op.real("value", op.number("value", 0))});
}

Status gather(const OnnxOperator& op)
{
    return op.node(Gather{op.integer("axis", 0)}, op.inputs(2));
}

Status gatherElements(const OnnxOperator& op)
{
    return op.node(GatherElements{op.integer("axis", 0)}, op.inputs(2));
}

Status gatherNd(const OnnxOperator& op)
{
    if (op.integer("batch_dims", 0) != 0)
        return unsupported(QStringLiteral("GatherND with batch dimensions"));
    return op.node(GatherNd{}, op.inputs(2));
}

Status scatterElements(const OnnxOperator& op)
{
    if (op.attributes.text("reduction", "none") != "none")
        return unsupported(QStringLiteral("ScatterElements with a reduction"));
    return op.node(ScatterElements{op.integer("axis", 0)}, op.inputs(3));
}

Status shapeOf(const OnnxOperator& op)
{
    return op.node(ShapeOf{op.integer("start", 0), op.integer("end", 1'000'000)}, op.inputs(1));
}

Result<Tensor> constantValue(const OnnxOperator& op)
{
    const Attributes& a = op.attributes;
    if (const pb::TensorProto* value = a.tensorProto("value"))
        return readTensor(*value);
    if (a.has("value_float"))
        return Tensor::of(std::vector<float>{a.real("value_float", 0)}, {});
    if (a.has("value_int"))
        return Tensor::of(std::vector<qint64>{a.integer("value_int", 0)}, {});
    if (a.has("value_floats")) {
        const auto list = a.floats("value_floats");
        return Tensor::of(std::vector<float>(list.begin(), list.end()), {static_cast<qint64>(list.size())});
    }
    if (a.has("value_ints")) {
        const std::vector<qint64> list = op.list("value_ints");
        return Tensor::of(list, {static_cast<qint64>(list.size())});
    }
    if (a.has("value_string"))
        return Tensor::ofStrings({a.text("value_string", "")}, {});
    if (a.has("value_strings")) {
        std::vector<std::string> list = a.strings("value_strings");
        const auto count = static_cast<qint64>(list.size());
        return Tensor::ofStrings(std::move(list), {count});
    }
    return unsupported(QStringLiteral("Constant of this kind"));
}

Status constant(const OnnxOperator& op)
{
    EMBER_TRY(Tensor value, constantValue(op));
    return op.define(op.out(0), std::move(value));
}

Status constantOfShape(const OnnxOperator& op)
{
    std::vector<std::string> from = op.inputs(1);
    if (const pb::TensorProto* proto = op.attributes.tensorProto("value")) {
        EMBER_TRY(Tensor value, readTensor(*proto));
        if (value.size() != 1)
            return damaged(QStringLiteral("ConstantOfShape with %1 values").arg(value.size()));
        from.push_back(op.constant("value", std::move(value)));
    }
    return op.node(Fill{}, std::move(from));
}

Status eyeLike(const OnnxOperator& op)
{
    EyeLike operation;
    operation.diagonal = op.integer("k", 0);
    if (op.attributes.has("dtype")) {
        const auto type = tensorTypeFor(static_cast<int>(op.integer("dtype", 0)));
        if (!type)
            return unsupported(QStringLiteral("EyeLike of element type %1").arg(op.integer("dtype", 0)));
        operation.ofInputType = false;
        operation.type = *type;
    }
    return op.node(operation, op.inputs(1));
}

Status oneHot(const OnnxOperator& op)
{
    return op.node(OneHot{op.integer("axis", -1)}, op.inputs(3));
}

Status depthSpace(const OnnxOperator& op)
{
    const bool toDepth = op.type() == "SpaceToDepth";
    return op.node(DepthSpace{toDepth, op.integer("blocksize", 1), op.attributes.text("mode", "DCR") == "CRD",
                              Layout::ChannelsFirst},
                   op.inputs(1));
}

Result<ResizeKind> resizeKind(const std::string& mode)
{
    if (mode == "nearest")
        return ResizeKind::Nearest;
    if (mode == "linear" || mode == "bilinear")
        return ResizeKind::Linear;
    if (mode == "cubic")
        return ResizeKind::Cubic;
    return damaged(QStringLiteral("an unknown way to resize"));
}

// Scales are an attribute before version 9.
Status upsample(const OnnxOperator& op)
{
    Resize operation;
    EMBER_TRY(operation.kind, resizeKind(op.attributes.text("mode", "nearest")));
    operation.origin = ResizeOrigin::Asymmetric;
    operation.nearest = NearestKind::Floor;
    std::string scales = op.in(1);
    if (op.version < 9) {
        const auto list = op.attributes.floats("scales");
        scales = op.constant(
            "scales", Tensor::of(std::vector<float>(list.begin(), list.end()), {static_cast<qint64>(list.size())}));
    }
    return op.node(operation, {op.in(0), {}, scales});
}

template <typename Value>
Status lookUp(const OnnxOperator& op, const char* attribute, const std::map<std::string, Value>& known, Value& into)
{
    if (!op.attributes.has(attribute))
        return {};
    const std::string text = op.attributes.text(attribute, "");
    const auto found = known.find(text);
    if (found == known.end())
        return unsupported(
            QStringLiteral("Resize with %1 '%2'").arg(QLatin1String(attribute), QString::fromStdString(text).left(40)));
    into = found->second;
    return {};
}

Status resize(const OnnxOperator& op)
{
    if (op.version < 11)
        return upsample(op);
    static const std::map<std::string, ResizeOrigin> kOrigins = {
        {"half_pixel", ResizeOrigin::HalfPixel},
        {"half_pixel_symmetric", ResizeOrigin::HalfPixelSymmetric},
        {"pytorch_half_pixel", ResizeOrigin::PytorchHalfPixel},
        {"align_corners", ResizeOrigin::AlignCorners},
        {"asymmetric", ResizeOrigin::Asymmetric},
        {"tf_crop_and_resize", ResizeOrigin::CropAndResize}};
    static const std::map<std::string, NearestKind> kNearest = {{"round_prefer_floor", NearestKind::RoundPreferFloor},
                                                                {"round_prefer_ceil", NearestKind::RoundPreferCeil},
                                                                {"floor", NearestKind::Floor},
                                                                {"ceil", NearestKind::Ceil}};
    static const std::map<std::string, AspectPolicy> kPolicies = {{"stretch", AspectPolicy::Stretch},
                                                                  {"not_larger", AspectPolicy::NotLarger},
                                                                  {"not_smaller", AspectPolicy::NotSmaller}};
    Resize operation;
    EMBER_TRY(operation.kind, resizeKind(op.attributes.text("mode", "nearest")));
    EMBER_CHECK(lookUp(op, "coordinate_transformation_mode", kOrigins, operation.origin));
    EMBER_CHECK(lookUp(op, "nearest_mode", kNearest, operation.nearest));
    EMBER_CHECK(lookUp(op, "keep_aspect_ratio_policy", kPolicies, operation.policy));
    operation.axes = op.list("axes");
    operation.cubicA = op.number("cubic_coeff_a", -0.75f);
    operation.extrapolation = op.number("extrapolation_value", 0.0f);
    operation.excludeOutside = op.flag("exclude_outside");
    operation.antialias = op.flag("antialias");
    return op.node(operation, op.inputs(4));
}

} // namespace

const OnnxConverters& onnxShapes()
{
    static const OnnxConverters kTable = {{"Concat", concat},
                                          {"Constant", constant},
                                          {"ConstantOfShape", constantOfShape},
                                          {"DepthToSpace", depthSpace},
                                          {"Expand", plain<Expand>},
                                          {"EyeLike", eyeLike},
                                          {"Flatten", flatten},
                                          {"Gather", gather},
                                          {"GatherElements", gatherElements},
                                          {"GatherND", gatherNd},
                                          {"OneHot", oneHot},
                                          {"Pad", pad},
                                          {"Range", plain<Range>},
                                          {"Reshape", reshape},
                                          {"Resize", resize},
                                          {"ScatterElements", scatterElements},
                                          {"Shape", shapeOf},
                                          {"Size", plain<SizeOf>},
                                          {"Slice", slice},
                                          {"SpaceToDepth", depthSpace},
                                          {"Split", split},
                                          {"Squeeze", squeeze},
                                          {"Tile", tile},
                                          {"Transpose", transpose},
                                          {"Unsqueeze", unsqueeze},
                                          {"Upsample", upsample}};
    return kTable;
}

} // namespace ember::model::detail
