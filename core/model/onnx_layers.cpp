// SPDX-License-Identifier: GPL-3.0-or-later
// Layers of networks in ai.onnx: convolutions, pooling, products, normalisations, recurrence.
#include "core/model/onnx_ops.h"

#include <algorithm>

namespace ember::model::detail {
namespace {

constexpr RecurrentActivation kActivations[] = {{"Relu", UnaryKind::Relu, 0, 0, false, false},
                                                {"Tanh", UnaryKind::Tanh, 0, 0, false, false},
                                                {"Sigmoid", UnaryKind::Sigmoid, 0, 0, false, false},
                                                {"LeakyRelu", UnaryKind::LeakyRelu, 0.01f, 0, true, false},
                                                {"ThresholdedRelu", UnaryKind::ThresholdedRelu, 1.0f, 0, true, false},
                                                {"HardSigmoid", UnaryKind::HardSigmoid, 0.2f, 0.5f, true, true},
                                                {"Elu", UnaryKind::Elu, 1.0f, 0, true, false},
                                                {"Softsign", UnaryKind::Softsign, 0, 0, false, false},
                                                {"Softplus", UnaryKind::Softplus, 0, 0, false, false}};

Status conv(const OnnxOperator& op)
{
    Conv layer;
    EMBER_TRY(layer.window, op.window());
    layer.groups = op.integer("group", 1);
    layer.layout = Layout::ChannelsFirst;
    return op.node(layer, op.inputs(3));
}

Status convTranspose(const OnnxOperator& op)
{
    ConvTranspose layer;
    EMBER_TRY(layer.window, op.window());
    layer.groups = op.integer("group", 1);
    layer.layout = Layout::ChannelsFirst;
    layer.outputPadding = op.list("output_padding");
    layer.outputSize = op.list("output_shape");
    return op.node(layer, op.inputs(3));
}

Status pool(const OnnxOperator& op)
{
    Pool layer;
    layer.kind =
        op.type() == "MaxPool" ? PoolKind::Maximum : (op.type() == "LpPool" ? PoolKind::Lp : PoolKind::Average);
    layer.kernel = op.list("kernel_shape");
    EMBER_TRY(layer.window, op.window());
    layer.layout = Layout::ChannelsFirst;
    layer.ceilMode = op.flag("ceil_mode");
    layer.countPadding = op.flag("count_include_pad");
    layer.columnMajor = op.flag("storage_order");
    layer.p = op.integer("p", 2);
    return op.node(layer, op.inputs(1));
}

// Over all spatial dimensions; of their number only the input knows, so they are flattened to one first.
Status globalPool(const OnnxOperator& op)
{
    const std::string flat = op.step("flat", Reshape{}, {op.in(0), op.integers("planes", {0, 0, -1})});
    const ReduceKind kind = op.type() == "GlobalMaxPool" ? ReduceKind::Maximum : ReduceKind::Mean;
    const std::string reduced = op.step("reduced", Reduce{kind, {2}, true, false}, {flat});
    // The result has as many dimensions as the input: its first two, and ones.
    const std::string head = op.step("head", ShapeOf{0, 2}, {op.in(0)});
    const std::string rest = op.step("rest", ShapeOf{2}, {op.in(0)});
    const std::string zero = op.step("zero", Binary{BinaryKind::Subtract, Activation::None}, {rest, rest});
    const std::string ones =
        op.step("ones", Binary{BinaryKind::Add, Activation::None}, {zero, op.integers("one", {1})});
    const std::string target = op.step("target", Concat{0}, {head, ones});
    return op.node(Reshape{}, {reduced, target});
}

Status gemm(const OnnxOperator& op)
{
    return op.node(Gemm{op.number("alpha", 1), op.number("beta", 1), op.flag("transA"), op.flag("transB")},
                   op.inputs(3));
}

Status matMul(const OnnxOperator& op)
{
    return op.node(MatMul{}, op.inputs(2));
}

Status batchNorm(const OnnxOperator& op)
{
    if (op.flag("training_mode"))
        return unsupported(QStringLiteral("BatchNormalization in training mode"));
    if (op.version < 9 && op.integer("spatial", 1) == 0)
        return unsupported(QStringLiteral("BatchNormalization of each cell"));
    op.add(BatchNorm{op.number("epsilon", 1e-5f)}, op.inputs(5), {op.out(0)});
    return {};
}

Status instanceNorm(const OnnxOperator& op)
{
    return op.node(InstanceNorm{op.number("epsilon", 1e-5f), 0, false}, op.inputs(3));
}

Status groupNorm(const OnnxOperator& op)
{
    return op.node(InstanceNorm{op.number("epsilon", 1e-5f), op.integer("num_groups", 0), op.version < 21},
                   op.inputs(3));
}

Status layerNorm(const OnnxOperator& op)
{
    return op.node(LayerNorm{op.integer("axis", -1), op.number("epsilon", 1e-5f)}, op.inputs(3));
}

Status localResponseNorm(const OnnxOperator& op)
{
    return op.node(LocalResponseNorm{op.integer("size", 1), op.number("alpha", 1e-4f), op.number("beta", 0.75f),
                                     op.number("bias", 1.0f)},
                   op.inputs(1));
}

Status lpNorm(const OnnxOperator& op)
{
    return op.node(NormScale{op.integer("p", 2) == 1 ? NormKind::L1 : NormKind::L2, op.integer("axis", -1)},
                   op.inputs(1));
}

// Constants are listed for those activations alone that have some.
Status readActivations(const OnnxOperator& op, std::size_t directions, Recurrent& layer)
{
    std::vector<std::string> names = op.attributes.strings("activations");
    if (names.empty()) {
        for (std::size_t d = 0; d < directions; ++d) {
            if (layer.kind != RecurrentKind::Rnn)
                names.push_back("Sigmoid");
            names.push_back("Tanh");
            if (layer.kind == RecurrentKind::Lstm)
                names.push_back("Tanh");
        }
    }
    const auto alphas = op.attributes.floats("activation_alpha");
    const auto betas = op.attributes.floats("activation_beta");
    std::size_t nextAlpha = 0, nextBeta = 0;
    for (const std::string& name : names) {
        const RecurrentActivation* known = recurrentActivation(name);
        if (!known)
            return unsupported(
                QStringLiteral("the recurrent activation '%1'").arg(QString::fromStdString(name).left(40)));
        Unary plain{known->kind, known->alpha, known->beta};
        if (known->takesAlpha && nextAlpha < alphas.size())
            plain.alpha = alphas[nextAlpha++];
        if (known->takesBeta && nextBeta < betas.size())
            plain.beta = betas[nextBeta++];
        layer.activations.push_back(plain);
    }
    return {};
}

Status recurrent(const OnnxOperator& op)
{
    Recurrent layer;
    layer.kind =
        op.type() == "LSTM" ? RecurrentKind::Lstm : (op.type() == "GRU" ? RecurrentKind::Gru : RecurrentKind::Rnn);
    const std::string direction = op.attributes.text("direction", "forward");
    if (direction != "forward" && direction != "reverse" && direction != "bidirectional")
        return damaged(QStringLiteral("the direction '%1'").arg(QString::fromStdString(direction).left(40)));
    layer.direction = direction == "forward"   ? Direction::Forward
                      : direction == "reverse" ? Direction::Reverse
                                               : Direction::Both;
    layer.hidden = op.integer("hidden_size", 0);
    layer.clip = op.number("clip", 0);
    layer.linearBeforeReset = op.flag("linear_before_reset");
    layer.inputForget = op.flag("input_forget");
    layer.batchFirst = op.flag("layout");
    EMBER_CHECK(readActivations(op, layer.direction == Direction::Both ? 2 : 1, layer));
    return op.node(layer, op.inputs(8));
}

} // namespace

const RecurrentActivation* recurrentActivation(std::string_view name)
{
    const auto* found = std::find_if(std::begin(kActivations), std::end(kActivations),
                                     [name](const RecurrentActivation& known) { return known.name == name; });
    return found == std::end(kActivations) ? nullptr : found;
}

const RecurrentActivation* recurrentActivation(UnaryKind kind)
{
    const auto* found = std::find_if(std::begin(kActivations), std::end(kActivations),
                                     [kind](const RecurrentActivation& known) { return known.kind == kind; });
    return found == std::end(kActivations) ? nullptr : found;
}

const OnnxConverters& onnxLayers()
{
    static const OnnxConverters kTable = {{"AveragePool", pool},
                                          {"BatchNormalization", batchNorm},
                                          {"Conv", conv},
                                          {"ConvTranspose", convTranspose},
                                          {"GRU", recurrent},
                                          {"Gemm", gemm},
                                          {"GlobalAveragePool", globalPool},
                                          {"GlobalMaxPool", globalPool},
                                          {"GroupNormalization", groupNorm},
                                          {"InstanceNormalization", instanceNorm},
                                          {"LRN", localResponseNorm},
                                          {"LSTM", recurrent},
                                          {"LayerNormalization", layerNorm},
                                          {"LpNormalization", lpNorm},
                                          {"LpPool", pool},
                                          {"MatMul", matMul},
                                          {"MaxPool", pool},
                                          {"RNN", recurrent}};
    return kTable;
}

} // namespace ember::model::detail
