// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tflite_ops.h"

#include "core/model/ops/op.h"
#include "core/model/tflite_names.h"

#include <map>

namespace ember::model::detail {
namespace {

Result<Activation> activationOf(int code)
{
    switch (code) {
    case 0:
        return Activation::None;
    case 1:
        return Activation::Relu;
    case 2:
        return Activation::ReluMinus1To1;
    case 3:
        return Activation::Relu6;
    case 4:
        return Activation::Tanh;
    default:
        return unsupportedTflite(QStringLiteral("the fused activation %1").arg(code));
    }
}

Result<Padding> paddingOf(int code)
{
    if (code != 0 && code != 1)
        return damagedTflite(QStringLiteral("the padding %1").arg(code));
    return code == 0 ? Padding::SameUpper : Padding::Valid;
}

template <typename Options>
Result<Window> windowOf(const Options& options)
{
    Window window;
    window.strides = {options.stride_h(), options.stride_w()};
    EMBER_TRY(window.padding, paddingOf(options.padding()));
    return window;
}

Status conv2d(const TfliteOperator& op)
{
    const auto* o = op.options<fb::Conv2DOptions>(fb::Options_Conv2D);
    if (!o || !op.has(0) || !op.has(1))
        return noTfliteOptions();
    Conv conv;
    EMBER_TRY(conv.window, windowOf(*o));
    conv.window.dilations = {o->dilation_h(), o->dilation_w()};
    EMBER_TRY(conv.activation, tfliteActivation(op, o->fused_activation()));
    // The number of groups is what the weights leave open.
    const Shape& x = op.inputs[0]->info.shape;
    const Shape& w = op.inputs[1]->info.shape;
    if (x.size() == 4 && w.size() == 4 && w[3] > 0)
        conv.groups = x[3] / w[3];
    op.node(conv, firstTfliteInputs(op, 3));
    return {};
}

Status depthwise(const TfliteOperator& op)
{
    const auto* o = op.options<fb::DepthwiseConv2DOptions>(fb::Options_DepthwiseConv2D);
    if (!o)
        return noTfliteOptions();
    DepthwiseConv conv;
    EMBER_TRY(conv.window, windowOf(*o));
    conv.window.dilations = {o->dilation_h(), o->dilation_w()};
    EMBER_TRY(conv.activation, tfliteActivation(op, o->fused_activation()));
    op.node(conv, firstTfliteInputs(op, 3));
    return {};
}

// Inputs: shape of the result, weights, x, [bias].
Status transposeConv(const TfliteOperator& op)
{
    const auto* o = op.options<fb::TransposeConvOptions>(fb::Options_TransposeConv);
    if (!o)
        return noTfliteOptions();
    // The size of the result is an input that converters may compute from the shape of another value; it is declared
    // too.
    const auto constant = op.integers(0);
    const std::vector<qint64> shape = constant ? *constant : op.outputs[0]->info.shape;
    if (shape.size() != 4)
        return damagedTflite(QStringLiteral("a transposed convolution into %1 dimensions").arg(shape.size()));
    ConvTranspose conv;
    EMBER_TRY(conv.window, windowOf(*o));
    conv.outputSize = {shape[1], shape[2]};
    EMBER_TRY(conv.activation, tfliteActivation(op, o->fused_activation()));
    std::vector<std::string> inputs{op.in(2), op.in(1)};
    if (op.has(3))
        inputs.push_back(op.in(3));
    op.node(conv, std::move(inputs));
    return {};
}

Status fullyConnected(const TfliteOperator& op)
{
    const auto* o = op.options<fb::FullyConnectedOptions>(fb::Options_FullyConnected);
    if (!o)
        return noTfliteOptions();
    if (o->weights_format() != 0)
        return unsupportedTflite(QStringLiteral("dense weights in the shuffled form"));
    Dense dense;
    dense.keepLeading = o->keep_num_dims();
    EMBER_TRY(dense.activation, tfliteActivation(op, o->fused_activation()));
    op.node(dense, firstTfliteInputs(op, 3));
    return {};
}

Status pool(const TfliteOperator& op)
{
    const auto* o = op.options<fb::Pool2DOptions>(fb::Options_Pool2D);
    if (!o)
        return noTfliteOptions();
    Pool pooling;
    pooling.kind =
        op.code == kMaxPool2d ? PoolKind::Maximum : (op.code == kAveragePool2d ? PoolKind::Average : PoolKind::Lp);
    pooling.kernel = {o->filter_h(), o->filter_w()};
    EMBER_TRY(pooling.window, windowOf(*o));
    EMBER_TRY(pooling.activation, tfliteActivation(op, o->fused_activation()));
    if (pooling.kind == PoolKind::Lp)
        return unsupportedTflite(QStringLiteral("L2_POOL_2D"));
    op.node(pooling, firstTfliteInputs(op, 1));
    return {};
}

Status unary(const TfliteOperator& op)
{
    static const std::map<int, Unary> kKinds = {{kAbs, {UnaryKind::Abs}},
                                                {kCeil, {UnaryKind::Ceil}},
                                                {kCos, {UnaryKind::Cos}},
                                                {kElu, {UnaryKind::Elu, 1.0f}},
                                                {kExp, {UnaryKind::Exp}},
                                                {kFloor, {UnaryKind::Floor}},
                                                {kHardSwish, {UnaryKind::HardSwish}},
                                                {kLogicalNot, {UnaryKind::Not}},
                                                {kLog, {UnaryKind::Log}},
                                                {kLogistic, {UnaryKind::Sigmoid}},
                                                {kNeg, {UnaryKind::Negate}},
                                                {kRelu, {UnaryKind::Relu}},
                                                {kRelu6, {UnaryKind::Relu6}},
                                                {kReluN1To1, {UnaryKind::ReluMinus1To1}},
                                                {kRound, {UnaryKind::Round}},
                                                {kRsqrt, {UnaryKind::Rsqrt}},
                                                {kSign, {UnaryKind::Sign}},
                                                {kSin, {UnaryKind::Sin}},
                                                {kSqrt, {UnaryKind::Sqrt}},
                                                {kSquare, {UnaryKind::Square}},
                                                {kTanh, {UnaryKind::Tanh}}};
    // The reference computes this one in steps of its own when the values are integers.
    if (op.code == kHardSwish && op.has(0) && op.inputs[0]->info.type != TensorType::Float32)
        return unsupportedTflite(QStringLiteral("HARD_SWISH of integers"));
    op.node(kKinds.at(op.code), firstTfliteInputs(op, 1));
    return {};
}

Status leakyRelu(const TfliteOperator& op)
{
    const auto* o = op.options<fb::LeakyReluOptions>(fb::Options_LeakyRelu);
    if (!o)
        return noTfliteOptions();
    op.node(Unary{UnaryKind::LeakyRelu, o->alpha()}, firstTfliteInputs(op, 1));
    return {};
}

Status gelu(const TfliteOperator& op)
{
    const auto* o = op.options<fb::GeluOptions>(fb::Options_Gelu);
    op.node(Unary{o && o->approximate() ? UnaryKind::GeluTanh : UnaryKind::Gelu}, firstTfliteInputs(op, 1));
    return {};
}

int fusedActivation(const TfliteOperator& op)
{
    for (const fb::Options type : {fb::Options_Add, fb::Options_Mul, fb::Options_Sub, fb::Options_Div}) {
        if (const auto* o = op.options<fb::ArithmeticOptions>(type))
            return o->fused_activation();
    }
    return 0;
}

Status binary(const TfliteOperator& op)
{
    static const std::map<int, BinaryKind> kKinds = {{kAdd, BinaryKind::Add},
                                                     {kSub, BinaryKind::Subtract},
                                                     {kMul, BinaryKind::Multiply},
                                                     {kDiv, BinaryKind::Divide},
                                                     {kFloorDiv, BinaryKind::FloorDivide},
                                                     {kFloorMod, BinaryKind::Modulo},
                                                     {kPow, BinaryKind::Power},
                                                     {kMinimum, BinaryKind::Minimum},
                                                     {kMaximum, BinaryKind::Maximum},
                                                     {kPrelu, BinaryKind::Prelu},
                                                     {kSquaredDifference, BinaryKind::SquaredDifference},
                                                     {kEqual, BinaryKind::Equal},
                                                     {kNotEqual, BinaryKind::NotEqual},
                                                     {kLess, BinaryKind::Less},
                                                     {kLessEqual, BinaryKind::LessOrEqual},
                                                     {kGreater, BinaryKind::Greater},
                                                     {kGreaterEqual, BinaryKind::GreaterOrEqual},
                                                     {kLogicalAnd, BinaryKind::And},
                                                     {kLogicalOr, BinaryKind::Or}};
    Binary pair{kKinds.at(op.code), Activation::None};
    EMBER_TRY(pair.activation, tfliteActivation(op, fusedActivation(op)));
    op.node(pair, firstTfliteInputs(op, 2));
    return {};
}

Status reduce(const TfliteOperator& op)
{
    static const std::map<int, ReduceKind> kKinds = {{kMean, ReduceKind::Mean},
                                                     {kSum, ReduceKind::Sum},
                                                     {kReduceMax, ReduceKind::Maximum},
                                                     {kReduceMin, ReduceKind::Minimum},
                                                     {kReduceProd, ReduceKind::Product}};
    const auto* o = op.options<fb::ReducerOptions>(fb::Options_Reducer);
    if (!o)
        return noTfliteOptions();
    op.node(Reduce{kKinds.at(op.code), {}, o->keep_dims(), true}, firstTfliteInputs(op, 2));
    return {};
}

Status argExtreme(const TfliteOperator& op)
{
    EMBER_TRY(const std::vector<qint64> axis, op.integers(1));
    if (axis.size() != 1 || op.outputs.empty())
        return damagedTflite(QStringLiteral("the largest along %1 axes").arg(axis.size()));
    op.node(ArgExtreme{op.code == kArgMax, axis[0], false, false, op.outputs[0]->info.type}, {op.in(0)});
    return {};
}

Status softmax(const TfliteOperator& op)
{
    if (op.code == kLogSoftmax) {
        if (op.has(0) && op.inputs[0]->info.type != TensorType::Float32)
            return unsupportedTflite(QStringLiteral("LOG_SOFTMAX of integers"));
        op.node(Softmax{SoftmaxKind::LogSoftmax, -1, false, 1.0f}, firstTfliteInputs(op, 1));
        return {};
    }
    const auto* o = op.options<fb::SoftmaxOptions>(fb::Options_Softmax);
    if (!o)
        return noTfliteOptions();
    op.node(Softmax{SoftmaxKind::Softmax, -1, false, o->beta()}, firstTfliteInputs(op, 1));
    return {};
}

Status withoutOptions(const TfliteOperator& op)
{
    switch (op.code) {
    case kExpandDims:
        op.node(Unsqueeze{}, firstTfliteInputs(op, 2));
        break;
    case kTranspose:
        op.node(Transpose{}, firstTfliteInputs(op, 2));
        break;
    case kPad:
        op.node(Pad{PadMode::Constant, true}, firstTfliteInputs(op, 2));
        break;
    case kPadV2:
        op.node(Pad{PadMode::Constant, true}, firstTfliteInputs(op, 3));
        break;
    case kTile:
        op.node(Tile{}, firstTfliteInputs(op, 2));
        break;
    case kBroadcastTo:
        op.node(Expand{}, firstTfliteInputs(op, 2));
        break;
    case kFill:
        op.node(Fill{}, firstTfliteInputs(op, 2));
        break;
    case kRange:
        op.node(Range{}, firstTfliteInputs(op, 3));
        break;
    case kSelect:
    case kSelectV2:
        op.node(Where{}, firstTfliteInputs(op, 3));
        break;
    case kGatherNd:
        op.node(GatherNd{}, firstTfliteInputs(op, 2));
        break;
    case kTopKV2:
        op.node(TopK{-1, true, TensorType::Int32}, firstTfliteInputs(op, 2));
        break;
    case kL2Normalization:
        if (op.has(0) && op.inputs[0]->info.type != TensorType::Float32)
            return unsupportedTflite(QStringLiteral("L2_NORMALIZATION of integers"));
        op.node(NormScale{NormKind::L2, -1}, firstTfliteInputs(op, 1));
        break;
    default:
        return unsupportedTflite(tfliteOperatorName(op.code));
    }
    return {};
}

Status addN(const TfliteOperator& op)
{
    if (op.inputs.size() != 2)
        return unsupportedTflite(QStringLiteral("ADD_N of %1 values").arg(op.inputs.size()));
    op.node(Binary{BinaryKind::Add, Activation::None}, firstTfliteInputs(op, 2));
    return {};
}

// Between types and scales; of float16, which has become float32 already, nothing is left to do.
Status requantise(const TfliteOperator& op)
{
    const bool nothing = op.has(0) && !op.outputs.empty() && op.inputs[0]->info.type == TensorType::Float32 &&
                         op.outputs[0]->info.type == TensorType::Float32;
    if (nothing)
        op.node(Unary{UnaryKind::Identity}, firstTfliteInputs(op, 1));
    else
        op.node(Requantise{}, firstTfliteInputs(op, 1));
    return {};
}

Status cast(const TfliteOperator& op)
{
    if (op.outputs.empty())
        return noTfliteOptions();
    op.node(Cast{op.outputs[0]->info.type}, firstTfliteInputs(op, 1));
    return {};
}

Status batchMatMul(const TfliteOperator& op)
{
    const auto* o = op.options<fb::BatchMatMulOptions>(fb::Options_BatchMatMul);
    op.node(MatMul{o && o->adj_x(), o && o->adj_y()}, firstTfliteInputs(op, 2));
    return {};
}

Status cumulativeSum(const TfliteOperator& op)
{
    const auto* o = op.options<fb::CumsumOptions>(fb::Options_Cumsum);
    op.node(CumulativeSum{o && o->exclusive(), o && o->reverse()}, firstTfliteInputs(op, 2));
    return {};
}

const TfliteConverters& converters()
{
    static const TfliteConverters kAll = [] {
        TfliteConverters all = {{kConv2d, conv2d},
                                {kDepthwiseConv2d, depthwise},
                                {kTransposeConv, transposeConv},
                                {kFullyConnected, fullyConnected},
                                {kLeakyRelu, leakyRelu},
                                {kGelu, gelu},
                                {kSoftmax, softmax},
                                {kLogSoftmax, softmax},
                                {kAddN, addN},
                                {kQuantize, requantise},
                                {kDequantize, requantise},
                                {kCast, cast},
                                {kBatchMatmul, batchMatMul},
                                {kCumsum, cumulativeSum},
                                {kArgMax, argExtreme},
                                {kArgMin, argExtreme}};
        for (const int code : {kMaxPool2d, kAveragePool2d})
            all[code] = pool;
        for (const int code :
             {kAbs,  kCeil,  kCos,       kElu,   kExp,   kFloor, kHardSwish, kLogicalNot, kLog,    kLogistic, kNeg,
              kRelu, kRelu6, kReluN1To1, kRound, kRsqrt, kSign,  kSin,       kSqrt,       kSquare, kTanh})
            all[code] = unary;
        for (const int code :
             {kAdd, kSub, kMul, kDiv, kFloorDiv, kFloorMod, kPow, kMinimum, kMaximum, kPrelu, kSquaredDifference,
              kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual, kLogicalAnd, kLogicalOr})
            all[code] = binary;
        for (const int code : {kMean, kSum, kReduceMax, kReduceMin, kReduceProd})
            all[code] = reduce;
        for (const int code : {kExpandDims, kTranspose, kPad, kPadV2, kTile, kBroadcastTo, kFill, kRange, kSelect,
                               kSelectV2, kGatherNd, kTopKV2, kL2Normalization})
            all[code] = withoutOptions;
        all.insert(tfliteShapeConverters().begin(), tfliteShapeConverters().end());
        all.insert(tfliteStateConverters().begin(), tfliteStateConverters().end());
        return all;
    }();
    return kAll;
}

} // namespace

Result<Activation> tfliteActivation(const TfliteOperator& op, int code)
{
    EMBER_TRY(const Activation activation, activationOf(code));
    if (activation == Activation::Tanh && !op.outputs.empty() && op.outputs[0]->info.type != TensorType::Float32)
        return unsupportedTflite(QStringLiteral("a fused hyperbolic tangent of integers"));
    return activation;
}

Error noTfliteOptions()
{
    return damagedTflite(QStringLiteral("an operator without its options"));
}

std::vector<std::string> firstTfliteInputs(const TfliteOperator& op, std::size_t count)
{
    std::vector<std::string> names;
    for (std::size_t i = 0; i < std::min(count, op.inputs.size()); ++i)
        names.push_back(op.in(i));
    return names;
}

Result<std::vector<qint64>> TfliteOperator::integers(std::size_t input) const
{
    const auto constantOf = [this](const std::string& value) -> const Tensor* {
        const auto found = graph->constants.find(value);
        return found == graph->constants.end() ? nullptr : &found->second.value;
    };
    const Tensor* value = has(input) ? constantOf(in(input)) : nullptr;
    if (!value || isFloat(value->type()) || value->type() == TensorType::String || value->size() > 1'000)
        return unsupportedTflite(QStringLiteral("%1 whose parameters are not constant").arg(tfliteOperatorName(code)));
    return value->toInt64();
}

std::string TfliteOperator::constant(const char* what, Tensor value) const
{
    std::string made = name + "/" + what;
    graph->constants.insert_or_assign(made, Constant{std::move(value), {}});
    return made;
}

void TfliteOperator::node(Operation operation, std::vector<std::string> names) const
{
    Node made;
    made.name = name;
    made.operation = std::move(operation);
    made.inputs = std::move(names);
    for (const TfliteTensor* output : outputs)
        made.outputs.push_back(output->info.name);
    graph->nodes.push_back(std::move(made));
}

bool isTfliteSupported(int code)
{
    return converters().contains(code) || isTfliteVariable(code);
}

Status convertTflite(const TfliteOperator& op)
{
    const auto found = converters().find(op.code);
    if (found == converters().end())
        return unsupportedTflite(QStringLiteral("the operator %1").arg(tfliteOperatorName(op.code)));
    return found->second(op);
}

} // namespace ember::model::detail
