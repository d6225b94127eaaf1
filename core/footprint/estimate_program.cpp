// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/footprint/model_work.h"

#include <algorithm>
#include <set>

namespace ember::footprint {
namespace {

using codegen::ProgramKernel;
using codegen::ProgramStep;
using codegen::StepFunction;

/// How often the innermost statement of a step's kernel runs, and how many results the step makes.
struct Turns
{
    double inner = 0;
    double results = 0;
};

double numberOf(const ProgramStep& step, std::size_t index)
{
    return static_cast<double>(step.numbers[index]);
}

Turns convolutionTurns(const ProgramStep& step)
{
    // The numbers of runtime::ImageWindow and FilterShape; taps in the padding are few.
    const double results = numberOf(step, 2) * numberOf(step, 3) * numberOf(step, 18);
    const double taps = numberOf(step, 4) * numberOf(step, 5);
    const bool pools = step.kind == ProgramKernel::Pool;
    return {results * taps * (pools ? 1 : numberOf(step, 19)), results};
}

Turns turnsOf(const ProgramStep& step)
{
    switch (step.kind) {
    case ProgramKernel::Dense:
    case ProgramKernel::Distances:
    case ProgramKernel::WeightedDistances:
    case ProgramKernel::ScaledDistances:
        return {numberOf(step, 0) * numberOf(step, 1), numberOf(step, step.kind == ProgramKernel::Dense ? 1 : 0)};
    case ProgramKernel::MatrixProduct:
        return {numberOf(step, 0) * numberOf(step, 1) * numberOf(step, 2), numberOf(step, 0) * numberOf(step, 2)};
    case ProgramKernel::Binary:
        return {numberOf(step, 0) * numberOf(step, 1) * numberOf(step, 2), numberOf(step, 0) * numberOf(step, 1)};
    case ProgramKernel::Power:
        return {numberOf(step, 0) * numberOf(step, 1), numberOf(step, 0)};
    case ProgramKernel::Reduce:
        return {numberOf(step, 0) * numberOf(step, 1) * numberOf(step, 2), numberOf(step, 0) * numberOf(step, 2)};
    case ProgramKernel::LogSumExp:
    case ProgramKernel::Softmax:
    case ProgramKernel::ArgExtreme:
    case ProgramKernel::TopK:
        return {numberOf(step, 0) * numberOf(step, 1), numberOf(step, 0)};
    case ProgramKernel::GatherRows:
    case ProgramKernel::OneHot:
        return {numberOf(step, 0) * numberOf(step, 1), numberOf(step, 0)};
    case ProgramKernel::PairDecisions: // each vector meets all classes but its own
        return {(numberOf(step, 0) - 1) * numberOf(step, 1), numberOf(step, 0) * (numberOf(step, 0) - 1) / 2};
    case ProgramKernel::PairWinner:
        return {numberOf(step, 0) * numberOf(step, 0) * (numberOf(step, 0) - 1) / 2, numberOf(step, 0)};
    case ProgramKernel::Convolve:
    case ProgramKernel::Pool:
        return convolutionTurns(step);
    case ProgramKernel::Widen:
    case ProgramKernel::Copy:
    case ProgramKernel::Unary:
        break;
    }
    return {numberOf(step, 0), 0};
}

/// Of one kernel, on a core with hardware floats and on one without.
struct KernelCost
{
    double inner, innerLibrary;
    double result, resultLibrary;
    double code;
};

KernelCost functionCost(StepFunction function)
{
    switch (function) {
    case StepFunction::Exponential:
        return {60, 900, 0, 0, 260};
    case StepFunction::Logistic:
        return {80, 1150, 0, 0, 300};
    case StepFunction::Tangent:
        return {80, 1200, 0, 0, 360};
    case StepFunction::Logarithm:
        return {60, 1000, 0, 0, 260};
    case StepFunction::Divide:
    case StepFunction::Reciprocal:
        return {8, 180, 0, 0, 40};
    case StepFunction::SquareRoot:
        return {12, 400, 0, 0, 60};
    default:
        return {8, 80, 0, 0, 40};
    }
}

KernelCost costOf(const ProgramStep& step)
{
    switch (step.kind) {
    case ProgramKernel::Dense:
        return {7, 115, 14, 60, 70};
    case ProgramKernel::MatrixProduct:
        return {9, 120, 16, 30, 100};
    case ProgramKernel::Distances:
        return {8, 175, 12, 20, 60};
    case ProgramKernel::WeightedDistances:
    case ProgramKernel::ScaledDistances:
        return {10, 240, 12, 20, 70};
    case ProgramKernel::Power:
        return {6, 60, 10, 20, 50};
    case ProgramKernel::Reduce:
        return {8, 80, 20, 60, 60};
    case ProgramKernel::LogSumExp:
        return {75, 1100, 90, 1100, 420};
    case ProgramKernel::Softmax:
        return {80, 1250, 30, 100, 340};
    case ProgramKernel::ArgExtreme:
        return {10, 40, 20, 40, 70};
    case ProgramKernel::TopK:
        return {12, 50, 30, 60, 150};
    case ProgramKernel::GatherRows:
        return {6, 6, 25, 60, 80};
    case ProgramKernel::OneHot:
        return {9, 60, 10, 10, 70};
    case ProgramKernel::PairDecisions:
        return {8, 120, 60, 150, 190};
    case ProgramKernel::PairWinner:
        return {9, 30, 10, 10, 100};
    case ProgramKernel::Convolve:
        return {9, 125, 70, 130, 320};
    case ProgramKernel::Pool:
        return {9, 60, 70, 130, 260};
    case ProgramKernel::Widen:
        return {6, 40, 0, 0, 30};
    case ProgramKernel::Copy:
        return {4, 4, 0, 0, 20};
    case ProgramKernel::Unary:
    case ProgramKernel::Binary:
        return functionCost(step.function);
    }
    return {};
}

} // namespace

Result<ModelWork> workOf(const codegen::LoweredProgram& program, const codegen::LoweredModel& model,
                         features::CpuClass cpu)
{
    const bool library = cpu == features::CpuClass::FloatLibrary;
    ModelWork work;
    work.constantBytes = 4.0 * static_cast<double>(program.constants.size());
    work.codeBytes = 80 + (library ? 900 : 0);
    std::set<std::pair<ProgramKernel, StepFunction>> kernels;
    for (const ProgramStep& step : program.steps) {
        const KernelCost cost = costOf(step);
        const Turns turns = turnsOf(step);
        work.instructions += turns.inner * (library ? cost.innerLibrary : cost.inner) +
                             turns.results * (library ? cost.resultLibrary : cost.result) + 20;
        const bool another = kernels.insert({step.kind, step.function}).second;
        // A compiler that is asked for speed makes a copy for each step.
        work.codeBytes += 24 + (another || model.optimise != codegen::Optimise::Size ? cost.code : 0);
    }
    return work;
}

} // namespace ember::footprint
