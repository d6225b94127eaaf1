// SPDX-License-Identifier: GPL-3.0-or-later
// Layers of networks, and what keeps a state from one run to the next. Part of operations.h.
#pragma once

#include "core/model/operations_math.h"

#include <vector>

namespace ember::model {

/// Where the channels of an image, series or volume are: N,spatial...,C or N,C,spatial...
enum class Layout : quint8
{
    ChannelsLast,
    ChannelsFirst
};

/// How a window finds its padding. SameUpper puts the odd cell at the end, SameLower at the beginning.
enum class Padding : quint8
{
    Explicit,
    Valid,
    SameUpper,
    SameLower
};

/// A window that moves over 1 to 3 spatial dimensions. Empty lists mean ones (strides, dilations) or zeros (pads).
struct Window
{
    std::vector<qint64> strides;
    std::vector<qint64> dilations;
    std::vector<qint64> padsBegin;
    std::vector<qint64> padsEnd;
    Padding padding = Padding::Explicit;
};

/// x [batch..., in], weights [out, in], [bias [out]]. Leading dimensions are flattened unless kept.
struct Dense
{
    Activation activation = Activation::None;
    bool keepLeading = false;
};

/// alpha * A' B' + beta * C: A, B, [C], with A' and B' transposed as asked.
struct Gemm
{
    float alpha = 1.0f;
    float beta = 1.0f;
    bool transposeA = false;
    bool transposeB = false;
};

/// A, B; the leading dimensions are broadcast. Transposed: the last two dimensions swap.
struct MatMul
{
    bool transposeA = false;
    bool transposeB = false;
};

/// x, weights, [bias]. Weights are [out, spatial..., in/groups] for channels last, [out, in/groups, spatial...] for
/// channels first.
struct Conv
{
    Window window;
    qint64 groups = 1;
    Layout layout = Layout::ChannelsLast;
    Activation activation = Activation::None;
};

/// x, weights [1, spatial..., in * multiplier], [bias]; channels last. Output channel c * multiplier + m reads channel
/// c.
struct DepthwiseConv
{
    Window window;
    Activation activation = Activation::None;
};

/// x, weights, [bias]. Weights are [out, spatial..., in] for channels last, [in, out/groups, spatial...] for channels
/// first. `outputSize` (spatial) decides the padding when it is not empty.
struct ConvTranspose
{
    Window window;
    std::vector<qint64> outputPadding;
    std::vector<qint64> outputSize;
    qint64 groups = 1;
    Layout layout = Layout::ChannelsLast;
    Activation activation = Activation::None;
};

enum class PoolKind : quint8
{
    Maximum,
    Average,
    Lp
};

/// x; a second output of a maximum pool is the flat index of each maximum.
struct Pool
{
    PoolKind kind = PoolKind::Maximum;
    std::vector<qint64> kernel;
    Window window;
    Layout layout = Layout::ChannelsLast;
    Activation activation = Activation::None;
    bool ceilMode = false;     ///< a last window that is not complete counts too
    bool countPadding = false; ///< the average divides by the whole window
    bool columnMajor = false;  ///< indices of maxima count columns first
    qint64 p = 2;              ///< of Lp
};

/// x (channels first), scale, bias, mean, variance: per channel.
struct BatchNorm
{
    float epsilon = 1e-5f;
};

/// x (channels first), scale, bias: normalised per channel, or per group of channels when groups is not 0.
struct InstanceNorm
{
    float epsilon = 1e-5f;
    qint64 groups = 0;
    bool scalePerGroup = false; ///< scale and bias have one element for each group
};

/// x, scale, [bias]: normalised over the dimensions from axis on. Outputs y, [mean], [inverse standard deviation].
struct LayerNorm
{
    qint64 axis = -1;
    float epsilon = 1e-5f;
};

/// x (channels first).
struct LocalResponseNorm
{
    qint64 size = 1;
    float alpha = 1e-4f;
    float beta = 0.75f;
    float bias = 1.0f;
};

enum class NormKind : quint8
{
    L1,
    L2,
    Maximum
};

/// x: divided by its norm along the axis; rows of zeros stay zeros.
struct NormScale
{
    NormKind kind = NormKind::L2;
    qint64 axis = -1;
};

enum class RecurrentKind : quint8
{
    Rnn,
    Gru,
    Lstm
};

enum class Direction : quint8
{
    Forward,
    Reverse,
    Both
};

/// ONNX's RNN, GRU and LSTM: x, W, R, [B], [lengths], [initial h], [initial c], [P]. Outputs Y, [Y_h], [Y_c].
/// Activations have their own constants; there are 1, 2 or 3 for each direction.
struct Recurrent
{
    RecurrentKind kind = RecurrentKind::Gru;
    Direction direction = Direction::Forward;
    qint64 hidden = 0;
    std::vector<Unary> activations;
    float clip = 0.0f; ///< 0: none
    bool linearBeforeReset = false;
    bool inputForget = false;
    bool batchFirst = false;
};

/// Singular value decomposition filter: x, feature weights, time weights, [bias], state.
struct Svdf
{
    qint64 rank = 1;
    Activation activation = Activation::None;
};

/// Long short-term memory over a sequence as TensorFlow Lite has it, with states that stay from one run to the next: x
/// [batch, steps, in], or [steps, batch, in]; four weights of x [hidden, in], four of the last output [hidden, hidden]
/// and four biases [hidden], each for the gates input, forget, cell, output; the states of output and cell
/// [batch, hidden]. Makes the outputs of all steps. Integers: weights int8, the cell int16 in steps of a power of two.
struct SequenceLstm
{
    float cellClip = 0.0f; ///< 0: none
    bool timeMajor = false;
};

/// x, state: the state becomes x, which is the result too.
struct Assign
{};

} // namespace ember::model
