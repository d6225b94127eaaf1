// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <vector>

namespace ember::codegen {

/// What a step of a float program does: one kernel of device-agent/runtime/{tensor,neighbours,image,recurrent}.hpp
/// each, with the numbers of its shape in the order of the shape's fields (program_forms.h).
enum class ProgramKernel : quint8
{
    Widen, ///< features of an integer type to floats
    Copy,
    Dense,
    MatrixProduct,
    Unary,
    Binary,
    Power,
    Reduce,
    LogSumExp,
    Softmax,
    ArgExtreme,
    Distances,
    WeightedDistances,
    ScaledDistances,
    TopK, ///< second result: the indices
    GatherRows,
    OneHot,
    PairDecisions,
    PairWinner,
    Convolve,
    Pool,
    Gru, ///< second: room for what is computed
    Lstm,
};

/// The function of a unary, binary, reducing or distance step, by its name in the runtime.
enum class StepFunction : quint8
{
    None,
    Negate,
    Absolute,
    Exponential,
    Logarithm,
    Relu,
    Logistic,
    Tangent,
    SquareRoot,
    Square,
    Reciprocal,
    Add,
    Subtract,
    Multiply,
    Divide,
    Lesser,
    Greater,
    SquaredDifference,
    AbsoluteDifference,
    SumOf,
    MeanOf,
    SumOfMagnitudes,
    SumOfSquares,
    NormOf,
    MaximumOf,
    MinimumOf
};

enum class Place : quint8
{
    Nowhere,
    Input, ///< the features; floats but for a Widen step
    Scratch,
    Output,
    Constant
};

/// Floats somewhere. Before buffers are planned, `offset` in Scratch is the number of the buffer.
struct StepOperand
{
    Place place = Place::Nowhere;
    quint32 offset = 0; ///< floats from the start of that place

    friend bool operator==(const StepOperand&, const StepOperand&) = default;
};

struct ProgramStep
{
    ProgramKernel kind = ProgramKernel::Copy;
    StepFunction function = StepFunction::None;
    std::vector<StepOperand> operands;
    StepOperand result, second;
    std::vector<quint32> numbers;
};

/// A float model as steps on planned buffers.
struct LoweredProgram
{
    std::vector<ProgramStep> steps;
    std::vector<float> constants;
    quint32 scratchFloats = 0;
    quint32 scratchLowerBound = 0; ///< no plan of this order of steps needs less
    StepOperand label;             ///< holds the index of the winner; Nowhere: a regressor
};

} // namespace ember::codegen
