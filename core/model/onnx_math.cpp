// SPDX-License-Identifier: GPL-3.0-or-later
// Element-wise operators, reductions, comparisons of ai.onnx.
#include "core/model/onnx_ops.h"

namespace ember::model::detail {
namespace {

template <UnaryKind Kind>
Status unary(const OnnxOperator& op)
{
    return op.node(Unary{Kind}, op.inputs(1));
}

Status withConstants(const OnnxOperator& op)
{
    struct Known
    {
        UnaryKind kind;
        const char* alphaName;
        float alpha;
        const char* betaName;
        float beta;
    };
    static const std::map<std::string, Known> kKnown = {
        {"Elu", {UnaryKind::Elu, "alpha", 1.0f, "", 0.0f}},
        {"Celu", {UnaryKind::Celu, "alpha", 1.0f, "", 0.0f}},
        {"LeakyRelu", {UnaryKind::LeakyRelu, "alpha", 0.01f, "", 0.0f}},
        {"ThresholdedRelu", {UnaryKind::ThresholdedRelu, "alpha", 1.0f, "", 0.0f}},
        {"Selu", {UnaryKind::Selu, "alpha", 1.67326319217681884765625f, "gamma", 1.05070102214813232421875f}},
        {"HardSigmoid", {UnaryKind::HardSigmoid, "alpha", 0.2f, "beta", 0.5f}},
        {"Shrink", {UnaryKind::Shrink, "lambd", 0.5f, "bias", 0.0f}}};
    const Known& known = kKnown.at(op.type());
    return op.node(Unary{known.kind, op.number(known.alphaName, known.alpha), op.number(known.betaName, known.beta)},
                   op.inputs(1));
}

Status isInf(const OnnxOperator& op)
{
    return op.node(Unary{UnaryKind::IsInf, static_cast<float>(op.integer("detect_positive", 1)),
                         static_cast<float>(op.integer("detect_negative", 1))},
                   op.inputs(1));
}

Status gelu(const OnnxOperator& op)
{
    const bool approximate = op.attributes.text("approximate", "none") == "tanh";
    return op.node(Unary{approximate ? UnaryKind::GeluTanh : UnaryKind::Gelu}, op.inputs(1));
}

// Before version 7 the second value may be broadcast from an axis of the first: it gets dimensions of 1 behind its own,
// as many as the first has left. Worked out with the shapes, which are known when the model runs.
std::string aligned(const OnnxOperator& op, std::int64_t axis)
{
    const Binary subtract{BinaryKind::Subtract, Activation::None};
    const std::string rankB = op.step("rank", SizeOf{}, {op.step("shape", ShapeOf{}, {op.in(1)})});
    const std::string rest = op.step("rest", ShapeOf{axis}, {op.in(0)});
    const std::string begin = op.step("begin", Reshape{}, {rankB, op.integers("one", {1})});
    const std::string behind = op.step("behind", Slice{}, {rest, begin, op.integers("end", {1'000})});
    const std::string zeros = op.step("zeros", subtract, {behind, behind});
    const std::string ones = op.step("ones", Binary{}, {zeros, op.integers("unit", {1})});
    const std::string shape = op.step("aligned-shape", Concat{0}, {op.step("own", ShapeOf{}, {op.in(1)}), ones});
    return op.step("aligned", Reshape{}, {op.in(1), shape});
}

Status binaryOf(const OnnxOperator& op, BinaryKind kind)
{
    std::vector<std::string> from = op.inputs(2);
    const std::int64_t axis = op.integer("axis", -1);
    if (from.size() < 2)
        return damaged(
            QStringLiteral("%1 of %2 values").arg(QString::fromStdString(op.type()).left(80)).arg(from.size()));
    if (op.version < 7 && op.flag("broadcast") && axis >= 0)
        from[1] = aligned(op, axis);
    return op.node(Binary{kind, Activation::None}, std::move(from));
}

template <BinaryKind Kind>
Status binary(const OnnxOperator& op)
{
    return binaryOf(op, Kind);
}

Status modulo(const OnnxOperator& op)
{
    return binaryOf(op, op.flag("fmod") ? BinaryKind::FMod : BinaryKind::Modulo);
}

// Of any number of values.
Status chain(const OnnxOperator& op, BinaryKind kind)
{
    if (op.inputCount() == 0)
        return damaged(QStringLiteral("%1 of nothing").arg(QString::fromStdString(op.type())));
    if (op.inputCount() == 1)
        return op.node(Unary{UnaryKind::Identity}, op.inputs(1));
    std::string sum = op.in(0);
    for (std::size_t i = 1; i + 1 < op.inputCount(); ++i)
        sum = op.step(("part" + std::to_string(i)).c_str(), Binary{kind, Activation::None}, {sum, op.in(i)});
    return op.node(Binary{kind, Activation::None}, {sum, op.in(op.inputCount() - 1)});
}

template <BinaryKind Kind>
Status variadic(const OnnxOperator& op)
{
    return chain(op, Kind);
}

Status mean(const OnnxOperator& op)
{
    if (op.inputCount() < 1)
        return damaged(QStringLiteral("the mean of nothing"));
    std::string sum = op.in(0);
    for (std::size_t i = 1; i < op.inputCount(); ++i)
        sum = op.step(("part" + std::to_string(i)).c_str(), Binary{}, {sum, op.in(i)});
    return op.node(Binary{BinaryKind::Divide, Activation::None},
                   {sum, op.real("count", static_cast<float>(op.inputCount()))});
}

// Bounds are attributes before version 11, inputs since.
Status clip(const OnnxOperator& op)
{
    std::string low = op.in(1);
    std::string high = op.in(2);
    if (op.version < 11) {
        low = op.attributes.has("min") ? op.real("min", op.number("min", 0)) : std::string();
        high = op.attributes.has("max") ? op.real("max", op.number("max", 0)) : std::string();
    }
    const Binary largest{BinaryKind::Maximum, Activation::None};
    const Binary smallest{BinaryKind::Minimum, Activation::None};
    if (low.empty() && high.empty())
        return op.node(Unary{UnaryKind::Identity}, op.inputs(1));
    if (high.empty())
        return op.node(largest, {op.in(0), low});
    const std::string bounded = low.empty() ? op.in(0) : op.step("low", largest, {op.in(0), low});
    return op.node(smallest, {bounded, high});
}

template <ReduceKind Kind>
Status reduce(const OnnxOperator& op)
{
    return op.node(Reduce{Kind, op.list("axes"), op.integer("keepdims", 1) != 0, op.flag("noop_with_empty_axes")},
                   op.inputs(2));
}

template <bool Maximum>
Status argExtreme(const OnnxOperator& op)
{
    return op.node(ArgExtreme{Maximum, op.integer("axis", 0), op.integer("keepdims", 1) != 0,
                              op.flag("select_last_index"), TensorType::Int64},
                   op.inputs(1));
}

Status cumulativeSum(const OnnxOperator& op)
{
    return op.node(CumulativeSum{op.flag("exclusive"), op.flag("reverse")}, op.inputs(2));
}

// The number of winners is an attribute before version 10.
Status topK(const OnnxOperator& op)
{
    if (op.version >= 11 && op.integer("sorted", 1) == 0)
        return op.node(TopK{op.integer("axis", -1), op.integer("largest", 1) != 0, TensorType::Int64}, op.inputs(2));
    std::vector<std::string> from = op.inputs(2);
    if (op.version < 10)
        from = {op.in(0), op.integers("k", {op.integer("k", 1)})};
    return op.node(TopK{op.integer("axis", -1), op.integer("largest", 1) != 0, TensorType::Int64}, std::move(from));
}

Status softmax(const OnnxOperator& op)
{
    const SoftmaxKind kind = op.type() == "LogSoftmax" ? SoftmaxKind::LogSoftmax
                             : op.type() == "Hardmax"  ? SoftmaxKind::Hardmax
                                                       : SoftmaxKind::Softmax;
    const bool old = op.version < 13;
    return op.node(Softmax{kind, op.integer("axis", old ? 1 : -1), old, 1.0f}, op.inputs(1));
}

Status cast(const OnnxOperator& op)
{
    const auto type = tensorTypeFor(static_cast<int>(op.integer("to", 0)));
    if (!type)
        return unsupported(QStringLiteral("Cast to element type %1").arg(op.integer("to", 0)));
    return op.node(Cast{*type}, op.inputs(1));
}

Status where(const OnnxOperator& op)
{
    return op.node(Where{}, op.inputs(3));
}

// Dropout of a trained model passes its input on; the mask is all true.
Status dropout(const OnnxOperator& op)
{
    if (const Tensor* training = op.known(2); training && training->size() == 1 && training->toInt64()[0] != 0)
        return unsupported(QStringLiteral("Dropout in training mode"));
    op.add(Unary{UnaryKind::Identity}, op.inputs(1), {op.out(0)});
    if (!op.out(1).empty())
        op.add(Fill{},
               {op.step("shape", ShapeOf{}, op.inputs(1)),
                op.constant("true",
                            [] {
                                Tensor value = Tensor::zeros(TensorType::Bool, {1}).value();
                                value.as<quint8>()[0] = 1;
                                return value;
                            }())},
               {op.out(1)});
    return {};
}

Status prelu(const OnnxOperator& op)
{
    std::vector<std::string> from = op.inputs(2);
    // Before version 7 a vector of slopes belongs to the channels; since then NumPy's broadcast holds.
    if (const Tensor* slope = op.known(1);
        op.version < 7 && from.size() == 2 && slope && slope->rank() == 1 && slope->size() > 1)
        from[1] = aligned(op, 1);
    return op.node(Binary{BinaryKind::Prelu, Activation::None}, std::move(from));
}

} // namespace

const OnnxConverters& onnxMath()
{
    static const OnnxConverters kTable = {{"Abs", unary<UnaryKind::Abs>},
                                          {"Acos", unary<UnaryKind::Acos>},
                                          {"Acosh", unary<UnaryKind::Acosh>},
                                          {"Add", binary<BinaryKind::Add>},
                                          {"And", binary<BinaryKind::And>},
                                          {"ArgMax", argExtreme<true>},
                                          {"ArgMin", argExtreme<false>},
                                          {"Asin", unary<UnaryKind::Asin>},
                                          {"Asinh", unary<UnaryKind::Asinh>},
                                          {"Atan", unary<UnaryKind::Atan>},
                                          {"Atanh", unary<UnaryKind::Atanh>},
                                          {"Cast", cast},
                                          {"Ceil", unary<UnaryKind::Ceil>},
                                          {"Celu", withConstants},
                                          {"Clip", clip},
                                          {"Cos", unary<UnaryKind::Cos>},
                                          {"Cosh", unary<UnaryKind::Cosh>},
                                          {"CumSum", cumulativeSum},
                                          {"Div", binary<BinaryKind::Divide>},
                                          {"Dropout", dropout},
                                          {"Elu", withConstants},
                                          {"Equal", binary<BinaryKind::Equal>},
                                          {"Erf", unary<UnaryKind::Erf>},
                                          {"Exp", unary<UnaryKind::Exp>},
                                          {"Floor", unary<UnaryKind::Floor>},
                                          {"Gelu", gelu},
                                          {"Greater", binary<BinaryKind::Greater>},
                                          {"GreaterOrEqual", binary<BinaryKind::GreaterOrEqual>},
                                          {"HardSigmoid", withConstants},
                                          {"HardSwish", unary<UnaryKind::HardSwish>},
                                          {"Hardmax", softmax},
                                          {"Identity", unary<UnaryKind::Identity>},
                                          {"IsInf", isInf},
                                          {"IsNaN", unary<UnaryKind::IsNaN>},
                                          {"LeakyRelu", withConstants},
                                          {"Less", binary<BinaryKind::Less>},
                                          {"LessOrEqual", binary<BinaryKind::LessOrEqual>},
                                          {"Log", unary<UnaryKind::Log>},
                                          {"LogSoftmax", softmax},
                                          {"Max", variadic<BinaryKind::Maximum>},
                                          {"Mean", mean},
                                          {"Min", variadic<BinaryKind::Minimum>},
                                          {"Mish", unary<UnaryKind::Mish>},
                                          {"Mod", modulo},
                                          {"Mul", binary<BinaryKind::Multiply>},
                                          {"Neg", unary<UnaryKind::Negate>},
                                          {"Not", unary<UnaryKind::Not>},
                                          {"Or", binary<BinaryKind::Or>},
                                          {"PRelu", prelu},
                                          {"Pow", binary<BinaryKind::Power>},
                                          {"Reciprocal", unary<UnaryKind::Reciprocal>},
                                          {"ReduceL1", reduce<ReduceKind::L1>},
                                          {"ReduceL2", reduce<ReduceKind::L2>},
                                          {"ReduceLogSum", reduce<ReduceKind::LogSum>},
                                          {"ReduceLogSumExp", reduce<ReduceKind::LogSumExp>},
                                          {"ReduceMax", reduce<ReduceKind::Maximum>},
                                          {"ReduceMean", reduce<ReduceKind::Mean>},
                                          {"ReduceMin", reduce<ReduceKind::Minimum>},
                                          {"ReduceProd", reduce<ReduceKind::Product>},
                                          {"ReduceSum", reduce<ReduceKind::Sum>},
                                          {"ReduceSumSquare", reduce<ReduceKind::SumSquare>},
                                          {"Relu", unary<UnaryKind::Relu>},
                                          {"Round", unary<UnaryKind::Round>},
                                          {"Selu", withConstants},
                                          {"Shrink", withConstants},
                                          {"Sigmoid", unary<UnaryKind::Sigmoid>},
                                          {"Sign", unary<UnaryKind::Sign>},
                                          {"Sin", unary<UnaryKind::Sin>},
                                          {"Sinh", unary<UnaryKind::Sinh>},
                                          {"Softmax", softmax},
                                          {"Softplus", unary<UnaryKind::Softplus>},
                                          {"Softsign", unary<UnaryKind::Softsign>},
                                          {"Sqrt", unary<UnaryKind::Sqrt>},
                                          {"Sub", binary<BinaryKind::Subtract>},
                                          {"Sum", variadic<BinaryKind::Add>},
                                          {"Tan", unary<UnaryKind::Tan>},
                                          {"Tanh", unary<UnaryKind::Tanh>},
                                          {"ThresholdedRelu", withConstants},
                                          {"TopK", topK},
                                          {"Where", where},
                                          {"Xor", binary<BinaryKind::Xor>}};
    return kTable;
}

} // namespace ember::model::detail
