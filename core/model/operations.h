// SPDX-License-Identifier: GPL-3.0-or-later
// What nodes do. Each struct names its inputs in order; those in brackets may be absent. Axes may count from the end.
//
// Arithmetic follows the types of the values. Floats are computed in float32 (float64 where the values are). Integers
// without quantisation are whole numbers that wrap, as in ONNX. Integers with quantisation stand for reals and follow
// the arithmetic of TensorFlow Lite Micro to the last bit (fixed_point.h).
#pragma once

#include "core/model/operations_classic.h"
#include "core/model/operations_layers.h"
#include "core/model/operations_math.h"
#include "core/model/operations_quantised.h"
#include "core/model/operations_shapes.h"
#include "core/model/operations_signal.h"
#include "core/model/tree_ensemble.h"

#include <QString>

#include <variant>

namespace ember::model {

/// What a node does. Every kind of model adds its own struct here; a visitor that forgets one does not compile.
using OperationKind =
    std::variant<TreeEnsemble, Dense, Gemm, MatMul, Conv, DepthwiseConv, ConvTranspose, Pool, Unary, Binary, Where,
                 Cast, Reduce, ArgExtreme, CumulativeSum, TopK, Softmax, BatchNorm, InstanceNorm, LayerNorm,
                 LocalResponseNorm, NormScale, Reshape, Squeeze, Unsqueeze, Flatten, Expand, Tile, Transpose, Concat,
                 Split, Slice, StridedSlice, Pad, Gather, GatherElements, GatherNd, ScatterElements, ShapeOf, SizeOf,
                 Range, Fill, EyeLike, OneHot, DepthSpace, Resize, Requantise, QuantizeLinear, DequantizeLinear,
                 DynamicQuantizeLinear, QLinearConv, QLinearMatMul, ConvInteger, MatMulInteger, Recurrent, Svdf,
                 SequenceLstm, Assign, Signal, LinearModel, SvmModel, Imputer, LabelEncoder, CategoryOneHot>;

/// The variant with its life and death in one place (operations.cpp): compiled into every file that holds a graph, they
/// were most of what compiling it cost.
class Operation : public OperationKind
{
public:
    using OperationKind::OperationKind;
    using OperationKind::operator=;
    Operation();
    Operation(const Operation& other);
    Operation(Operation&& other) noexcept;
    Operation& operator=(const Operation& other);
    Operation& operator=(Operation&& other) noexcept;
    ~Operation();
};

/// "Conv", "Reduce.Mean", ...: for messages and listings.
QString operationName(const Operation& operation);

} // namespace ember::model
