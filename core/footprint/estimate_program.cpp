// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/footprint/model_work.h"
#include "core/footprint/program_prices.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

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

Priced pricedAs(StepFunction function)
{
    switch (function) {
    case StepFunction::Negate:
    case StepFunction::Absolute:
    case StepFunction::Relu:
        return Priced::Cheap;
    case StepFunction::Exponential:
        return Priced::Exponential;
    case StepFunction::Logarithm:
        return Priced::Logarithm;
    case StepFunction::Logistic:
        return Priced::Logistic;
    case StepFunction::Tangent:
        return Priced::Tangent;
    case StepFunction::SquareRoot:
        return Priced::SquareRoot;
    case StepFunction::Divide:
    case StepFunction::Reciprocal:
        return Priced::Division;
    default:
        return Priced::Plain;
    }
}

Priced pricedAs(const ProgramStep& step)
{
    switch (step.kind) {
    case ProgramKernel::Widen:
        return Priced::Widen;
    case ProgramKernel::Copy:
        return Priced::Copy;
    case ProgramKernel::Dense:
        return Priced::Dense;
    case ProgramKernel::MatrixProduct:
        return Priced::MatrixProduct;
    case ProgramKernel::Power:
        return Priced::Power;
    case ProgramKernel::Reduce:
        return Priced::Reduce;
    case ProgramKernel::LogSumExp:
        return Priced::LogSumExp;
    case ProgramKernel::Softmax:
        return Priced::Softmax;
    case ProgramKernel::ArgExtreme:
        return Priced::ArgExtreme;
    case ProgramKernel::Distances:
        return step.function == StepFunction::AbsoluteDifference ? Priced::AbsoluteDistances : Priced::Distances;
    case ProgramKernel::WeightedDistances:
    case ProgramKernel::ScaledDistances:
        return Priced::ScaledDistances;
    case ProgramKernel::TopK:
        return Priced::TopK;
    case ProgramKernel::GatherRows:
        return Priced::GatherRows;
    case ProgramKernel::OneHot:
        return Priced::OneHot;
    case ProgramKernel::PairDecisions:
        return Priced::PairDecisions;
    case ProgramKernel::PairWinner:
        return Priced::PairWinner;
    case ProgramKernel::Convolve:
        return Priced::Convolve;
    case ProgramKernel::Pool:
        return Priced::Pool;
    case ProgramKernel::Gru:
        return Priced::Gru;
    case ProgramKernel::Lstm:
        return Priced::Lstm;
    case ProgramKernel::Unary:
    case ProgramKernel::Binary:
        break;
    }
    return pricedAs(step.function);
}

const ProgramPrices& programPricesOf(features::CpuClass cpu, bool speed)
{
    switch (cpu) {
    case features::CpuClass::FloatHardware:
        return speed ? kProgramHardwareSpeed : kProgramHardwareSize;
    case features::CpuClass::FloatLibrary:
        return speed ? kProgramLibrarySpeed : kProgramLibrarySize;
    case features::CpuClass::FloatLibraryArmV6:
        return speed ? kProgramArmV6Speed : kProgramArmV6Size;
    case features::CpuClass::FloatLibraryRv32:
        return speed ? kProgramRv32Speed : kProgramRv32Size;
    case features::CpuClass::FloatLibraryAvr:
        break;
    }
    return kProgramAvr; // compiled for size always
}

bool isExponential(Priced what)
{
    return what == Priced::Exponential || what == Priced::Logistic || what == Priced::Tangent ||
           what == Priced::LogSumExp || what == Priced::Softmax || what == Priced::Gru || what == Priced::Lstm;
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

double workOfStep(const codegen::LoweredProgram& program, const ProgramStep& step, const ProgramPrices& prices,
                  bool library)
{
    const KernelPrice& price = prices.of(pricedAs(step));
    const Turns turns = turnsOf(step);
    const double zeros = library ? zerosOf(program, step) : 0;
    return prices.call + (turns.inner - zeros) * price.inner + zeros * prices.zeroProduct +
           turns.results * price.result + turns.rows * prices.row;
}

double codeBytesOf(const codegen::LoweredProgram& program, const ProgramPrices& prices, bool copies)
{
    double bytes = prices.base;
    bool exponential = false;
    bool logarithm = false;
    std::set<std::pair<ProgramKernel, StepFunction>> kernels;
    for (const ProgramStep& step : program.steps) {
        const Priced what = pricedAs(step);
        const bool another = kernels.insert({step.kind, step.function}).second;
        // Made for size, steps share a kernel and call it; made for speed each has a copy.
        bytes +=
            prices.step + (another || copies ? prices.of(what).code
                                             : prices.again + prices.number * static_cast<double>(step.numbers.size()));
        exponential = exponential || isExponential(what);
        logarithm = logarithm || what == Priced::Logarithm || what == Priced::LogSumExp;
    }
    return bytes + (exponential ? prices.exponential : 0) + (logarithm ? prices.logarithm : 0);
}

bool passesShapeByMemory(const ProgramStep& step)
{
    return step.kind == ProgramKernel::Softmax || step.kind == ProgramKernel::LogSumExp ||
           step.kind == ProgramKernel::PairDecisions || step.kind == ProgramKernel::TopK ||
           step.kind == ProgramKernel::Gru || step.kind == ProgramKernel::Lstm;
}

} // namespace

double shapeBytes(const codegen::LoweredProgram& program)
{
    // A kernel that is called once has its shape in its code; one that is called more often, with operands in the same
    // memories, takes it from a constant, and so do large ones. Equal constants are one.
    const auto instance = [](const ProgramStep& step) {
        std::vector<int> key{static_cast<int>(step.kind), static_cast<int>(step.function)};
        for (const codegen::StepOperand& operand : step.operands)
            key.push_back(operand.place == codegen::Place::Constant ? 1 : 0);
        return key;
    };
    std::map<std::vector<int>, int> calls;
    for (const ProgramStep& step : program.steps)
        ++calls[instance(step)];
    std::set<std::vector<quint32>> shapes;
    for (const ProgramStep& step : program.steps) {
        if (step.numbers.size() > 1 && (calls[instance(step)] > 1 || passesShapeByMemory(step)))
            shapes.insert(step.numbers);
    }
    double bytes = 0;
    for (const std::vector<quint32>& shape : shapes)
        bytes += 2.0 * static_cast<double>(shape.size());
    return bytes;
}

Result<ModelWork> workOf(const codegen::LoweredProgram& program, const codegen::LoweredModel& model,
                         features::CpuClass cpu)
{
    const bool library = cpu != features::CpuClass::FloatHardware;
    const bool speed = model.optimise != codegen::Optimise::Size;
    const ProgramPrices& prices = programPricesOf(cpu, speed);
    ModelWork work;
    work.constantBytes = 4.0 * static_cast<double>(program.constants.size());
    work.codeBytes = codeBytesOf(program, prices, speed && cpu != features::CpuClass::FloatLibraryAvr);
    work.instructions = prices.call;
    for (const ProgramStep& step : program.steps)
        work.instructions += workOfStep(program, step, prices, library);
    return work;
}

} // namespace ember::footprint
