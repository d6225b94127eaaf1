// SPDX-License-Identifier: GPL-3.0-or-later
// Quantised operations as operators of ai.onnx, and which operations take stored numbers as they are.
#include "core/model/onnx_write.h"
#include "core/model/ops/op.h"

#include <algorithm>

namespace ember::model::detail {
namespace {

template <typename... Kinds>
bool isOneOf(const Operation& operation)
{
    return (std::holds_alternative<Kinds>(operation) || ...);
}

void writeWindow(AttributeWriter& attributes, const Window& window, qint64 groups)
{
    static constexpr const char* kPaddings[] = {"NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"};
    attributes.text("auto_pad", kPaddings[static_cast<int>(window.padding)]);
    if (!window.dilations.empty())
        attributes.ints("dilations", window.dilations);
    attributes.integer("group", groups);
    std::vector<qint64> pads = window.padsBegin;
    pads.insert(pads.end(), window.padsEnd.begin(), window.padsEnd.end());
    if (window.padding == Padding::Explicit && !pads.empty())
        attributes.ints("pads", pads);
    if (!window.strides.empty())
        attributes.ints("strides", window.strides);
}

} // namespace

Status write(const Requantise&, const OnnxNodeWriter& to)
{
    const bool from = to.file.quantisation(to.node.inputs[0]) != nullptr;
    const bool into = to.file.quantisation(to.node.outputs[0]) != nullptr;
    if (!from && !into) {
        to.add("Identity", to.inputs(1), to.outputs());
        return {};
    }
    if (into)
        to.file.quantise(to.in(0), to.node.outputs[0]);
    else
        to.file.dequantise(to.node.inputs[0], to.node.outputs[0]);
    return {};
}

Status write(const QuantizeLinear& op, const OnnxNodeWriter& to)
{
    AttributeWriter attributes = to.add("QuantizeLinear", to.inputs(3), to.outputs());
    attributes.integer("axis", op.axis);
    if (op.blockSize != 0)
        attributes.integer("block_size", op.blockSize);
    if (!to.has(2) && op.type != TensorType::UInt8)
        attributes.integer("output_dtype", elemTypeFor(op.type));
    return {};
}

Status write(const DequantizeLinear& op, const OnnxNodeWriter& to)
{
    AttributeWriter attributes = to.add("DequantizeLinear", to.inputs(3), to.outputs());
    attributes.integer("axis", op.axis);
    if (op.blockSize != 0)
        attributes.integer("block_size", op.blockSize);
    return {};
}

Status write(const DynamicQuantizeLinear&, const OnnxNodeWriter& to)
{
    to.add("DynamicQuantizeLinear", to.inputs(1), to.outputs());
    return {};
}

Status write(const QLinearConv& op, const OnnxNodeWriter& to)
{
    AttributeWriter attributes = to.add("QLinearConv", to.inputs(9), to.outputs());
    writeWindow(attributes, op.window, op.groups);
    return {};
}

Status write(const QLinearMatMul&, const OnnxNodeWriter& to)
{
    to.add("QLinearMatMul", to.inputs(8), to.outputs());
    return {};
}

Status write(const ConvInteger& op, const OnnxNodeWriter& to)
{
    AttributeWriter attributes = to.add("ConvInteger", to.inputs(4), to.outputs());
    writeWindow(attributes, op.window, op.groups);
    return {};
}

Status write(const MatMulInteger&, const OnnxNodeWriter& to)
{
    to.add("MatMulInteger", to.inputs(4), to.outputs());
    return {};
}

bool movesStored(const OnnxFile& file, const Node& node)
{
    const bool moves =
        isOneOf<Reshape, Squeeze, Unsqueeze, Flatten, Expand, Tile, Transpose, Concat, Split, Slice, StridedSlice, Pad,
                Gather, GatherElements, GatherNd, ScatterElements, ArgExtreme, ShapeOf, SizeOf, DepthSpace, Where>(
            node.operation);
    const auto* pool = std::get_if<Pool>(&node.operation);
    const bool largest = pool && pool->kind == PoolKind::Maximum && pool->activation == Activation::None;
    const auto* resize = std::get_if<Resize>(&node.operation);
    const bool nearest = resize && resize->kind == ResizeKind::Nearest;
    const auto* unary = std::get_if<Unary>(&node.operation);
    const bool same = unary && unary->kind == UnaryKind::Identity;
    if (!moves && !largest && !nearest && !same)
        return false;
    // All that stand for reals must do so with one scale.
    const Quantisation* one = nullptr;
    for (const auto* names : {&node.inputs, &node.outputs}) {
        for (const std::string& name : *names) {
            const Quantisation* q = file.quantisation(name);
            if (!q)
                continue;
            if (one && (one->scales != q->scales || one->zeroPoints != q->zeroPoints))
                return false;
            one = q;
        }
    }
    return true;
}

namespace {

// Biases of 64 bits are written in 32, where that loses nothing.
bool isWritableBias(const Constant& bias)
{
    if (bias.value.type() != TensorType::Int64 || !bias.quantisation)
        return bias.value.type() == TensorType::Int32;
    const auto values = bias.value.as<qint64>();
    return std::all_of(values.begin(), values.end(), [](qint64 value) { return value == static_cast<qint32>(value); });
}

} // namespace

bool isKnownInReals(const OnnxFile& file, const Node& node)
{
    if (const auto* unary = std::get_if<Unary>(&node.operation))
        return unary->kind != UnaryKind::Rsqrt && unary->kind != UnaryKind::Square && unary->kind != UnaryKind::Not;
    if (const auto* binary = std::get_if<Binary>(&node.operation))
        return binary->kind <= BinaryKind::Divide || binary->kind == BinaryKind::Minimum ||
               binary->kind == BinaryKind::Maximum || binary->kind == BinaryKind::Prelu ||
               (binary->kind >= BinaryKind::Equal && binary->kind <= BinaryKind::GreaterOrEqual &&
                binary->kind != BinaryKind::NotEqual);
    // A constant would be taken for the weights of a dense layer.
    if (std::holds_alternative<MatMul>(node.operation))
        return !file.constant(node.inputs[1]);
    if (isOneOf<Dense, Conv, DepthwiseConv, ConvTranspose>(node.operation))
        return node.inputs.size() < 3 || !file.constant(node.inputs[2]) ||
               isWritableBias(*file.constant(node.inputs[2]));
    return isOneOf<Pool, Softmax, Reduce, Concat, Requantise>(node.operation);
}

namespace {

struct NeededOpset
{
    const Graph& graph;
    const Node& node;

    bool isOpen(std::size_t input) const
    {
        return input < node.inputs.size() && !node.inputs[input].empty() &&
               !graph.constants.contains(node.inputs[input]);
    }
    template <typename Any>
    int operator()(const Any&) const
    {
        return 15;
    }
    int operator()(const Unary& op) const
    {
        if (op.kind == UnaryKind::Gelu || op.kind == UnaryKind::GeluTanh)
            return 20;
        return op.kind == UnaryKind::Mish ? 18 : 15;
    }
    int operator()(const LayerNorm&) const { return 17; }
    int operator()(const InstanceNorm& op) const { return op.groups == 0 ? 15 : (op.scalePerGroup ? 18 : 21); }
    int operator()(const Reduce& op) const { return op.kind != ReduceKind::Sum && isOpen(1) ? 18 : 15; }
    int operator()(const Pool& op) const
    {
        const bool dilated = std::any_of(op.window.dilations.begin(), op.window.dilations.end(),
                                         [](qint64 dilation) { return dilation != 1; });
        if (op.kind == PoolKind::Maximum || (!dilated && !(op.kind == PoolKind::Lp && op.ceilMode)))
            return op.kind == PoolKind::Average && op.ceilMode ? 19 : 15;
        return op.kind == PoolKind::Average ? 19 : 18;
    }
    int operator()(const Pad& op) const
    {
        if (op.mode == PadMode::Wrap)
            return 19;
        return node.inputs.size() > 3 && !node.inputs[3].empty() ? 18 : 15;
    }
    int operator()(const Resize& op) const
    {
        if (op.origin == ResizeOrigin::HalfPixelSymmetric)
            return 19;
        return op.antialias || !op.axes.empty() || op.policy != AspectPolicy::Stretch ? 18 : 15;
    }
    int operator()(const QuantizeLinear& op) const
    {
        const bool wide = op.type == TensorType::Int16 || op.type == TensorType::UInt16;
        return op.blockSize != 0 || wide || hasWide() ? 21 : 15;
    }
    int operator()(const DequantizeLinear& op) const { return op.blockSize != 0 || hasWide() ? 21 : 15; }

    // 16-bit numbers with scales came with version 21.
    bool hasWide() const
    {
        return std::any_of(node.inputs.begin(), node.inputs.end(), [this](const std::string& name) {
            const auto found = graph.constants.find(name);
            return found != graph.constants.end() && (found->second.value.type() == TensorType::Int16 ||
                                                      found->second.value.type() == TensorType::UInt16);
        });
    }
};

} // namespace

int neededOpset(const Graph& graph, const Node& node)
{
    int version = std::visit(NeededOpset{graph, node}, node.operation);
    for (const auto* names : {&node.inputs, &node.outputs}) {
        for (const std::string& name : *names) {
            const auto info = graph.values.find(name);
            if (info != graph.values.end() && info->second.quantisation && info->second.type == TensorType::Int16)
                version = std::max(version, 21);
        }
    }
    return version;
}

} // namespace ember::model::detail
