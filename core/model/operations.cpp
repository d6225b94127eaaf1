// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/operations.h"

#include <array>

namespace ember::model {

Operation::Operation() = default;
Operation::Operation(const Operation& other) = default;
Operation::Operation(Operation&& other) noexcept = default;
Operation& Operation::operator=(const Operation& other) = default;
Operation& Operation::operator=(Operation&& other) noexcept = default;
Operation::~Operation() = default;

namespace {

template <typename Kind, std::size_t N>
QString kindName(const std::array<const char*, N>& names, Kind kind)
{
    const auto index = static_cast<std::size_t>(kind);
    return index < N ? QString::fromLatin1(names[index]) : QStringLiteral("?");
}

// In the order of the enumerations.
constexpr std::array kUnary = {
    "Abs",       "Acos",           "Acosh", "Asin",  "Asinh",         "Atan",     "Atanh", "Ceil",     "Celu",
    "Cos",       "Cosh",           "Elu",   "Erf",   "Exp",           "Floor",    "Gelu",  "GeluTanh", "HardSigmoid",
    "HardSwish", "Identity",       "IsInf", "IsNaN", "LeakyRelu",     "Log",      "Mish",  "Negate",   "Not",
    "Probit",    "Reciprocal",     "Relu",  "Relu6", "ReluMinus1To1", "Round",    "Rsqrt", "Selu",     "Shrink",
    "Sigmoid",   "Sign",           "Sin",   "Sinh",  "Softplus",      "Softsign", "Sqrt",  "Square",   "Tan",
    "Tanh",      "ThresholdedRelu"};
constexpr std::array kBinary = {"Add",   "Subtract", "Multiply", "Divide",      "FloorDivide",       "Modulo",
                                "FMod",  "Power",    "Minimum",  "Maximum",     "SquaredDifference", "Prelu",
                                "Equal", "NotEqual", "Less",     "LessOrEqual", "Greater",           "GreaterOrEqual",
                                "And",   "Or",       "Xor"};
constexpr std::array kReduce = {"ReduceSum", "ReduceMean", "ReduceMaximum",   "ReduceMinimum", "ReduceProduct",
                                "ReduceL1",  "ReduceL2",   "ReduceSumSquare", "ReduceLogSum",  "ReduceLogSumExp"};
constexpr std::array kPool = {"MaxPool", "AveragePool", "LpPool"};
constexpr std::array kSoftmax = {"Softmax", "LogSoftmax", "Hardmax"};
constexpr std::array kRecurrent = {"Rnn", "Gru", "Lstm"};
static_assert(kUnary.size() == static_cast<std::size_t>(UnaryKind::ThresholdedRelu) + 1);
static_assert(kBinary.size() == static_cast<std::size_t>(BinaryKind::Xor) + 1);
static_assert(kReduce.size() == static_cast<std::size_t>(ReduceKind::LogSumExp) + 1);

// As TensorFlow Lite Micro calls them.
struct SignalNamer
{
    QString operator()(const SignalFramer&) const { return QStringLiteral("SignalFramer"); }
    QString operator()(const SignalWindow&) const { return QStringLiteral("SignalWindow"); }
    QString operator()(const SignalFftAutoScale&) const { return QStringLiteral("SignalFftAutoScale"); }
    QString operator()(const SignalFft& step) const
    {
        return step.inverse ? QStringLiteral("SignalIrfft") : QStringLiteral("SignalRfft");
    }
    QString operator()(const SignalEnergy&) const { return QStringLiteral("SignalEnergy"); }
    QString operator()(const SignalFilterBank&) const { return QStringLiteral("SignalFilterBank"); }
    QString operator()(const SignalFilterBankSquareRoot&) const { return QStringLiteral("SignalFilterBankSquareRoot"); }
    QString operator()(const SignalSpectralSubtraction&) const
    {
        return QStringLiteral("SignalFilterBankSpectralSubtraction");
    }
    QString operator()(const SignalPcan&) const { return QStringLiteral("SignalPCAN"); }
    QString operator()(const SignalFilterBankLog&) const { return QStringLiteral("SignalFilterBankLog"); }
    QString operator()(const SignalDelay&) const { return QStringLiteral("SignalDelay"); }
    QString operator()(const SignalOverlapAdd&) const { return QStringLiteral("SignalOverlapAdd"); }
    QString operator()(const SignalStacker&) const { return QStringLiteral("SignalStacker"); }
};

// Operations that are a family are called by what they do.
struct Namer
{
    QString operator()(const Unary& op) const { return kindName(kUnary, op.kind); }
    QString operator()(const Binary& op) const { return kindName(kBinary, op.kind); }
    QString operator()(const Reduce& op) const { return kindName(kReduce, op.kind); }
    QString operator()(const Pool& op) const { return kindName(kPool, op.kind); }
    QString operator()(const Softmax& op) const { return kindName(kSoftmax, op.kind); }
    QString operator()(const Recurrent& op) const { return kindName(kRecurrent, op.kind); }
    QString operator()(const ArgExtreme& op) const
    {
        return op.maximum ? QStringLiteral("ArgMax") : QStringLiteral("ArgMin");
    }
    QString operator()(const DepthSpace& op) const
    {
        return op.toDepth ? QStringLiteral("SpaceToDepth") : QStringLiteral("DepthToSpace");
    }
    QString operator()(const TreeEnsemble&) const { return QStringLiteral("TreeEnsemble"); }
    QString operator()(const Dense&) const { return QStringLiteral("Dense"); }
    QString operator()(const Gemm&) const { return QStringLiteral("Gemm"); }
    QString operator()(const MatMul&) const { return QStringLiteral("MatMul"); }
    QString operator()(const Conv&) const { return QStringLiteral("Conv"); }
    QString operator()(const DepthwiseConv&) const { return QStringLiteral("DepthwiseConv"); }
    QString operator()(const ConvTranspose&) const { return QStringLiteral("ConvTranspose"); }
    QString operator()(const Where&) const { return QStringLiteral("Where"); }
    QString operator()(const Cast&) const { return QStringLiteral("Cast"); }
    QString operator()(const CumulativeSum&) const { return QStringLiteral("CumulativeSum"); }
    QString operator()(const TopK&) const { return QStringLiteral("TopK"); }
    QString operator()(const BatchNorm&) const { return QStringLiteral("BatchNorm"); }
    QString operator()(const InstanceNorm&) const { return QStringLiteral("InstanceNorm"); }
    QString operator()(const LayerNorm&) const { return QStringLiteral("LayerNorm"); }
    QString operator()(const LocalResponseNorm&) const { return QStringLiteral("LocalResponseNorm"); }
    QString operator()(const NormScale&) const { return QStringLiteral("NormScale"); }
    QString operator()(const Reshape&) const { return QStringLiteral("Reshape"); }
    QString operator()(const Squeeze&) const { return QStringLiteral("Squeeze"); }
    QString operator()(const Unsqueeze&) const { return QStringLiteral("Unsqueeze"); }
    QString operator()(const Flatten&) const { return QStringLiteral("Flatten"); }
    QString operator()(const Expand&) const { return QStringLiteral("Expand"); }
    QString operator()(const Tile&) const { return QStringLiteral("Tile"); }
    QString operator()(const Transpose&) const { return QStringLiteral("Transpose"); }
    QString operator()(const Concat&) const { return QStringLiteral("Concat"); }
    QString operator()(const Split&) const { return QStringLiteral("Split"); }
    QString operator()(const Slice&) const { return QStringLiteral("Slice"); }
    QString operator()(const StridedSlice&) const { return QStringLiteral("StridedSlice"); }
    QString operator()(const Pad&) const { return QStringLiteral("Pad"); }
    QString operator()(const Gather&) const { return QStringLiteral("Gather"); }
    QString operator()(const GatherElements&) const { return QStringLiteral("GatherElements"); }
    QString operator()(const GatherNd&) const { return QStringLiteral("GatherNd"); }
    QString operator()(const ScatterElements&) const { return QStringLiteral("ScatterElements"); }
    QString operator()(const ShapeOf&) const { return QStringLiteral("ShapeOf"); }
    QString operator()(const SizeOf&) const { return QStringLiteral("SizeOf"); }
    QString operator()(const Range&) const { return QStringLiteral("Range"); }
    QString operator()(const Fill&) const { return QStringLiteral("Fill"); }
    QString operator()(const EyeLike&) const { return QStringLiteral("EyeLike"); }
    QString operator()(const OneHot&) const { return QStringLiteral("OneHot"); }
    QString operator()(const Resize&) const { return QStringLiteral("Resize"); }
    QString operator()(const Requantise&) const { return QStringLiteral("Requantise"); }
    QString operator()(const QuantizeLinear&) const { return QStringLiteral("QuantizeLinear"); }
    QString operator()(const DequantizeLinear&) const { return QStringLiteral("DequantizeLinear"); }
    QString operator()(const DynamicQuantizeLinear&) const { return QStringLiteral("DynamicQuantizeLinear"); }
    QString operator()(const QLinearConv&) const { return QStringLiteral("QLinearConv"); }
    QString operator()(const QLinearMatMul&) const { return QStringLiteral("QLinearMatMul"); }
    QString operator()(const ConvInteger&) const { return QStringLiteral("ConvInteger"); }
    QString operator()(const MatMulInteger&) const { return QStringLiteral("MatMulInteger"); }
    QString operator()(const Svdf&) const { return QStringLiteral("Svdf"); }
    QString operator()(const SequenceLstm&) const { return QStringLiteral("SequenceLstm"); }
    QString operator()(const Assign&) const { return QStringLiteral("Assign"); }
    QString operator()(const Signal& op) const { return std::visit(SignalNamer(), op.step); }
    QString operator()(const LinearModel&) const { return QStringLiteral("LinearModel"); }
    QString operator()(const SvmModel&) const { return QStringLiteral("SvmModel"); }
    QString operator()(const Imputer&) const { return QStringLiteral("Imputer"); }
    QString operator()(const LabelEncoder&) const { return QStringLiteral("LabelEncoder"); }
    QString operator()(const CategoryOneHot&) const { return QStringLiteral("CategoryOneHot"); }
};

} // namespace

QString operationName(const Operation& operation)
{
    return std::visit(Namer(), operation);
}

} // namespace ember::model
