// SPDX-License-Identifier: GPL-3.0-or-later
// Layers with a state that begins at zero in every inference.
#include "core/codegen/classic/program_builder.h"

#include <algorithm>

namespace ember::codegen {
namespace {

enum RecurrentInput : std::size_t
{
    kSequence,
    kInputWeights,
    kStateWeights,
    kGateBias,
    kFirstOfOthers
};

bool hasUsualGates(const model::Recurrent& layer)
{
    using model::UnaryKind;
    std::vector<UnaryKind> usual = {UnaryKind::Sigmoid, UnaryKind::Tanh};
    if (layer.kind == model::RecurrentKind::Lstm)
        usual.push_back(UnaryKind::Tanh);
    const bool same = std::equal(layer.activations.begin(), layer.activations.end(), usual.begin(), usual.end(),
                                 [](const model::Unary& a, UnaryKind b) { return a.kind == b; });
    return same && !(layer.clip > 0) && !layer.inputForget;
}

bool isWanted(const ProgramBuilder& to, const model::Node& node, std::size_t output)
{
    return output < node.outputs.size() && !node.outputs[output].empty() && to.uses(node.outputs[output]) > 0;
}

/// ONNX adds both biases of an LSTM's gate; without any they are zero.
std::vector<float> gateBias(const model::Tensor* given, qint64 rows, bool lstm)
{
    std::vector<float> bias = given ? given->toFloat() : std::vector<float>(static_cast<std::size_t>(2 * rows), 0.0f);
    for (std::size_t i = 0; lstm && i < static_cast<std::size_t>(rows); ++i)
        bias[i] += bias[i + static_cast<std::size_t>(rows)];
    if (lstm)
        bias.resize(static_cast<std::size_t>(rows));
    return bias;
}

} // namespace

WhyNot take(ProgramBuilder& to, const model::Recurrent& layer, const model::Node& node)
{
    const bool lstm = layer.kind == model::RecurrentKind::Lstm;
    if (layer.direction != model::Direction::Forward || !hasUsualGates(layer) ||
        (!lstm && !(layer.kind == model::RecurrentKind::Gru && layer.linearBeforeReset)))
        return inThisForm(node);
    for (std::size_t i = kFirstOfOthers; i < node.inputs.size(); ++i) {
        if (!node.inputs[i].empty())
            return QStringLiteral("the operator %1 with lengths, a first state or peepholes")
                .arg(model::operationName(node.operation));
    }
    if (isWanted(to, node, 0) || isWanted(to, node, 2) || !isWanted(to, node, 1))
        return QStringLiteral("the operator %1 whose every state is wanted").arg(model::operationName(node.operation));
    const ProgramValue x = to.operand(node.inputs[kSequence]);
    const model::Tensor* weights = to.constantTensor(node.inputs[kInputWeights]);
    const model::Tensor* stateWeights = to.constantTensor(node.inputs[kStateWeights]);
    const bool biased = node.inputs.size() > kGateBias && !node.inputs[kGateBias].empty();
    const model::Tensor* given = biased ? to.constantTensor(node.inputs[kGateBias]) : nullptr;
    if (!weights || !stateWeights || (biased && !given) || x.shape[layer.batchFirst ? 0 : 1] != 1)
        return inThisForm(node);
    const qint64 channels = x.shape.back(), steps = x.count() / channels;
    const StepOperand state = to.result(node.outputs[1]).at;
    const std::vector<float> bias = gateBias(given, (lstm ? 4 : 3) * layer.hidden, lstm);
    to.push(lstm ? ProgramKernel::Lstm : ProgramKernel::Gru, StepFunction::None,
            {x.at, to.constant(weights->toFloat()), to.constant(stateWeights->toFloat()), to.constant(bias)}, state,
            {steps, channels, layer.hidden});
    to.lastStep().second = to.scratch((lstm ? 2 : 1) * layer.hidden);
    return {};
}

} // namespace ember::codegen
