// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tflite_ops.h"

#include "core/model/ops/op.h"
#include "core/model/tflite_names.h"

#include <map>

namespace ember::model::detail {
namespace {

using Convert = Status (*)(const TfliteOperator&);

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

// The activations that a layer can end with: those of stored integers are clamps.
Result<Activation> layerActivation(const TfliteOperator& op, int code)
{
    EMBER_TRY(const Activation activation, activationOf(code));
    if (activation == Activation::Tanh && !op.outputs.empty() && op.outputs[0]->info.type != TensorType::Float32)
        return unsupportedTflite(QStringLiteral("a fused hyperbolic tangent of integers"));
    return activation;
}

Error noOptions()
{
    return damagedTflite(QStringLiteral("an operator without its options"));
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

std::vector<std::string> firstInputs(const TfliteOperator& op, std::size_t count)
{
    std::vector<std::string> names;
    for (std::size_t i = 0; i < std::min(count, op.inputs.size()); ++i)
        names.push_back(op.in(i));
    return names;
}

Status conv2d(const TfliteOperator& op)
{
    const auto* o = op.options<fb::Conv2DOptions>(fb::Options_Conv2D);
    if (!o || !op.has(0) || !op.has(1))
        return noOptions();
    Conv conv;
    EMBER_TRY(conv.window, windowOf(*o));
    conv.window.dilations = {o->dilation_h(), o->dilation_w()};
    EMBER_TRY(conv.activation, layerActivation(op, o->fused_activation()));
    // The number of groups is what the weights leave open.
    const Shape& x = op.inputs[0]->info.shape;
    const Shape& w = op.inputs[1]->info.shape;
    if (x.size() == 4 && w.size() == 4 && w[3] > 0)
        conv.groups = x[3] / w[3];
    op.node(conv, firstInputs(op, 3));
    return {};
}

Status depthwise(const TfliteOperator& op)
{
    const auto* o = op.options<fb::DepthwiseConv2DOptions>(fb::Options_DepthwiseConv2D);
    if (!o)
        return noOptions();
    DepthwiseConv conv;
    EMBER_TRY(conv.window, windowOf(*o));
    conv.window.dilations = {o->dilation_h(), o->dilation_w()};
    EMBER_TRY(conv.activation, layerActivation(op, o->fused_activation()));
    op.node(conv, firstInputs(op, 3));
    return {};
}

// Inputs: shape of the result, weights, x, [bias].
Status transposeConv(const TfliteOperator& op)
{
    const auto* o = op.options<fb::TransposeConvOptions>(fb::Options_TransposeConv);
    if (!o)
        return noOptions();
    // The size of the result is an input that converters may compute from the shape of another value; it is declared
    // too.
    const auto constant = op.integers(0);
    const std::vector<qint64> shape = constant ? *constant : op.outputs[0]->info.shape;
    if (shape.size() != 4)
        return damagedTflite(QStringLiteral("a transposed convolution into %1 dimensions").arg(shape.size()));
    ConvTranspose conv;
    EMBER_TRY(conv.window, windowOf(*o));
    conv.outputSize = {shape[1], shape[2]};
    EMBER_TRY(conv.activation, layerActivation(op, o->fused_activation()));
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
        return noOptions();
    if (o->weights_format() != 0)
        return unsupportedTflite(QStringLiteral("dense weights in the shuffled form"));
    Dense dense;
    dense.keepLeading = o->keep_num_dims();
    EMBER_TRY(dense.activation, layerActivation(op, o->fused_activation()));
    op.node(dense, firstInputs(op, 3));
    return {};
}

Status pool(const TfliteOperator& op)
{
    const auto* o = op.options<fb::Pool2DOptions>(fb::Options_Pool2D);
    if (!o)
        return noOptions();
    Pool pooling;
    pooling.kind =
        op.code == kMaxPool2d ? PoolKind::Maximum : (op.code == kAveragePool2d ? PoolKind::Average : PoolKind::Lp);
    pooling.kernel = {o->filter_h(), o->filter_w()};
    EMBER_TRY(pooling.window, windowOf(*o));
    EMBER_TRY(pooling.activation, layerActivation(op, o->fused_activation()));
    if (pooling.kind == PoolKind::Lp)
        return unsupportedTflite(QStringLiteral("L2_POOL_2D"));
    op.node(pooling, firstInputs(op, 1));
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
    op.node(kKinds.at(op.code), firstInputs(op, 1));
    return {};
}

Status leakyRelu(const TfliteOperator& op)
{
    const auto* o = op.options<fb::LeakyReluOptions>(fb::Options_LeakyRelu);
    if (!o)
        return noOptions();
    op.node(Unary{UnaryKind::LeakyRelu, o->alpha()}, firstInputs(op, 1));
    return {};
}

Status gelu(const TfliteOperator& op)
{
    const auto* o = op.options<fb::GeluOptions>(fb::Options_Gelu);
    op.node(Unary{o && o->approximate() ? UnaryKind::GeluTanh : UnaryKind::Gelu}, firstInputs(op, 1));
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
    EMBER_TRY(pair.activation, layerActivation(op, fusedActivation(op)));
    op.node(pair, firstInputs(op, 2));
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
        return noOptions();
    op.node(Reduce{kKinds.at(op.code), {}, o->keep_dims(), true}, firstInputs(op, 2));
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
        op.node(Softmax{SoftmaxKind::LogSoftmax, -1, false, 1.0f}, firstInputs(op, 1));
        return {};
    }
    const auto* o = op.options<fb::SoftmaxOptions>(fb::Options_Softmax);
    if (!o)
        return noOptions();
    op.node(Softmax{SoftmaxKind::Softmax, -1, false, o->beta()}, firstInputs(op, 1));
    return {};
}

// The shape is an input, an option, or only that of the result.
Status reshape(const TfliteOperator& op)
{
    if (op.has(1)) {
        op.node(Reshape{true}, firstInputs(op, 2));
        return {};
    }
    if (op.outputs.empty())
        return noOptions();
    const Shape& shape = op.outputs[0]->info.shape;
    op.node(Reshape{true}, {op.in(0), op.constant("shape", Tensor::of(shape, {static_cast<qint64>(shape.size())}))});
    return {};
}

Status squeeze(const TfliteOperator& op)
{
    Squeeze operation;
    if (const auto* o = op.options<fb::SqueezeOptions>(fb::Options_Squeeze); o && o->squeeze_dims())
        operation.axes.assign(o->squeeze_dims()->begin(), o->squeeze_dims()->end());
    op.node(operation, firstInputs(op, 1));
    return {};
}

Status withoutOptions(const TfliteOperator& op)
{
    switch (op.code) {
    case kExpandDims:
        op.node(Unsqueeze{}, firstInputs(op, 2));
        break;
    case kTranspose:
        op.node(Transpose{}, firstInputs(op, 2));
        break;
    case kPad:
        op.node(Pad{PadMode::Constant, true}, firstInputs(op, 2));
        break;
    case kPadV2:
        op.node(Pad{PadMode::Constant, true}, firstInputs(op, 3));
        break;
    case kTile:
        op.node(Tile{}, firstInputs(op, 2));
        break;
    case kBroadcastTo:
        op.node(Expand{}, firstInputs(op, 2));
        break;
    case kFill:
        op.node(Fill{}, firstInputs(op, 2));
        break;
    case kRange:
        op.node(Range{}, firstInputs(op, 3));
        break;
    case kSelect:
    case kSelectV2:
        op.node(Where{}, firstInputs(op, 3));
        break;
    case kGatherNd:
        op.node(GatherNd{}, firstInputs(op, 2));
        break;
    case kTopKV2:
        op.node(TopK{-1, true, TensorType::Int32}, firstInputs(op, 2));
        break;
    case kL2Normalization:
        if (op.has(0) && op.inputs[0]->info.type != TensorType::Float32)
            return unsupportedTflite(QStringLiteral("L2_NORMALIZATION of integers"));
        op.node(NormScale{NormKind::L2, -1}, firstInputs(op, 1));
        break;
    default:
        return unsupportedTflite(tfliteOperatorName(op.code));
    }
    return {};
}

Status concat(const TfliteOperator& op)
{
    const auto* o = op.options<fb::ConcatenationOptions>(fb::Options_Concatenation);
    if (!o)
        return noOptions();
    if (o->fused_activation() != 0)
        return unsupportedTflite(QStringLiteral("CONCATENATION with a fused activation"));
    op.node(Concat{o->axis()}, firstInputs(op, op.inputs.size()));
    return {};
}

// Inputs: axis, x.
Status split(const TfliteOperator& op)
{
    const bool bySizes = op.code == kSplitV;
    EMBER_TRY(const std::vector<qint64> axis, op.integers(bySizes ? 2 : 0));
    if (axis.size() != 1)
        return damagedTflite(QStringLiteral("a split along %1 axes").arg(axis.size()));
    if (bySizes)
        op.node(Split{axis[0], {}}, {op.in(0), op.in(1)});
    else
        op.node(Split{axis[0], {}}, {op.in(1)});
    return {};
}

// Inputs: x, begin, size.
Status slice(const TfliteOperator& op)
{
    EMBER_TRY(const std::vector<qint64> begin, op.integers(1));
    EMBER_TRY(std::vector<qint64> end, op.integers(2));
    if (begin.size() != end.size())
        return damagedTflite(QStringLiteral("a slice of %1 begins and %2 sizes").arg(begin.size()).arg(end.size()));
    for (std::size_t i = 0; i < end.size(); ++i) {
        if (begin[i] < 0 || end[i] < -1 || end[i] > kMaxTensorElements || begin[i] > kMaxTensorElements)
            return damagedTflite(QStringLiteral("a slice of %1 from %2").arg(end[i]).arg(begin[i]));
        end[i] = end[i] < 0 ? kMaxTensorElements : begin[i] + end[i];
    }
    const Shape shape{static_cast<qint64>(end.size())};
    op.node(Slice{},
            {op.in(0), op.constant("begin", Tensor::of(begin, shape)), op.constant("end", Tensor::of(end, shape))});
    return {};
}

Status stridedSlice(const TfliteOperator& op)
{
    const auto* o = op.options<fb::StridedSliceOptions>(fb::Options_StridedSlice);
    if (!o)
        return noOptions();
    if (o->offset())
        return unsupportedTflite(QStringLiteral("STRIDED_SLICE whose end is an offset"));
    op.node(StridedSlice{o->begin_mask(), o->end_mask(), o->ellipsis_mask(), o->new_axis_mask(), o->shrink_axis_mask()},
            firstInputs(op, 4));
    return {};
}

Status mirrorPad(const TfliteOperator& op)
{
    const auto* o = op.options<fb::MirrorPadOptions>(fb::Options_MirrorPad);
    if (!o)
        return noOptions();
    op.node(Pad{o->mode() == 0 ? PadMode::Reflect : PadMode::Symmetric, true}, firstInputs(op, 2));
    return {};
}

Status gather(const TfliteOperator& op)
{
    const auto* o = op.options<fb::GatherOptions>(fb::Options_Gather);
    if (o && o->batch_dims() != 0)
        return unsupportedTflite(QStringLiteral("GATHER with batch dimensions"));
    op.node(Gather{o ? o->axis() : 0}, firstInputs(op, 2));
    return {};
}

Status addN(const TfliteOperator& op)
{
    if (op.inputs.size() != 2)
        return unsupportedTflite(QStringLiteral("ADD_N of %1 values").arg(op.inputs.size()));
    op.node(Binary{BinaryKind::Add, Activation::None}, firstInputs(op, 2));
    return {};
}

Status pack(const TfliteOperator& op)
{
    const auto* o = op.options<fb::PackOptions>(fb::Options_Pack);
    if (!o)
        return noOptions();
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < op.inputs.size(); ++i) {
        Node node;
        node.name = op.name + "/part" + std::to_string(i);
        node.operation = Unsqueeze{{o->axis()}};
        node.inputs = {op.in(i)};
        node.outputs = {node.name};
        if (op.has(i)) {
            ValueInfo info = op.inputs[i]->info;
            info.name = node.name;
            op.graph->values[node.name] = std::move(info);
        }
        parts.push_back(node.name);
        op.graph->nodes.push_back(std::move(node));
    }
    op.node(Concat{o->axis()}, std::move(parts));
    return {};
}

Status unpack(const TfliteOperator& op)
{
    const auto* o = op.options<fb::PackOptions>(fb::Options_Unpack);
    if (!o)
        return noOptions();
    Node parts;
    parts.name = op.name + "/split";
    parts.operation = Split{o->axis(), {}};
    parts.inputs = {op.in(0)};
    std::vector<Node> squeezes;
    for (std::size_t i = 0; i < op.outputs.size(); ++i) {
        const std::string part = op.name + "/part" + std::to_string(i);
        parts.outputs.push_back(part);
        if (op.has(0)) {
            ValueInfo info = op.inputs[0]->info;
            info.name = part;
            op.graph->values[part] = std::move(info);
        }
        squeezes.push_back({part, Squeeze{{o->axis()}}, {part}, {op.outputs[i]->info.name}});
    }
    op.graph->nodes.push_back(std::move(parts));
    for (Node& squeezed : squeezes)
        op.graph->nodes.push_back(std::move(squeezed));
    return {};
}

Status resize(const TfliteOperator& op)
{
    Resize operation;
    operation.axes = {1, 2};
    bool align = false, half = false;
    if (const auto* o = op.options<fb::ResizeBilinearOptions>(fb::Options_ResizeBilinear)) {
        align = o->align_corners();
        half = o->half_pixel_centers();
    } else if (const auto* n = op.options<fb::ResizeNearestNeighborOptions>(fb::Options_ResizeNearestNeighbor)) {
        align = n->align_corners();
        half = n->half_pixel_centers();
    }
    if (op.code == kResizeBilinear && op.has(0) && op.inputs[0]->info.type != TensorType::Float32)
        return unsupportedTflite(QStringLiteral("RESIZE_BILINEAR of integers"));
    operation.kind = op.code == kResizeBilinear ? ResizeKind::Linear : ResizeKind::Nearest;
    operation.origin = align ? ResizeOrigin::AlignCorners : (half ? ResizeOrigin::HalfPixel : ResizeOrigin::Asymmetric);
    operation.nearest = align || half ? NearestKind::RoundPreferCeil : NearestKind::Floor;
    op.node(operation, {op.in(0), {}, {}, op.in(1)});
    return {};
}

Status depthSpace(const TfliteOperator& op)
{
    const bool toDepth = op.code == kSpaceToDepth;
    const auto* o = op.options<fb::BlockOptions>(toDepth ? fb::Options_SpaceToDepth : fb::Options_DepthToSpace);
    if (!o)
        return noOptions();
    op.node(DepthSpace{toDepth, o->block_size(), false, Layout::ChannelsLast}, firstInputs(op, 1));
    return {};
}

Status svdf(const TfliteOperator& op)
{
    const auto* o = op.options<fb::SVDFOptions>(fb::Options_SVDF);
    if (!o)
        return noOptions();
    Svdf filter{o->rank(), Activation::None};
    EMBER_TRY(filter.activation, layerActivation(op, o->fused_activation()));
    // The integer kernels know one: their result is cut at -128, which is zero for a rectifier.
    const bool stored = op.has(0) && op.inputs[0]->info.type != TensorType::Float32;
    if (stored && filter.activation != Activation::Relu)
        return unsupportedTflite(QStringLiteral("SVDF of integers without a rectifier"));
    op.node(filter, firstInputs(op, 5));
    return {};
}

// Between types and scales; of float16, which has become float32 already, nothing is left to do.
Status requantise(const TfliteOperator& op)
{
    const bool nothing = op.has(0) && !op.outputs.empty() && op.inputs[0]->info.type == TensorType::Float32 &&
                         op.outputs[0]->info.type == TensorType::Float32;
    if (nothing)
        op.node(Unary{UnaryKind::Identity}, firstInputs(op, 1));
    else
        op.node(Requantise{}, firstInputs(op, 1));
    return {};
}

Status cast(const TfliteOperator& op)
{
    if (op.outputs.empty())
        return noOptions();
    op.node(Cast{op.outputs[0]->info.type}, firstInputs(op, 1));
    return {};
}

Status shapeOf(const TfliteOperator& op)
{
    if (op.outputs.empty())
        return noOptions();
    op.node(ShapeOf{0, 1'000'000, op.outputs[0]->info.type}, firstInputs(op, 1));
    return {};
}

Status batchMatMul(const TfliteOperator& op)
{
    const auto* o = op.options<fb::BatchMatMulOptions>(fb::Options_BatchMatMul);
    op.node(MatMul{o && o->adj_x(), o && o->adj_y()}, firstInputs(op, 2));
    return {};
}

Status cumulativeSum(const TfliteOperator& op)
{
    const auto* o = op.options<fb::CumsumOptions>(fb::Options_Cumsum);
    op.node(CumulativeSum{o && o->exclusive(), o && o->reverse()}, firstInputs(op, 2));
    return {};
}

const std::map<int, Convert>& converters()
{
    static const std::map<int, Convert> kAll = [] {
        std::map<int, Convert> all = {{kConv2d, conv2d},
                                      {kDepthwiseConv2d, depthwise},
                                      {kTransposeConv, transposeConv},
                                      {kFullyConnected, fullyConnected},
                                      {kLeakyRelu, leakyRelu},
                                      {kGelu, gelu},
                                      {kSoftmax, softmax},
                                      {kLogSoftmax, softmax},
                                      {kReshape, reshape},
                                      {kSqueeze, squeeze},
                                      {kConcatenation, concat},
                                      {kSplit, split},
                                      {kSplitV, split},
                                      {kSlice, slice},
                                      {kStridedSlice, stridedSlice},
                                      {kMirrorPad, mirrorPad},
                                      {kGather, gather},
                                      {kAddN, addN},
                                      {kPack, pack},
                                      {kUnpack, unpack},
                                      {kResizeBilinear, resize},
                                      {kResizeNearestNeighbor, resize},
                                      {kSpaceToDepth, depthSpace},
                                      {kDepthToSpace, depthSpace},
                                      {kSvdf, svdf},
                                      {kQuantize, requantise},
                                      {kDequantize, requantise},
                                      {kCast, cast},
                                      {kShape, shapeOf},
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
        return all;
    }();
    return kAll;
}

} // namespace

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
    return converters().contains(code);
}

Status convertTflite(const TfliteOperator& op)
{
    const auto found = converters().find(op.code);
    if (found == converters().end())
        return unsupportedTflite(QStringLiteral("the operator %1").arg(tfliteOperatorName(op.code)));
    return found->second(op);
}

} // namespace ember::model::detail
