// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/footprint/model_work.h"

#include <algorithm>
#include <set>

namespace ember::footprint {
namespace {

using codegen::ProgramKernel;
using codegen::ProgramStep;
using codegen::StepFunction;

/// How often the innermost statement of a step's kernel runs, how many results the step makes, and of windows how many
/// rows they have.
struct Turns
{
    double inner = 0;
    double results = 0;
    double rows = 0;
};

double numberOf(const ProgramStep& step, std::size_t index)
{
    return static_cast<double>(step.numbers[index]);
}

Turns convolutionTurns(const ProgramStep& step)
{
    // The numbers of runtime::ImageWindow and FilterShape; taps in the padding are few.
    const double results = numberOf(step, 2) * numberOf(step, 3) * numberOf(step, 18);
    const double rows = results * numberOf(step, 4) * (step.kind == ProgramKernel::Pool ? 1 : numberOf(step, 19));
    return {rows * numberOf(step, 5), results, rows};
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
    case ProgramKernel::Gru:
    case ProgramKernel::Lstm: {
        const double gates = step.kind == ProgramKernel::Lstm ? 4 : 3;
        const double results = numberOf(step, 0) * numberOf(step, 2);
        return {results * gates * (numberOf(step, 1) + numberOf(step, 2)), results};
    }
    case ProgramKernel::Widen:
    case ProgramKernel::Copy:
    case ProgramKernel::Unary:
        break;
    }
    return {numberOf(step, 0), 0};
}

// The figures below were fitted on images of gcc 12 and counts of the emulator, on Cortex-M4F and M3, for models of
// every trainer; tests/bench/bench_estimate prints how far off they are. Without hardware floats a product with zero is
// quick, so data of many zeros costs less than this says.

/// Instructions of one kernel with hardware floats (made for size, for speed) and without, and bytes of code.
struct KernelCost
{
    double innerSize, innerSpeed, innerLibrary;
    double result, resultLibrary;
    double code;
};

constexpr double kZeroProduct = 33; ///< of a dense layer without hardware floats, where the weight is zero
constexpr double kRowOfWindow[] = {17, 3.5};

KernelCost functionCost(StepFunction function)
{
    switch (function) {
    case StepFunction::Exponential:
        return {72, 57, 900, 0, 0, 330};
    case StepFunction::Logistic:
        return {92, 78, 1100, 0, 0, 370};
    case StepFunction::Tangent:
        return {95, 80, 1150, 0, 0, 430};
    case StepFunction::Logarithm:
        return {60, 50, 1000, 0, 0, 280};
    case StepFunction::Divide:
    case StepFunction::Reciprocal:
        return {7, 7, 180, 0, 0, 36};
    case StepFunction::SquareRoot:
        return {12, 12, 400, 0, 0, 60};
    case StepFunction::Negate:
    case StepFunction::Absolute:
    case StepFunction::Relu:
        return {6, 6, 14, 0, 0, 24};
    default:
        return {7, 6, 75, 0, 0, 36};
    }
}

KernelCost costOf(const ProgramStep& step)
{
    switch (step.kind) {
    case ProgramKernel::Dense:
        return {6.6, 6, 98, 8, 40, 66};
    case ProgramKernel::MatrixProduct:
        return {9, 8, 105, 16, 30, 100};
    case ProgramKernel::Distances:
        return {8, 7, 125, 10, 20, 60};
    case ProgramKernel::WeightedDistances:
    case ProgramKernel::ScaledDistances:
        return {10, 9, 147, 10, 20, 70};
    case ProgramKernel::Power:
        return {6, 5, 50, 10, 20, 44};
    case ProgramKernel::Reduce:
        return {7, 6, 75, 16, 40, 50};
    case ProgramKernel::LogSumExp:
        return {85, 75, 1050, 80, 1050, 560};
    case ProgramKernel::Softmax:
        return {92, 80, 1150, 30, 60, 385};
    case ProgramKernel::ArgExtreme:
        return {8, 7, 35, 12, 20, 66};
    case ProgramKernel::TopK:
        return {20, 20, 50, 30, 60, 150};
    case ProgramKernel::GatherRows:
        return {6, 6, 6, 25, 60, 80};
    case ProgramKernel::OneHot:
        return {9, 9, 50, 10, 10, 64};
    case ProgramKernel::PairDecisions:
        return {7, 7, 75, 65, 150, 260};
    case ProgramKernel::PairWinner:
        return {5, 5, 20, 10, 10, 126};
    case ProgramKernel::Convolve:
        return {15, 6.5, 80, 170, 250, 460};
    case ProgramKernel::Pool:
        return {12, 8, 60, 150, 230, 330};
    case ProgramKernel::Gru: // a result takes two logistic functions and a tangent, for an LSTM one more of each
        return {6.6, 6, 98, 320, 3400, 1000};
    case ProgramKernel::Lstm:
        return {6.6, 6, 98, 500, 5700, 1000};
    case ProgramKernel::Widen:
        return {6, 6, 35, 0, 0, 26};
    case ProgramKernel::Copy:
        return {4, 4, 4, 0, 0, 20};
    case ProgramKernel::Unary:
    case ProgramKernel::Binary:
        return functionCost(step.function);
    }
    return {};
}

/// How many of a dense layer's weights are zero.
double zerosOf(const codegen::LoweredProgram& program, const ProgramStep& step)
{
    if (step.kind != ProgramKernel::Dense)
        return 0;
    const auto first = program.constants.begin() + step.operands[1].offset;
    const auto count = static_cast<std::ptrdiff_t>(step.numbers[0]) * step.numbers[1];
    return static_cast<double>(std::count_if(first, first + count, [](float w) { return !(w < 0 || w > 0); }));
}

double instructionsOf(const codegen::LoweredProgram& program, const ProgramStep& step, bool library, bool speed)
{
    constexpr double kCall = 20;
    const KernelCost cost = costOf(step);
    const Turns turns = turnsOf(step);
    if (library)
        return turns.inner * cost.innerLibrary + turns.results * cost.resultLibrary + turns.rows * 20 + kCall -
               zerosOf(program, step) * (cost.innerLibrary - kZeroProduct);
    return turns.inner * (speed ? cost.innerSpeed : cost.innerSize) + turns.results * cost.result +
           turns.rows * kRowOfWindow[speed ? 1 : 0] + kCall;
}

} // namespace

Result<ModelWork> workOf(const codegen::LoweredProgram& program, const codegen::LoweredModel& model,
                         features::CpuClass cpu)
{
    constexpr double kLibraryCode = 550; // sums and products
    const bool library = cpu == features::CpuClass::FloatLibrary;
    const bool speed = model.optimise != codegen::Optimise::Size;
    ModelWork work;
    work.constantBytes = 4.0 * static_cast<double>(program.constants.size());
    work.codeBytes = 40 + (library ? kLibraryCode : 0);
    work.instructions = 30 + 6.0 * model.outputCount;
    std::set<std::pair<ProgramKernel, StepFunction>> kernels;
    for (const ProgramStep& step : program.steps) {
        work.instructions += instructionsOf(program, step, library, speed);
        const bool another = kernels.insert({step.kind, step.function}).second;
        // Made for size, steps share a kernel and call it; made for speed each has a copy.
        work.codeBytes +=
            12 + (another || speed ? costOf(step).code : 2.0 * static_cast<double>(step.numbers.size()) + 24);
    }
    return work;
}

} // namespace ember::footprint
