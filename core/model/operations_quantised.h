// SPDX-License-Identifier: GPL-3.0-or-later
// From reals to integers and back, and the integer layers of ONNX. Part of operations.h.
#pragma once

#include "core/model/operations_layers.h"

namespace ember::model {

/// x: between floats and integers, or from one quantisation to another, as the values declare.
struct Requantise
{};

/// x, scale, [zero point]: round half to even, saturate. Blocks along the axis share a scale when blockSize is not 0.
struct QuantizeLinear
{
    qint64 axis = 1;
    qint64 blockSize = 0;
    TensorType type = TensorType::UInt8; ///< where there is no zero point to tell
};

/// x, scale, [zero point].
struct DequantizeLinear
{
    qint64 axis = 1;
    qint64 blockSize = 0;
};

/// x: y (UInt8), scale, zero point, from the range of x.
struct DynamicQuantizeLinear
{};

/// x, x scale, x zero point, w, w scale, w zero point, y scale, y zero point, [bias]; channels first.
struct QLinearConv
{
    Window window;
    qint64 groups = 1;
};

/// a, scale, zero point, b, scale, zero point, y scale, y zero point.
struct QLinearMatMul
{};

/// x, w, [x zero point], [w zero point]; channels first; makes Int32.
struct ConvInteger
{
    Window window;
    qint64 groups = 1;
};

/// a, b, [a zero point], [b zero point]; makes Int32.
struct MatMulInteger
{};

} // namespace ember::model
