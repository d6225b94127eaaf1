// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Every operation of operations.h, for what has one function for each: X(Name) for all of them.
// clang-format off
#define EMBER_FOR_EACH_OPERATION(X) \
    X(TreeEnsemble) \
    X(Dense) \
    X(Gemm) \
    X(MatMul) \
    X(Conv) \
    X(DepthwiseConv) \
    X(ConvTranspose) \
    X(Pool) \
    X(Unary) \
    X(Binary) \
    X(Where) \
    X(Cast) \
    X(Reduce) \
    X(ArgExtreme) \
    X(CumulativeSum) \
    X(TopK) \
    X(Softmax) \
    X(BatchNorm) \
    X(InstanceNorm) \
    X(LayerNorm) \
    X(LocalResponseNorm) \
    X(NormScale) \
    X(Reshape) \
    X(Squeeze) \
    X(Unsqueeze) \
    X(Flatten) \
    X(Expand) \
    X(Tile) \
    X(Transpose) \
    X(Concat) \
    X(Split) \
    X(Slice) \
    X(StridedSlice) \
    X(Pad) \
    X(Gather) \
    X(GatherElements) \
    X(GatherNd) \
    X(ScatterElements) \
    X(ShapeOf) \
    X(SizeOf) \
    X(Range) \
    X(Fill) \
    X(EyeLike) \
    X(OneHot) \
    X(DepthSpace) \
    X(Resize) \
    X(Requantise) \
    X(QuantizeLinear) \
    X(DequantizeLinear) \
    X(DynamicQuantizeLinear) \
    X(QLinearConv) \
    X(QLinearMatMul) \
    X(ConvInteger) \
    X(MatMulInteger) \
    X(Recurrent) \
    X(Svdf) \
    X(SequenceLstm) \
    X(Assign) \
    X(Signal) \
    X(LinearModel) \
    X(SvmModel) \
    X(Imputer) \
    X(LabelEncoder) \
    X(CategoryOneHot)
// clang-format on
