// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/classic/program_builder.h"

namespace ember::codegen {

qint64 productOf(const model::Shape& shape, std::size_t from, std::size_t to)
{
    qint64 count = 1;
    for (std::size_t i = from; i < to; ++i)
        count *= shape[i];
    return count;
}

qint64 ProgramValue::count() const
{
    return productOf(shape, 0, shape.size());
}

ProgramBuilder::ProgramBuilder(const model::Model& model, const model::Analysis& analysis)
    : m_model(model)
    , m_analysis(analysis)
{
    for (const model::Node& node : model.graph.nodes) {
        for (const std::string& name : node.inputs)
            ++m_uses[name];
        for (const std::string& name : node.outputs)
            m_makers[name] = &node;
    }
    for (const model::ValueInfo& output : model.graph.outputs)
        ++m_uses[output.name];
}

const model::Tensor* ProgramBuilder::constantTensor(const std::string& name) const
{
    const auto stored = graph().constants.find(name);
    if (stored != graph().constants.end())
        return &stored->second.value;
    const auto folded = m_analysis.folded.find(name);
    return folded == m_analysis.folded.end() ? nullptr : &folded->second;
}

ProgramValue ProgramBuilder::operand(const std::string& name)
{
    const auto known = m_values.find(name);
    if (known != m_values.end())
        return known->second;
    const model::Tensor* tensor = constantTensor(name);
    if (!tensor || tensor->type() == model::TensorType::String)
        return {};
    return m_values[name] = {constant(tensor->toFloat()), tensor->shape()};
}

ProgramValue ProgramBuilder::result(const std::string& name)
{
    const model::Shape shape = shapeOf(name);
    return m_values[name] = {scratch(productOf(shape, 0, shape.size())), shape};
}

StepOperand ProgramBuilder::constant(const std::vector<float>& values)
{
    const StepOperand at{Place::Constant, static_cast<quint32>(m_program.constants.size())};
    m_program.constants.insert(m_program.constants.end(), values.begin(), values.end());
    return at;
}

StepOperand ProgramBuilder::scratch(qint64 floats)
{
    m_buffers.push_back(floats);
    return {Place::Scratch, static_cast<quint32>(m_buffers.size() - 1)};
}

void ProgramBuilder::push(ProgramKernel kind, StepFunction function, std::vector<StepOperand> operands,
                          StepOperand result, std::initializer_list<qint64> numbers)
{
    ProgramStep step;
    step.kind = kind;
    step.function = function;
    step.operands = std::move(operands);
    step.result = result;
    for (const qint64 number : numbers)
        step.numbers.push_back(static_cast<quint32>(number));
    m_program.steps.push_back(std::move(step));
}

void ProgramBuilder::alias(const model::Node& node)
{
    m_values[node.outputs[0]] = {operand(node.inputs[0]).at, shapeOf(node.outputs[0])};
}

int ProgramBuilder::uses(const std::string& name) const
{
    const auto found = m_uses.find(name);
    return found == m_uses.end() ? 0 : found->second;
}

const model::Node* ProgramBuilder::maker(const std::string& name) const
{
    const auto found = m_makers.find(name);
    return found == m_makers.end() ? nullptr : found->second;
}

std::optional<std::string> ProgramBuilder::indexOf(const std::string& label) const
{
    const auto found = m_indices.find(label);
    return found == m_indices.end() ? std::nullopt : std::optional(found->second);
}

bool ProgramBuilder::isDone(const model::Node& node) const
{
    return node.outputs.empty() || m_fused.contains(node.outputs.front()) ||
           m_analysis.folded.contains(node.outputs.front());
}

WhyNot inThisForm(const model::Node& node)
{
    return QStringLiteral("the operator %1 in this form").arg(model::operationName(node.operation));
}

} // namespace ember::codegen
