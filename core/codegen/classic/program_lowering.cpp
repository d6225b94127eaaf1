// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/classic/program_lowering.h"

#include "core/codegen/classic/program_builder.h"
#include "core/codegen/classic/program_plan.h"

#include <algorithm>

namespace ember::codegen {
namespace {

// What is more than this is no model for a microcontroller; 32-bit sizes and offsets hold it.
constexpr qint64 kMaxElements = 65'535;
constexpr qint64 kMaxFloats = 1'000'000;

WhyNot takeInput(ProgramBuilder& to, LoweredModel& lowered)
{
    if (to.graph().inputs.size() != 1)
        return QStringLiteral("%1 inputs").arg(to.graph().inputs.size());
    const std::string& name = to.graph().inputs.front().name;
    ProgramValue value{{Place::Input, 0}, to.shapeOf(name)};
    const qint64 count = value.count();
    if (value.shape.empty() || value.shape.front() != 1 || count < 1 || count > kMaxElements)
        return QStringLiteral("an input of the shape %1").arg(model::shapeText(value.shape));
    lowered.featureCount = static_cast<quint16>(count);
    if (lowered.rowType() != FeatureType::Float32) {
        const StepOperand floats = to.scratch(count);
        to.push(ProgramKernel::Widen, StepFunction::None, {value.at}, floats, {count});
        value.at = floats;
    }
    to.set(name, std::move(value));
    return {};
}

WhyNot takeNode(ProgramBuilder& to, const model::Node& node)
{
    if (to.isDone(node))
        return {};
    // Whatever reads text, or a value that no step made, is beyond these kernels.
    return std::visit(
        [&](const auto& operation) -> WhyNot {
            if constexpr (requires { take(to, operation, node); })
                return take(to, operation, node);
            else
                return QStringLiteral("the operator %1").arg(model::operationName(node.operation));
        },
        static_cast<const model::OperationKind&>(node.operation));
}

/// Classes that the maker of an index chooses from; 0 for a node that makes none.
qint64 classesOf(const ProgramBuilder& to, const model::Node* node)
{
    if (!node)
        return 0;
    if (std::holds_alternative<model::ArgExtreme>(node->operation))
        return to.shapeOf(node->inputs[0]).back();
    if (const auto* linear = std::get_if<model::LinearModel>(&node->operation))
        return linear->classes;
    if (const auto* svm = std::get_if<model::SvmModel>(&node->operation))
        return svm->classes;
    return 0;
}

/// Class i must be what the label of index i says.
WhyNot checkLabels(const model::Model& model, const model::Tensor& labels)
{
    if (labels.type() == model::TensorType::String) {
        for (std::size_t i = 0; i < labels.strings().size(); ++i) {
            if (!model.classNames.isEmpty() &&
                QString::fromStdString(labels.strings()[i]) != model.classNames.value(static_cast<qsizetype>(i)))
                return QStringLiteral("labels in another order than the classes");
        }
        return {};
    }
    const std::vector<qint64> numbers = labels.toInt64();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const QString name = model.classNames.value(static_cast<qsizetype>(i));
        if (!(model.classNames.isEmpty() && numbers[i] == static_cast<qint64>(i)) &&
            name != QString::number(numbers[i]))
            return QStringLiteral("labels in another order than the classes");
    }
    return {};
}

WhyNot takeLabel(ProgramBuilder& to, const model::Model& model, const std::string& name, LoweredModel& lowered)
{
    // The index may have become a wider integer on its way.
    std::string index = name;
    const model::Node* node = to.maker(index);
    while (node && std::holds_alternative<model::Cast>(node->operation)) {
        index = node->inputs[0];
        node = to.maker(index);
    }
    if (const auto known = to.indexOf(index)) {
        if (WhyNot why = checkLabels(model, *to.constantTensor(node->inputs[0])); !why.isEmpty())
            return why;
        index = *known;
        node = to.maker(index);
    }
    const qint64 classes = classesOf(to, node);
    if (classes < 1 || classes > kMaxElements)
        return QStringLiteral("a label that is not the index of a class");
    lowered.classCount = static_cast<quint16>(classes);
    const ProgramValue label = to.operand(index);
    if (label.at.place == Place::Nowhere || label.count() != 1)
        return QStringLiteral("a label of the shape %1").arg(model::shapeText(label.shape));
    to.program().label = label.at;
    return {};
}

/// The scores go straight to the caller's array, or are copied there.
void placeScores(ProgramBuilder& to, const ProgramValue& scores)
{
    std::vector<ProgramStep>& steps = to.program().steps;
    const bool made =
        scores.at.place == Place::Scratch &&
        std::any_of(steps.begin(), steps.end(), [&](const ProgramStep& step) { return step.result == scores.at; });
    const bool isLabel = scores.at == to.program().label;
    if (!made || isLabel) {
        to.push(ProgramKernel::Copy, StepFunction::None, {scores.at}, {Place::Output, 0}, {scores.count()});
        return;
    }
    const StepOperand output{Place::Output, 0};
    for (ProgramStep& step : steps) {
        for (StepOperand& operand : step.operands)
            operand = operand == scores.at ? output : operand;
        step.result = step.result == scores.at ? output : step.result;
        step.second = step.second == scores.at ? output : step.second;
    }
}

WhyNot finish(ProgramBuilder& to, const model::Model& model, LoweredModel& lowered)
{
    const std::vector<model::ValueInfo>& outputs = to.graph().outputs;
    const bool labelled = !model::isFloat(outputs.front().type);
    if (labelled && outputs.size() < 2)
        return QStringLiteral("a model without scores");
    if (labelled) {
        if (WhyNot why = takeLabel(to, model, outputs[0].name, lowered); !why.isEmpty())
            return why;
    }
    const ProgramValue scores = to.operand(outputs[labelled ? 1 : 0].name);
    const qint64 count = scores.at.place == Place::Nowhere ? 0 : scores.count();
    if (count < 1 || count > kMaxElements)
        return QStringLiteral("scores of the shape %1").arg(model::shapeText(scores.shape));
    lowered.classifier = labelled || (!model.classNames.isEmpty() && model.classNames.size() == count);
    if (lowered.classifier && !labelled) {
        const StepOperand winner = to.scratch(1);
        to.push(ProgramKernel::ArgExtreme, StepFunction::None, {scores.at}, winner, {1, count, 1});
        to.program().label = winner;
    }
    placeScores(to, scores);
    qint64 floats = 0;
    for (const qint64 buffer : to.buffers())
        floats += buffer;
    const auto constants = static_cast<qint64>(to.program().constants.size());
    if (constants > kMaxFloats || floats > kMaxFloats)
        return QStringLiteral("%1 constants and %2 numbers in between").arg(constants).arg(floats);
    planProgram(to.program(), to.buffers());
    lowered.outputType = signal::SampleType::Float32;
    lowered.outputCount = static_cast<quint16>(count);
    lowered.body = std::move(to.program());
    return {};
}

WhyNot whatKeepsState(const model::Graph& graph)
{
    for (const model::Node& node : graph.nodes) {
        for (const model::ValueInfo& state : graph.states) {
            if (std::find(node.inputs.begin(), node.inputs.end(), state.name) != node.inputs.end())
                return QStringLiteral("the operator %1, which keeps a state").arg(model::operationName(node.operation));
        }
    }
    return QStringLiteral("a model that keeps a state");
}

} // namespace

Result<WhyNot> lowerProgram(const model::Model& model, LoweredModel& lowered)
{
    if (!model.graph.states.empty())
        return whatKeepsState(model.graph);
    const auto quantised = [](const model::ValueInfo& info) { return info.quantisation.has_value(); };
    if (std::any_of(model.graph.inputs.begin(), model.graph.inputs.end(), quantised) ||
        std::any_of(model.graph.outputs.begin(), model.graph.outputs.end(), quantised))
        return WhyNot(QStringLiteral("quantised values among floats"));
    EMBER_TRY(const model::Analysis analysis, model::analyse(model.graph, 1));
    ProgramBuilder builder(model, analysis);
    WhyNot why = takeInput(builder, lowered);
    if (!why.isEmpty())
        return why;
    fuseDistances(builder);
    for (const model::Node& node : model.graph.nodes) {
        why = takeNode(builder, node);
        if (!why.isEmpty())
            return why;
    }
    return finish(builder, model, lowered);
}

} // namespace ember::codegen
