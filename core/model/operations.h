// SPDX-License-Identifier: GPL-3.0-or-later
// What nodes do. Each struct names its inputs in order; those in brackets may be absent. Axes may count from the end.
//
// Arithmetic follows the types of the values. Floats are computed in float32 (float64 where the values are). Integers
// without quantisation are whole numbers that wrap, as in ONNX. Integers with quantisation stand for reals and follow
// the arithmetic of TensorFlow Lite Micro to the last bit (fixed_point.h).
#pragma once

#include "core/model/tensor.h"
#include "core/model/tree_ensemble.h"

#include <QString>

#include <string>
#include <variant>
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

/// x, shape. -1 is what is left; 0 keeps the dimension unless `zeroIsZero`.
struct Reshape
{
    bool zeroIsZero = false;
};

/// x, [axes]; without axes every dimension of 1 goes.
struct Squeeze
{
    std::vector<qint64> axes;
};

/// x, [axes].
struct Unsqueeze
{
    std::vector<qint64> axes;
};

/// x to two dimensions: those before the axis and those from it on.
struct Flatten
{
    qint64 axis = 1;
};

/// x, shape: broadcast both ways.
struct Expand
{};

/// x, repeats.
struct Tile
{};

/// x; an empty permutation reverses the dimensions.
struct Transpose
{
    std::vector<qint64> permutation;
};

/// Any number of values.
struct Concat
{
    qint64 axis = 0;
};

/// x, [sizes]; without sizes equal parts, the last one smaller if need be.
struct Split
{
    qint64 axis = 0;
    std::vector<qint64> sizes;
};

/// x, starts, ends, [axes], [steps].
struct Slice
{};

/// x, begin, end, strides: TensorFlow's form with its bit masks.
struct StridedSlice
{
    qint32 beginMask = 0;
    qint32 endMask = 0;
    qint32 ellipsisMask = 0;
    qint32 newAxisMask = 0;
    qint32 shrinkAxisMask = 0;
};

enum class PadMode : quint8
{
    Constant,
    Reflect,   ///< the edge is not repeated
    Symmetric, ///< the edge is repeated
    Edge,
    Wrap
};

/// x, pads, [value], [axes]. Pads are begin... end..., or begin, end for each dimension when `pairs`.
struct Pad
{
    PadMode mode = PadMode::Constant;
    bool pairs = false;
};

/// x, indices.
struct Gather
{
    qint64 axis = 0;
};

/// x, indices of the shape of the result.
struct GatherElements
{
    qint64 axis = 0;
};

/// x, indices whose last dimension points into x.
struct GatherNd
{};

/// x, indices, updates: x with some elements replaced.
struct ScatterElements
{
    qint64 axis = 0;
};

/// x: its shape as Int64 (Int32 from TensorFlow), from `begin` to before `end`.
struct ShapeOf
{
    qint64 begin = 0;
    qint64 end = 1'000'000;
    TensorType type = TensorType::Int64;
};

/// x: the number of its elements.
struct SizeOf
{};

/// start, limit, delta.
struct Range
{};

/// shape, [value]: ONNX's ConstantOfShape carries the value as a constant.
struct Fill
{};

/// x (its shape), ones on the k-th diagonal.
struct EyeLike
{
    qint64 diagonal = 0;
    bool ofInputType = true;
    TensorType type = TensorType::Float32;
};

/// indices, depth, values [off, on].
struct OneHot
{
    qint64 axis = -1;
};

/// x: blocks of cells to channels or back. `columnRowDepth` is ONNX's CRD order.
struct DepthSpace
{
    bool toDepth = false;
    qint64 block = 1;
    bool columnRowDepth = false;
    Layout layout = Layout::ChannelsLast;
};

enum class ResizeKind : quint8
{
    Nearest,
    Linear,
    Cubic
};

enum class ResizeOrigin : quint8
{
    HalfPixel,
    HalfPixelSymmetric,
    PytorchHalfPixel,
    AlignCorners,
    Asymmetric,
    CropAndResize
};

enum class NearestKind : quint8
{
    RoundPreferFloor,
    RoundPreferCeil,
    Floor,
    Ceil
};

enum class AspectPolicy : quint8
{
    Stretch,
    NotLarger,
    NotSmaller
};

/// x, [region of interest], [scales], [sizes].
struct Resize
{
    ResizeKind kind = ResizeKind::Nearest;
    ResizeOrigin origin = ResizeOrigin::HalfPixel;
    NearestKind nearest = NearestKind::RoundPreferFloor;
    AspectPolicy policy = AspectPolicy::Stretch;
    std::vector<qint64> axes;
    float cubicA = -0.75f;
    float extrapolation = 0.0f;
    bool excludeOutside = false;
    bool antialias = false;
};

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

/// x. Scores are x * coefficients' + intercepts, then the transform. A classifier makes the index of the winner first.
struct LinearModel
{
    bool classifier = false;
    qint64 targets = 1; ///< rows of coefficients
    qint64 classes = 1; ///< of a classifier: 2 with one row means that the sign decides
    std::vector<float> coefficients;
    std::vector<float> intercepts;
    PostTransform transform = PostTransform::None;
};

enum class KernelKind : quint8
{
    Linear,
    Polynomial,
    Rbf,
    Sigmoid
};

/// x. Support vector machines of ai.onnx.ml. A classifier makes the index of the winner first.
struct SvmModel
{
    bool classifier = false;
    bool oneClass = false;
    KernelKind kernel = KernelKind::Linear;
    float gamma = 0.0f;
    float coef0 = 0.0f;
    float degree = 0.0f;
    qint64 features = 0;
    qint64 classes = 1;
    std::vector<float> vectors; ///< vectors x features; empty for a linear model of coefficients alone
    std::vector<float> coefficients;
    std::vector<qint64> vectorsPerClass;
    std::vector<float> rho;
    std::vector<float> probA;
    std::vector<float> probB;
    PostTransform transform = PostTransform::None;
};

/// x: `replaced` (or not-a-number) becomes the value of its column.
struct Imputer
{
    std::vector<double> values; ///< one, or one per column
    double replaced = 0;
    bool replaceNaN = true;
};

/// x, keys to values. Keys and values are text or numbers; what is no key becomes the default.
struct LabelEncoder
{
    bool textKeys = false;
    bool textValues = false;
    TensorType valueType = TensorType::Int64; ///< of numbers
    std::vector<std::string> keyTexts;
    std::vector<double> keyNumbers;
    std::vector<std::string> valueTexts;
    std::vector<double> valueNumbers;
    std::string defaultText;
    double defaultNumber = 0;
};

/// x to one more dimension: 1 where the category is.
struct CategoryOneHot
{
    std::vector<qint64> numbers;
    std::vector<std::string> texts;
    bool zeros = true; ///< what is no category is zeros, not an error
};

/// What a node does. Every kind of model adds its own struct here; a visitor that forgets one does not compile.
using OperationKind =
    std::variant<TreeEnsemble, Dense, Gemm, MatMul, Conv, DepthwiseConv, ConvTranspose, Pool, Unary, Binary, Where,
                 Cast, Reduce, ArgExtreme, CumulativeSum, TopK, Softmax, BatchNorm, InstanceNorm, LayerNorm,
                 LocalResponseNorm, NormScale, Reshape, Squeeze, Unsqueeze, Flatten, Expand, Tile, Transpose, Concat,
                 Split, Slice, StridedSlice, Pad, Gather, GatherElements, GatherNd, ScatterElements, ShapeOf, SizeOf,
                 Range, Fill, EyeLike, OneHot, DepthSpace, Resize, Requantise, QuantizeLinear, DequantizeLinear,
                 DynamicQuantizeLinear, QLinearConv, QLinearMatMul, ConvInteger, MatMulInteger, Recurrent, Svdf,
                 SequenceLstm, Assign, LinearModel, SvmModel, Imputer, LabelEncoder, CategoryOneHot>;

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
