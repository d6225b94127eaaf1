// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/classic/step_pattern.h"

namespace ember::codegen {
namespace {

/// One element for each feature, or one for all; empty for another form.
std::span<const float> operandOfFront(const LoweredProgram& program, const ProgramStep& step, std::size_t features)
{
    const auto& n = step.numbers;
    if (n[0] != 1 || n[1] != 1 || n[2] != features || n[5] != 1 || n[8] > 1)
        return {};
    return constantsAt(program, step.operands[1], n[8] == 0 ? 1 : features);
}

/// Takes one step into the front; false when it is none of it.
bool takeStep(const ProgramStep& step, std::span<const float> with, AffineFront& front)
{
    for (std::size_t i = 0; i < front.scale.size(); ++i) {
        const auto c = static_cast<double>(with[with.size() == 1 ? 0 : i]);
        switch (step.function) {
        case StepFunction::Subtract:
            front.offset[i] += c / front.scale[i];
            break;
        case StepFunction::Add:
            front.offset[i] -= c / front.scale[i];
            break;
        case StepFunction::Multiply:
            front.scale[i] *= c;
            break;
        case StepFunction::Divide:
            front.scale[i] /= c;
            break;
        default:
            return false;
        }
    }
    return true;
}

bool hasZero(std::span<const float> values)
{
    for (const float value : values) {
        if (!(value > 0 || value < 0))
            return true;
    }
    return false;
}

} // namespace

std::span<const float> constantsAt(const LoweredProgram& program, const StepOperand& operand, std::size_t count)
{
    if (operand.place != Place::Constant || operand.offset + count > program.constants.size())
        return {};
    return std::span(program.constants).subspan(operand.offset, count);
}

bool isStep(const LoweredProgram& program, std::size_t index, ProgramKernel kind, StepFunction function)
{
    return index < program.steps.size() && program.steps[index].kind == kind &&
           program.steps[index].function == function;
}

AffineFront frontOf(const LoweredProgram& program, std::size_t features)
{
    AffineFront front;
    front.offset.assign(features, 0.0);
    front.scale.assign(features, 1.0);
    if (!isStep(program, 0, ProgramKernel::Widen))
        return front;
    front.value = program.steps[0].result;
    for (front.next = 1; front.next < program.steps.size(); ++front.next) {
        const ProgramStep& step = program.steps[front.next];
        if (step.kind != ProgramKernel::Binary || step.operands[0] != front.value)
            break;
        const std::span<const float> with = operandOfFront(program, step, features);
        const bool scales = step.function == StepFunction::Multiply || step.function == StepFunction::Divide;
        if (with.empty() || (scales && hasZero(with)) || !takeStep(step, with, front))
            break;
        front.value = step.result;
    }
    return front;
}

std::optional<double> detectorThreshold(const LoweredProgram& program, std::size_t at, StepOperand score)
{
    double threshold = 0;
    const auto isOfScore = [&](StepFunction function, quint32 width) {
        return isStep(program, at, ProgramKernel::Binary, function) && program.steps[at].operands[0] == score &&
               program.steps[at].numbers[0] == 1 && program.steps[at].numbers[1] == 1 &&
               program.steps[at].numbers[2] == width;
    };
    for (; isOfScore(StepFunction::Subtract, 1) || isOfScore(StepFunction::Add, 1); ++at) {
        const auto by = constantsAt(program, program.steps[at].operands[1], 1);
        if (by.empty())
            return std::nullopt;
        threshold += (program.steps[at].function == StepFunction::Subtract ? 1 : -1) * static_cast<double>(by[0]);
        score = program.steps[at].result;
    }
    if (!isOfScore(StepFunction::Multiply, 2) || !isStep(program, at + 1, ProgramKernel::ArgExtreme) ||
        program.steps.size() != at + 2)
        return std::nullopt;
    const auto signs = constantsAt(program, program.steps[at].operands[1], 2);
    const ProgramStep& winner = program.steps[at + 1];
    const bool both = signs.size() == 2 && signs[0] == 1.0f && signs[1] == -1.0f;
    return both && winner.operands[0] == program.steps[at].result && winner.numbers[2] == 1 ? std::optional(threshold)
                                                                                            : std::nullopt;
}

QString numberTable(const QString& type, const QString& name, const QStringList& literals, int perLine)
{
    QString text = QStringLiteral("const %1 %2[%3] EMBER_IN_FLASH = {").arg(type, name).arg(literals.size());
    for (qsizetype i = 0; i < literals.size(); ++i)
        text += (i % perLine == 0 ? QStringLiteral("\n    ") : QStringLiteral(" ")) + literals[i] + QLatin1Char(',');
    return text + QStringLiteral("\n};\n\n");
}

QStringList unsignedLiterals(const std::vector<quint32>& values)
{
    QStringList literals;
    for (const quint32 value : values)
        literals << QStringLiteral("%1u").arg(value);
    return literals;
}

} // namespace ember::codegen
