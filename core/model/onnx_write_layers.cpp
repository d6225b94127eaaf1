// SPDX-License-Identifier: GPL-3.0-or-later
// Layers of networks as operators of ai.onnx. Those with channels last, as TensorFlow Lite has them, are written with a
// Transpose before and behind; their weights are stored in ONNX's order.
#include "core/model/graph_edit.h"
#include "core/model/onnx_ops.h"
#include "core/model/onnx_write.h"

#include <algorithm>

namespace ember::model::detail {
namespace {

// Attributes of a window, in order of their names; `kernel` and others come between.
void writePadding(AttributeWriter& attributes, const Window& window)
{
    switch (window.padding) {
    case Padding::SameUpper:
        attributes.text("auto_pad", "SAME_UPPER");
        break;
    case Padding::SameLower:
        attributes.text("auto_pad", "SAME_LOWER");
        break;
    case Padding::Valid:
        attributes.text("auto_pad", "VALID");
        break;
    case Padding::Explicit:
        break;
    }
}

void writeList(AttributeWriter& attributes, const char* name, const std::vector<qint64>& values)
{
    if (!values.empty())
        attributes.ints(name, values);
}

void writePads(AttributeWriter& attributes, const Window& window)
{
    std::vector<qint64> pads = window.padsBegin;
    pads.insert(pads.end(), window.padsEnd.begin(), window.padsEnd.end());
    if (window.padding == Padding::Explicit && !pads.empty())
        attributes.ints("pads", pads);
}

/// A layer between its input and its output with channels first, whatever the graph has.
struct Frame
{
    std::string x;
    std::string made;
    std::string before; ///< the activation
};

Frame enter(const OnnxNodeWriter& to, Layout layout, std::size_t rank, Activation activation)
{
    Frame frame;
    frame.x = to.in(0);
    frame.before = to.before(activation, to.out());
    frame.made = frame.before;
    if (layout == Layout::ChannelsFirst)
        return frame;
    to.add("Transpose", {frame.x}, {to.name("channels-first")}).ints("perm", firstOrder(rank));
    frame.x = to.name("channels-first");
    frame.made = to.name("layer");
    return frame;
}

void leave(const OnnxNodeWriter& to, const Frame& frame, std::size_t rank, Activation activation)
{
    if (frame.made != frame.before)
        to.add("Transpose", {frame.made}, {frame.before}).ints("perm", lastOrder(rank));
    to.activation(activation, frame.before, to.out());
}

Result<std::size_t> rankOf(const OnnxNodeWriter& to, std::size_t input)
{
    const auto shape = to.shape(input);
    if (!shape)
        return noForm(QStringLiteral("the number of dimensions of '%1' depends on the data")
                          .arg(QString::fromStdString(to.node.inputs[input])));
    return shape->size();
}

std::vector<std::string> withBias(const OnnxNodeWriter& to, const std::string& x, const std::string& weights)
{
    std::vector<std::string> from{x, weights};
    if (to.has(2))
        from.push_back(to.bias());
    return from;
}

} // namespace

// Rows of any number of leading dimensions.
Status write(const Dense& op, const OnnxNodeWriter& to)
{
    EMBER_TRY(const std::size_t rank, rankOf(to, 0));
    const std::string before = to.before(op.activation, to.out());
    if (op.keepLeading && rank != 2) {
        std::string product = to.has(2) ? to.name("product") : before;
        to.add("MatMul", {to.in(0), to.reordered(1, {1, 0}, "weights")}, {product});
        if (to.has(2))
            to.add("Add", {product, to.bias()}, {before});
    } else {
        std::string x = to.in(0);
        if (rank != 2) {
            const auto weights = to.shape(1);
            if (!weights || weights->size() != 2)
                return noForm(QStringLiteral("dense weights whose shape depends on the data"));
            x = to.step("rows", "Reshape", {x, to.integers("rows-shape", {-1, (*weights)[1]})});
        }
        to.add("Gemm", withBias(to, x, to.in(1)), {before}).integer("transB", 1);
    }
    to.activation(op.activation, before, to.out());
    return {};
}

Status write(const Gemm& op, const OnnxNodeWriter& to)
{
    to.add("Gemm", to.inputs(3), to.outputs())
        .real("alpha", op.alpha)
        .real("beta", op.beta)
        .integer("transA", op.transposeA ? 1 : 0)
        .integer("transB", op.transposeB ? 1 : 0);
    return {};
}

Status write(const MatMul& op, const OnnxNodeWriter& to)
{
    const auto side = [&to](std::size_t input, bool turned, const char* what) -> Result<std::string> {
        if (!turned)
            return to.in(input);
        EMBER_TRY(const std::size_t rank, rankOf(to, input));
        std::vector<qint64> order(rank);
        for (std::size_t d = 0; d < rank; ++d)
            order[d] = static_cast<qint64>(d);
        if (rank >= 2)
            std::swap(order[rank - 1], order[rank - 2]);
        return to.reordered(input, order, what);
    };
    EMBER_TRY(const std::string a, side(0, op.transposeA, "left"));
    EMBER_TRY(const std::string b, side(1, op.transposeB, "right"));
    to.add("MatMul", {a, b}, to.outputs());
    return {};
}

Status write(const Conv& op, const OnnxNodeWriter& to)
{
    std::size_t rank = 0;
    std::string weights;
    if (op.layout == Layout::ChannelsLast) {
        EMBER_TRY(rank, rankOf(to, 1));
        weights = to.reordered(1, firstOrder(rank), "weights");
    } else {
        weights = to.in(1);
    }
    const Frame frame = enter(to, op.layout, rank, op.activation);
    AttributeWriter attributes = to.add("Conv", withBias(to, frame.x, weights), {frame.made});
    writePadding(attributes, op.window);
    writeList(attributes, "dilations", op.window.dilations);
    attributes.integer("group", op.groups);
    writePads(attributes, op.window);
    writeList(attributes, "strides", op.window.strides);
    leave(to, frame, rank, op.activation);
    return {};
}

// A group for each channel.
Status write(const DepthwiseConv& op, const OnnxNodeWriter& to)
{
    EMBER_TRY(const std::size_t rank, rankOf(to, 1));
    const auto x = to.shape(0);
    if (!x || x->size() != rank)
        return noForm(QStringLiteral("the channels of a depthwise convolution depend on the data"));
    std::vector<qint64> order{static_cast<qint64>(rank) - 1};
    for (std::size_t d = 0; d + 1 < rank; ++d)
        order.push_back(static_cast<qint64>(d));
    const std::string weights = to.reordered(1, order, "weights");
    const Frame frame = enter(to, Layout::ChannelsLast, rank, op.activation);
    AttributeWriter attributes = to.add("Conv", withBias(to, frame.x, weights), {frame.made});
    writePadding(attributes, op.window);
    writeList(attributes, "dilations", op.window.dilations);
    attributes.integer("group", x->back());
    writePads(attributes, op.window);
    writeList(attributes, "strides", op.window.strides);
    leave(to, frame, rank, op.activation);
    return {};
}

Status write(const ConvTranspose& op, const OnnxNodeWriter& to)
{
    std::size_t rank = 0;
    std::string weights;
    if (op.layout == Layout::ChannelsLast) {
        EMBER_TRY(rank, rankOf(to, 1));
        // From [out, spatial..., in] to [in, out, spatial...].
        std::vector<qint64> order{static_cast<qint64>(rank) - 1};
        for (std::size_t d = 0; d + 1 < rank; ++d)
            order.push_back(static_cast<qint64>(d));
        weights = to.reordered(1, order, "weights");
    } else {
        weights = to.in(1);
    }
    const Frame frame = enter(to, op.layout, rank, op.activation);
    AttributeWriter attributes = to.add("ConvTranspose", withBias(to, frame.x, weights), {frame.made});
    writePadding(attributes, op.window);
    writeList(attributes, "dilations", op.window.dilations);
    attributes.integer("group", op.groups);
    writeList(attributes, "output_padding", op.outputPadding);
    writeList(attributes, "output_shape", op.outputSize);
    writePads(attributes, op.window);
    writeList(attributes, "strides", op.window.strides);
    leave(to, frame, rank, op.activation);
    return {};
}

Status write(const Pool& op, const OnnxNodeWriter& to)
{
    const std::size_t rank = op.kernel.size() + 2;
    if (op.layout == Layout::ChannelsLast && to.hasOut(1))
        return noForm(QStringLiteral("the places of maxima with channels last"));
    const Frame frame = enter(to, op.layout, rank, op.activation);
    std::vector<std::string> made{frame.made};
    if (to.hasOut(1))
        made.push_back(to.out(1));
    const bool maximum = op.kind == PoolKind::Maximum;
    AttributeWriter attributes =
        to.add(maximum ? "MaxPool" : (op.kind == PoolKind::Lp ? "LpPool" : "AveragePool"), {frame.x}, made);
    writePadding(attributes, op.window);
    if (op.ceilMode)
        attributes.integer("ceil_mode", 1);
    if (op.kind == PoolKind::Average)
        attributes.integer("count_include_pad", op.countPadding ? 1 : 0);
    writeList(attributes, "dilations", op.window.dilations);
    attributes.ints("kernel_shape", op.kernel);
    if (op.kind == PoolKind::Lp)
        attributes.integer("p", op.p);
    writePads(attributes, op.window);
    if (op.columnMajor)
        attributes.integer("storage_order", 1);
    writeList(attributes, "strides", op.window.strides);
    leave(to, frame, rank, op.activation);
    return {};
}

Status write(const BatchNorm& op, const OnnxNodeWriter& to)
{
    to.add("BatchNormalization", to.inputs(5), to.outputs()).real("epsilon", op.epsilon);
    return {};
}

Status write(const InstanceNorm& op, const OnnxNodeWriter& to)
{
    if (op.groups == 0) {
        to.add("InstanceNormalization", to.inputs(3), to.outputs()).real("epsilon", op.epsilon);
        return {};
    }
    if (op.scalePerGroup && to.file.opset() >= 21)
        return noForm(QStringLiteral("scales for each group of channels beside operators of version 21"));
    to.add("GroupNormalization", to.inputs(3), to.outputs())
        .real("epsilon", op.epsilon)
        .integer("num_groups", op.groups);
    return {};
}

Status write(const LayerNorm& op, const OnnxNodeWriter& to)
{
    to.add("LayerNormalization", to.inputs(3), to.outputs()).integer("axis", op.axis).real("epsilon", op.epsilon);
    return {};
}

Status write(const LocalResponseNorm& op, const OnnxNodeWriter& to)
{
    to.add("LRN", to.inputs(1), to.outputs())
        .real("alpha", op.alpha)
        .real("beta", op.beta)
        .real("bias", op.bias)
        .integer("size", op.size);
    return {};
}

Status write(const NormScale& op, const OnnxNodeWriter& to)
{
    if (op.kind != NormKind::Maximum) {
        to.add("LpNormalization", to.inputs(1), to.outputs())
            .integer("axis", op.axis)
            .integer("p", op.kind == NormKind::L1 ? 1 : 2);
        return {};
    }
    if (op.axis != -1 || to.type(0) != TensorType::Float32)
        return noForm(QStringLiteral("division by the largest along an axis that is not the last"));
    to.add("Normalizer", to.inputs(1), to.outputs(), kMlDomain).text("norm", "MAX");
    return {};
}

Status write(const Recurrent& op, const OnnxNodeWriter& to)
{
    static constexpr const char* kTypes[] = {"RNN", "GRU", "LSTM"};
    static constexpr const char* kDirections[] = {"forward", "reverse", "bidirectional"};
    std::vector<std::string> names;
    std::vector<float> alphas, betas;
    for (const Unary& activation : op.activations) {
        const RecurrentActivation* known = recurrentActivation(activation.kind);
        if (!known)
            return noForm(QStringLiteral("the recurrent activation %1").arg(operationName(activation)));
        names.emplace_back(known->name);
        if (known->takesAlpha)
            alphas.push_back(activation.alpha);
        if (known->takesBeta)
            betas.push_back(activation.beta);
    }
    AttributeWriter attributes = to.add(kTypes[static_cast<int>(op.kind)], to.inputs(8), to.outputs());
    if (!alphas.empty())
        attributes.floats("activation_alpha", alphas);
    if (!betas.empty())
        attributes.floats("activation_beta", betas);
    attributes.strings("activations", names);
    if (op.clip != 0.0f)
        attributes.real("clip", op.clip);
    attributes.text("direction", kDirections[static_cast<int>(op.direction)]).integer("hidden_size", op.hidden);
    if (op.kind == RecurrentKind::Lstm)
        attributes.integer("input_forget", op.inputForget ? 1 : 0);
    attributes.integer("layout", op.batchFirst ? 1 : 0);
    if (op.kind == RecurrentKind::Gru)
        attributes.integer("linear_before_reset", op.linearBeforeReset ? 1 : 0);
    return {};
}

Status write(const Svdf&, const OnnxNodeWriter&)
{
    return noForm(QStringLiteral("a filter by singular values (SVDF) keeps a state, which no operator does"));
}

Status write(const SequenceLstm&, const OnnxNodeWriter&)
{
    return noForm(QStringLiteral("a memory that goes on from run to run keeps a state, which no operator does"));
}

Status write(const Assign&, const OnnxNodeWriter&)
{
    return noForm(QStringLiteral("a variable keeps a state, which no operator does"));
}

Status write(const Signal& op, const OnnxNodeWriter&)
{
    return noForm(QStringLiteral("no operator has the fixed point of %1").arg(operationName(op)));
}

} // namespace ember::model::detail
