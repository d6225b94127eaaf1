// SPDX-License-Identifier: GPL-3.0-or-later
// Element-wise operations, reductions and choices as operators of ai.onnx.
#include "core/model/onnx_write.h"

#include <algorithm>
#include <cmath>

namespace ember::model::detail {
namespace {

struct UnaryForm
{
    UnaryKind kind;
    const char* type;
    const char* alpha = ""; ///< the attribute's name, where the function has constants
    const char* beta = "";
};

constexpr UnaryForm kUnary[] = {{UnaryKind::Abs, "Abs"},
                                {UnaryKind::Acos, "Acos"},
                                {UnaryKind::Acosh, "Acosh"},
                                {UnaryKind::Asin, "Asin"},
                                {UnaryKind::Asinh, "Asinh"},
                                {UnaryKind::Atan, "Atan"},
                                {UnaryKind::Atanh, "Atanh"},
                                {UnaryKind::Ceil, "Ceil"},
                                {UnaryKind::Celu, "Celu", "alpha"},
                                {UnaryKind::Cos, "Cos"},
                                {UnaryKind::Cosh, "Cosh"},
                                {UnaryKind::Elu, "Elu", "alpha"},
                                {UnaryKind::Erf, "Erf"},
                                {UnaryKind::Exp, "Exp"},
                                {UnaryKind::Floor, "Floor"},
                                {UnaryKind::HardSigmoid, "HardSigmoid", "alpha", "beta"},
                                {UnaryKind::HardSwish, "HardSwish"},
                                {UnaryKind::Identity, "Identity"},
                                {UnaryKind::IsNaN, "IsNaN"},
                                {UnaryKind::LeakyRelu, "LeakyRelu", "alpha"},
                                {UnaryKind::Log, "Log"},
                                {UnaryKind::Mish, "Mish"},
                                {UnaryKind::Negate, "Neg"},
                                {UnaryKind::Not, "Not"},
                                {UnaryKind::Reciprocal, "Reciprocal"},
                                {UnaryKind::Relu, "Relu"},
                                {UnaryKind::Round, "Round"},
                                {UnaryKind::Selu, "Selu", "alpha", "gamma"},
                                {UnaryKind::Shrink, "Shrink", "bias", "lambd"},
                                {UnaryKind::Sigmoid, "Sigmoid"},
                                {UnaryKind::Sign, "Sign"},
                                {UnaryKind::Sin, "Sin"},
                                {UnaryKind::Sinh, "Sinh"},
                                {UnaryKind::Softplus, "Softplus"},
                                {UnaryKind::Softsign, "Softsign"},
                                {UnaryKind::Sqrt, "Sqrt"},
                                {UnaryKind::Tan, "Tan"},
                                {UnaryKind::Tanh, "Tanh"},
                                {UnaryKind::ThresholdedRelu, "ThresholdedRelu", "alpha"}};

struct BinaryForm
{
    BinaryKind kind;
    const char* type;
};

constexpr BinaryForm kBinary[] = {{BinaryKind::Add, "Add"},
                                  {BinaryKind::Subtract, "Sub"},
                                  {BinaryKind::Multiply, "Mul"},
                                  {BinaryKind::Divide, "Div"},
                                  {BinaryKind::Power, "Pow"},
                                  {BinaryKind::Minimum, "Min"},
                                  {BinaryKind::Maximum, "Max"},
                                  {BinaryKind::Prelu, "PRelu"},
                                  {BinaryKind::Equal, "Equal"},
                                  {BinaryKind::Less, "Less"},
                                  {BinaryKind::LessOrEqual, "LessOrEqual"},
                                  {BinaryKind::Greater, "Greater"},
                                  {BinaryKind::GreaterOrEqual, "GreaterOrEqual"},
                                  {BinaryKind::And, "And"},
                                  {BinaryKind::Or, "Or"},
                                  {BinaryKind::Xor, "Xor"}};

constexpr std::pair<ReduceKind, const char*> kReduce[] = {
    {ReduceKind::Sum, "ReduceSum"},       {ReduceKind::Mean, "ReduceMean"},
    {ReduceKind::Maximum, "ReduceMax"},   {ReduceKind::Minimum, "ReduceMin"},
    {ReduceKind::Product, "ReduceProd"},  {ReduceKind::L1, "ReduceL1"},
    {ReduceKind::L2, "ReduceL2"},         {ReduceKind::SumSquare, "ReduceSumSquare"},
    {ReduceKind::LogSum, "ReduceLogSum"}, {ReduceKind::LogSumExp, "ReduceLogSumExp"}};

void writeConstants(const UnaryForm& form, const Unary& op, const OnnxNodeWriter& to)
{
    AttributeWriter attributes = to.add(form.type, to.inputs(1), to.outputs());
    // The shrink's constants are listed the other way round, to be in order of their names.
    const bool swapped = form.kind == UnaryKind::Shrink;
    if (*form.alpha)
        attributes.real(form.alpha, swapped ? op.beta : op.alpha);
    if (*form.beta)
        attributes.real(form.beta, swapped ? op.alpha : op.beta);
}

// An index of another type than ONNX makes.
void writeIndex(const OnnxNodeWriter& to, const std::string& from, const std::string& result, TensorType type)
{
    if (from != result)
        to.add("Cast", {from}, {result}).integer("to", elemTypeFor(type));
}

Status modulo(const Binary& op, const OnnxNodeWriter& to)
{
    if (op.kind == BinaryKind::Modulo && (!to.type(0) || to.isFloating(0)))
        return noForm(QStringLiteral("the remainder of reals with the sign of the divisor"));
    to.add("Mod", to.inputs(2), to.outputs()).integer("fmod", op.kind == BinaryKind::FMod ? 1 : 0);
    return {};
}

} // namespace

Status write(const Unary& op, const OnnxNodeWriter& to)
{
    for (const UnaryForm& form : kUnary) {
        if (form.kind == op.kind) {
            writeConstants(form, op, to);
            return {};
        }
    }
    const std::string x = to.in(0);
    switch (op.kind) {
    case UnaryKind::Gelu:
    case UnaryKind::GeluTanh:
        to.add("Gelu", {x}, to.outputs()).text("approximate", op.kind == UnaryKind::Gelu ? "none" : "tanh");
        return {};
    case UnaryKind::IsInf:
        to.add("IsInf", {x}, to.outputs())
            .integer("detect_negative", op.beta != 0 ? 1 : 0)
            .integer("detect_positive", op.alpha != 0 ? 1 : 0);
        return {};
    case UnaryKind::Relu6:
        to.activation(Activation::Relu6, x, to.out());
        return {};
    case UnaryKind::ReluMinus1To1:
        to.activation(Activation::ReluMinus1To1, x, to.out());
        return {};
    case UnaryKind::Rsqrt:
        to.add("Reciprocal", {to.step("root", "Sqrt", {x})}, to.outputs());
        return {};
    case UnaryKind::Square:
        to.add("Mul", {x, x}, to.outputs());
        return {};
    default:
        return noForm(QStringLiteral("it has no operator for %1").arg(operationName(op)));
    }
}

Status write(const Binary& op, const OnnxNodeWriter& to)
{
    const std::string result = to.out();
    const std::string before = to.before(op.activation, result);
    const auto form =
        std::find_if(std::begin(kBinary), std::end(kBinary), [&op](const BinaryForm& f) { return f.kind == op.kind; });
    if (form != std::end(kBinary)) {
        to.add(form->type, to.inputs(2), {before});
    } else if (op.kind == BinaryKind::NotEqual) {
        to.add("Not", {to.step("equal", "Equal", to.inputs(2))}, {before});
    } else if (op.kind == BinaryKind::SquaredDifference) {
        const std::string difference = to.step("difference", "Sub", to.inputs(2));
        to.add("Mul", {difference, difference}, {before});
    } else if (op.kind == BinaryKind::FloorDivide) {
        if (!to.isFloating(0))
            return noForm(QStringLiteral("the quotient of whole numbers, rounded down"));
        to.add("Floor", {to.step("quotient", "Div", to.inputs(2))}, {before});
    } else {
        return modulo(op, to);
    }
    to.activation(op.activation, before, result);
    return {};
}

Status write(const Where&, const OnnxNodeWriter& to)
{
    to.add("Where", to.inputs(3), to.outputs());
    return {};
}

Status write(const Cast& op, const OnnxNodeWriter& to)
{
    to.add("Cast", to.inputs(1), to.outputs()).integer("to", elemTypeFor(op.to));
    return {};
}

Status write(const Reduce& op, const OnnxNodeWriter& to)
{
    const auto form =
        std::find_if(std::begin(kReduce), std::end(kReduce), [&op](const auto& f) { return f.first == op.kind; });
    std::vector<qint64> axes = op.axes;
    const Tensor* given = to.known(1);
    if (given) {
        const std::vector<qint64> more = given->toInt64();
        axes.insert(axes.end(), more.begin(), more.end());
    }
    const bool open = to.has(1) && !given;
    // The axes are an input of the sum since version 13, of the others since 18.
    const bool asInput = op.kind == ReduceKind::Sum || to.file.opset() >= 18;
    if (open && (!asInput || !op.axes.empty()))
        return noForm(QStringLiteral("axes of a reduction that depend on the data"));
    if (axes.empty() && !open && op.noAxesMeansNone && !asInput) {
        to.add("Identity", to.inputs(1), to.outputs());
        return {};
    }
    std::vector<std::string> from = to.inputs(1);
    if (open)
        from.push_back(to.wide(1, "axes"));
    else if (asInput && !axes.empty())
        from.push_back(to.integers("axes", axes));
    AttributeWriter attributes = to.add(form->second, from, to.outputs());
    if (!asInput && !axes.empty())
        attributes.ints("axes", axes);
    attributes.integer("keepdims", op.keepDimensions ? 1 : 0);
    if (asInput && op.noAxesMeansNone && (open || axes.empty()))
        attributes.integer("noop_with_empty_axes", 1);
    return {};
}

Status write(const ArgExtreme& op, const OnnxNodeWriter& to)
{
    const std::string made = op.indexType == TensorType::Int64 ? to.out() : to.name("index");
    AttributeWriter attributes = to.add(op.maximum ? "ArgMax" : "ArgMin", to.inputs(1), {made});
    attributes.integer("axis", op.axis).integer("keepdims", op.keepDimensions ? 1 : 0);
    if (op.last)
        attributes.integer("select_last_index", 1);
    writeIndex(to, made, to.out(), op.indexType);
    return {};
}

Status write(const CumulativeSum& op, const OnnxNodeWriter& to)
{
    to.add("CumSum", to.inputs(2), to.outputs())
        .integer("exclusive", op.exclusive ? 1 : 0)
        .integer("reverse", op.reverse ? 1 : 0);
    return {};
}

Status write(const TopK& op, const OnnxNodeWriter& to)
{
    const bool other = op.indexType != TensorType::Int64 && to.hasOut(1);
    const std::string index = other ? to.name("index") : to.out(1);
    // The number is one element of a list in ONNX, a single number elsewhere.
    std::string count = to.wide(1, "count");
    if (const Tensor* known = to.known(1))
        count = known->rank() == 1 && known->type() == TensorType::Int64 ? count : to.integers("k", known->toInt64());
    to.add("TopK", {to.in(0), count}, {to.out(0).empty() ? to.name("values") : to.out(0), index})
        .integer("axis", op.axis)
        .integer("largest", op.largest ? 1 : 0)
        .integer("sorted", 1);
    if (other)
        writeIndex(to, index, to.out(1), op.indexType);
    return {};
}

Status write(const Softmax& op, const OnnxNodeWriter& to)
{
    const char* type = op.kind == SoftmaxKind::Softmax      ? "Softmax"
                       : op.kind == SoftmaxKind::LogSoftmax ? "LogSoftmax"
                                                            : "Hardmax";
    std::string x = to.in(0);
    if (op.beta != 1.0f)
        x = to.step("sharper", "Mul", {x, to.real("beta", op.beta)});
    if (!op.flatten) {
        to.add(type, {x}, to.outputs()).integer("axis", op.axis);
        return {};
    }
    // Over several dimensions at once, as before version 13.
    const std::string shape = to.step("shape", "Shape", {x});
    const std::string flat = to.name("flat");
    to.add("Flatten", {x}, {flat}).integer("axis", op.axis);
    const std::string made = to.name("rows");
    to.add(type, {flat}, {made}).integer("axis", 1);
    to.add("Reshape", {made, shape}, to.outputs());
    return {};
}

} // namespace ember::model::detail
