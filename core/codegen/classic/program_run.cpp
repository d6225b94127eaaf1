// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/classic/program_run.h"

#include "core/codegen/classic/program_forms.h"
#include "device-agent/runtime/image.hpp"
#include "device-agent/runtime/neighbours.hpp"
#include "device-agent/runtime/recurrent.hpp"

#include <array>
#include <cstring>
#include <utility>
#include <vector>

namespace ember::codegen {
namespace {

using runtime::RamValues;

template <typename Feature>
std::vector<float> widened(const QByteArray& features)
{
    std::vector<Feature> values(static_cast<std::size_t>(features.size()) / sizeof(Feature));
    std::memcpy(values.data(), features.constData(), values.size() * sizeof(Feature));
    std::vector<float> floats(values.size());
    runtime::widen(values.size(), values.data(), floats.data());
    return floats;
}

std::vector<float> floatsOf(FeatureType type, const QByteArray& features)
{
    switch (type) {
    case FeatureType::Int8:
        return widened<int8_t>(features);
    case FeatureType::Int16:
        return widened<int16_t>(features);
    case FeatureType::Int32:
        return widened<int32_t>(features);
    case FeatureType::Auto:
    case FeatureType::Float32:
        break;
    }
    return widened<float>(features);
}

template <typename Shape, std::size_t... Index>
Shape filled(const quint32* numbers, std::index_sequence<Index...>)
{
    return Shape{std::size_t{numbers[Index]}...};
}

/// A shape of the runtime: nothing but sizes.
template <typename Shape>
Shape shapeFrom(const std::vector<quint32>& numbers, std::size_t from = 0)
{
    return filled<Shape>(numbers.data() + from, std::make_index_sequence<sizeof(Shape) / sizeof(std::size_t)>());
}

template <typename Call>
void withUnary(StepFunction function, Call call)
{
    switch (function) {
    case StepFunction::Negate:
        return call(runtime::Negate());
    case StepFunction::Absolute:
        return call(runtime::Absolute());
    case StepFunction::Exponential:
        return call(runtime::Exponential());
    case StepFunction::Logarithm:
        return call(runtime::Logarithm());
    case StepFunction::Relu:
        return call(runtime::Relu());
    case StepFunction::Logistic:
        return call(runtime::Logistic());
    case StepFunction::Tangent:
        return call(runtime::Tangent());
    case StepFunction::SquareRoot:
        return call(runtime::SquareRoot());
    case StepFunction::Square:
        return call(runtime::Square());
    case StepFunction::Reciprocal:
        return call(runtime::Reciprocal());
    default:
        Q_UNREACHABLE(); // lowering makes unary steps of these functions alone
    }
}

template <typename Call>
void withBinary(StepFunction function, Call call)
{
    switch (function) {
    case StepFunction::Add:
        return call(runtime::Add());
    case StepFunction::Subtract:
        return call(runtime::Subtract());
    case StepFunction::Multiply:
        return call(runtime::Multiply());
    case StepFunction::Divide:
        return call(runtime::Divide());
    case StepFunction::Lesser:
        return call(runtime::Lesser());
    case StepFunction::Greater:
        return call(runtime::Greater());
    case StepFunction::SquaredDifference:
        return call(runtime::SquaredDifference());
    case StepFunction::AbsoluteDifference:
        return call(runtime::AbsoluteDifference());
    default:
        Q_UNREACHABLE();
    }
}

template <typename Call>
void withFold(StepFunction function, Call call)
{
    switch (function) {
    case StepFunction::SumOf:
        return call(runtime::SumOf());
    case StepFunction::MeanOf:
        return call(runtime::MeanOf());
    case StepFunction::SumOfMagnitudes:
        return call(runtime::SumOfMagnitudes());
    case StepFunction::SumOfSquares:
        return call(runtime::SumOfSquares());
    case StepFunction::NormOf:
        return call(runtime::NormOf());
    case StepFunction::MaximumOf:
        return call(runtime::MaximumOf());
    case StepFunction::MinimumOf:
        return call(runtime::MinimumOf());
    default:
        Q_UNREACHABLE();
    }
}

class Machine
{
public:
    Machine(const LoweredProgram& program, std::vector<float> input, std::size_t outputs)
        : m_constants(program.constants)
        , m_input(std::move(input))
        , m_scratch(program.scratchFloats)
        , m_output(outputs)
    {}

    std::vector<float>& output() { return m_output; }
    float valueAt(const StepOperand& operand) const { return *read(operand); }

    void run(const ProgramStep& step)
    {
        std::array<RamValues, 4> x{};
        for (std::size_t i = 0; i < step.operands.size(); ++i)
            x[i] = {read(step.operands[i])};
        float* const y = write(step.result);
        const std::vector<quint32>& n = step.numbers;
        switch (step.kind) {
        case ProgramKernel::Widen: // the input is floats here from the start
        case ProgramKernel::Copy:
            return runtime::copyValues(n[0], x[0], y);
        case ProgramKernel::Dense:
            return runtime::dense(shapeFrom<runtime::DenseShape>(n), x[0], x[1], x[2], y);
        case ProgramKernel::MatrixProduct:
            return runtime::matrixProduct(shapeFrom<runtime::ProductShape>(n), x[0], x[1], y);
        case ProgramKernel::Unary:
            return withUnary(step.function, [&](auto function) { runtime::unary(function, n[0], x[0], y); });
        case ProgramKernel::Binary:
            return withBinary(step.function, [&](auto function) {
                runtime::binary(function, shapeFrom<runtime::PairShape>(n), x[0], x[1], y);
            });
        case ProgramKernel::Power:
            return runtime::power(shapeFrom<runtime::PowerShape>(n), x[0], y);
        case ProgramKernel::Reduce:
            return withFold(step.function,
                            [&](auto fold) { runtime::reduce(fold, shapeFrom<runtime::FoldShape>(n), x[0], y); });
        case ProgramKernel::LogSumExp:
            return runtime::logSumExp(shapeFrom<runtime::RowsShape>(n), x[0], y);
        case ProgramKernel::Softmax:
            return runtime::softmax(shapeFrom<runtime::RowsShape>(n), x[0], y);
        case ProgramKernel::ArgExtreme:
            return runtime::argExtreme(shapeFrom<runtime::ExtremeShape>(n), x[0], y);
        case ProgramKernel::Distances:
            return withBinary(step.function, [&](auto function) {
                runtime::distances(function, shapeFrom<runtime::PointsShape>(n), x[0], x[1], y);
            });
        case ProgramKernel::WeightedDistances:
            return runtime::weightedDistances(shapeFrom<runtime::PointsShape>(n), x[0], x[1], x[2], y);
        case ProgramKernel::ScaledDistances:
            return runtime::scaledDistances(shapeFrom<runtime::PointsShape>(n), x[0], x[1], x[2], y);
        case ProgramKernel::TopK:
            return runtime::topK(shapeFrom<runtime::TopShape>(n), x[0], y, write(step.second));
        case ProgramKernel::GatherRows:
            return runtime::gatherRows(shapeFrom<runtime::TableShape>(n), x[0], x[1], y);
        case ProgramKernel::OneHot:
            return runtime::oneHot(shapeFrom<runtime::OneHotShape>(n), x[0], x[1], y);
        case ProgramKernel::PairDecisions:
            return runtime::pairDecisions(shapeFrom<runtime::VoteShape>(n), x[0], x[1], x[2], x[3], y);
        case ProgramKernel::PairWinner:
            return runtime::pairWinner(n[0], x[0], y);
        case ProgramKernel::Convolve:
            return runtime::convolve(shapeFrom<runtime::ImageWindow>(n),
                                     shapeFrom<runtime::FilterShape>(n, windowNumbersOf(step.kind)), x[0], x[1], x[2],
                                     y);
        case ProgramKernel::Pool:
            return runtime::pool(shapeFrom<runtime::ImageWindow>(n),
                                 shapeFrom<runtime::PoolShape>(n, windowNumbersOf(step.kind)), x[0], y);
        case ProgramKernel::Gru:
            return runtime::gru(shapeFrom<runtime::RecurrentShape>(n), x[0], x[1], x[2], x[3], y, write(step.second));
        case ProgramKernel::Lstm:
            return runtime::lstm(shapeFrom<runtime::RecurrentShape>(n), x[0], x[1], x[2], x[3], y, write(step.second));
        }
    }

private:
    const float* read(const StepOperand& operand) const
    {
        switch (operand.place) {
        case Place::Input:
            return m_input.data() + operand.offset;
        case Place::Scratch:
            return m_scratch.data() + operand.offset;
        case Place::Output:
            return m_output.data() + operand.offset;
        case Place::Constant:
            return m_constants.data() + operand.offset;
        case Place::Nowhere:
            break;
        }
        return nullptr;
    }

    float* write(const StepOperand& operand)
    {
        return operand.place == Place::Output ? m_output.data() + operand.offset : m_scratch.data() + operand.offset;
    }

    const std::vector<float>& m_constants;
    std::vector<float> m_input;
    std::vector<float> m_scratch;
    std::vector<float> m_output;
};

} // namespace

InferenceOutput runProgram(const LoweredProgram& program, const LoweredModel& model, const QByteArray& features)
{
    Machine machine(program, floatsOf(model.rowType(), features), model.outputCount);
    for (const ProgramStep& step : program.steps)
        machine.run(step);
    InferenceOutput output;
    if (program.label.place != Place::Nowhere)
        output.winner = runtime::winnerFrom(machine.valueAt(program.label), model.classCount);
    runtime::canonicalNans(machine.output().data(), machine.output().size());
    output.outputs = signal::ElementValues::of(signal::SampleType::Float32, std::span<const float>(machine.output()));
    return output;
}

} // namespace ember::codegen
