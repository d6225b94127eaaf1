// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/classic/program_forms.h"

#include <array>

namespace ember::codegen {

StepForm formOf(ProgramKernel kind)
{
    static constexpr std::array kForms = {
        StepForm{"widen", "", "tensor.hpp"},
        StepForm{"copyValues", "", "tensor.hpp"},
        StepForm{"dense", "DenseShape", "tensor.hpp"},
        StepForm{"matrixProduct", "ProductShape", "tensor.hpp"},
        StepForm{"unary", "", "tensor.hpp"},
        StepForm{"binary", "PairShape", "tensor.hpp"},
        StepForm{"power", "PowerShape", "tensor.hpp"},
        StepForm{"reduce", "FoldShape", "tensor.hpp"},
        StepForm{"logSumExp", "RowsShape", "tensor.hpp"},
        StepForm{"softmax", "RowsShape", "tensor.hpp"},
        StepForm{"argExtreme", "ExtremeShape", "tensor.hpp"},
        StepForm{"distances", "PointsShape", "neighbours.hpp"},
        StepForm{"weightedDistances", "PointsShape", "neighbours.hpp"},
        StepForm{"scaledDistances", "PointsShape", "neighbours.hpp"},
        StepForm{"topK", "TopShape", "neighbours.hpp"},
        StepForm{"gatherRows", "TableShape", "neighbours.hpp"},
        StepForm{"oneHot", "OneHotShape", "neighbours.hpp"},
        StepForm{"pairDecisions", "VoteShape", "neighbours.hpp"},
        StepForm{"pairWinner", "", "neighbours.hpp"},
        StepForm{"convolve", "FilterShape", "image.hpp"},
        StepForm{"pool", "PoolShape", "image.hpp"},
        StepForm{"gru", "RecurrentShape", "recurrent.hpp"},
        StepForm{"lstm", "RecurrentShape", "recurrent.hpp"},
    };
    static_assert(kForms.size() == static_cast<std::size_t>(ProgramKernel::Lstm) + 1);
    return kForms[static_cast<std::size_t>(kind)];
}

std::size_t windowNumbersOf(ProgramKernel kind)
{
    return kind == ProgramKernel::Convolve || kind == ProgramKernel::Pool ? 18 : 0;
}

const char* functionName(StepFunction function)
{
    static constexpr std::array kNames = {"",
                                          "Negate",
                                          "Absolute",
                                          "Exponential",
                                          "Logarithm",
                                          "Relu",
                                          "Logistic",
                                          "Tangent",
                                          "SquareRoot",
                                          "Square",
                                          "Reciprocal",
                                          "Add",
                                          "Subtract",
                                          "Multiply",
                                          "Divide",
                                          "Lesser",
                                          "Greater",
                                          "SquaredDifference",
                                          "AbsoluteDifference",
                                          "SumOf",
                                          "MeanOf",
                                          "SumOfMagnitudes",
                                          "SumOfSquares",
                                          "NormOf",
                                          "MaximumOf",
                                          "MinimumOf"};
    static_assert(kNames.size() == static_cast<std::size_t>(StepFunction::MinimumOf) + 1);
    return kNames[static_cast<std::size_t>(function)];
}

} // namespace ember::codegen
