// SPDX-License-Identifier: GPL-3.0-or-later
// Arithmetic on elements, and along axes. Part of operations.h.
#pragma once

#include "core/model/tensor.h"

#include <vector>

namespace ember::model {

/// A clamp at the end of an operation.
enum class Activation : quint8
{
    None,
    Relu,
    ReluMinus1To1,
    Relu6,
    Tanh
};

enum class UnaryKind : quint8
{
    Abs,
    Acos,
    Acosh,
    Asin,
    Asinh,
    Atan,
    Atanh,
    Ceil,
    Celu,
    Cos,
    Cosh,
    Elu,
    Erf,
    Exp,
    Floor,
    Gelu,
    GeluTanh,
    HardSigmoid,
    HardSwish,
    Identity,
    IsInf,
    IsNaN,
    LeakyRelu,
    Log,
    Mish,
    Negate,
    Not,
    Probit, ///< the inverse of the normal distribution's cumulative function
    Reciprocal,
    Relu,
    Relu6,
    ReluMinus1To1,
    Round, ///< half to even
    Rsqrt,
    Selu,
    Shrink,
    Sigmoid,
    Sign,
    Sin,
    Sinh,
    Softplus,
    Softsign,
    Sqrt,
    Square,
    Tan,
    Tanh,
    ThresholdedRelu
};

/// x; alpha and beta are the constants of those functions that have some, in ONNX's order.
struct Unary
{
    UnaryKind kind = UnaryKind::Identity;
    float alpha = 0.0f;
    float beta = 0.0f;
};

enum class BinaryKind : quint8
{
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Modulo, ///< the sign of the divisor
    FMod,   ///< the sign of the dividend
    Power,  ///< the type of the base
    Minimum,
    Maximum,
    SquaredDifference,
    Prelu, ///< b is the slope below zero
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
    Xor
};

/// a, b, broadcast as NumPy does. Comparisons make Bool.
struct Binary
{
    BinaryKind kind = BinaryKind::Add;
    Activation activation = Activation::None;
};

/// condition (Bool), a, b: a where the condition holds.
struct Where
{};

/// x, numbers to another type: floats are cut toward zero, integers wrap. From text: parsed.
struct Cast
{
    TensorType to = TensorType::Float32;
};

enum class ReduceKind : quint8
{
    Sum,
    Mean,
    Maximum,
    Minimum,
    Product,
    L1,
    L2,
    SumSquare,
    LogSum,
    LogSumExp
};

/// x, [axes]. No axes mean all, or none with `noAxesMeansNone`.
struct Reduce
{
    ReduceKind kind = ReduceKind::Sum;
    std::vector<qint64> axes;
    bool keepDimensions = true;
    bool noAxesMeansNone = false;
};

/// x: the index of the largest (smallest) along an axis; the first of equals, or the last.
struct ArgExtreme
{
    bool maximum = true;
    qint64 axis = 0;
    bool keepDimensions = true;
    bool last = false;
    TensorType indexType = TensorType::Int64;
};

/// x, axis.
struct CumulativeSum
{
    bool exclusive = false;
    bool reverse = false;
};

/// x, k: the k largest (smallest) along an axis in order, and their indices.
struct TopK
{
    qint64 axis = -1;
    bool largest = true;
    TensorType indexType = TensorType::Int64;
};

enum class SoftmaxKind : quint8
{
    Softmax,
    LogSoftmax,
    Hardmax
};

/// x. `flatten`: over all dimensions from the axis on, as ONNX did before version 13.
struct Softmax
{
    SoftmaxKind kind = SoftmaxKind::Softmax;
    qint64 axis = -1;
    bool flatten = false;
    float beta = 1.0f;
};

} // namespace ember::model
