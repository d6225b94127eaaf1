// SPDX-License-Identifier: GPL-3.0-or-later
// Operations element by element and along an axis, and those that only give another shape.
#include "core/codegen/classic/program_builder.h"

#include <algorithm>
#include <array>

namespace ember::codegen {
namespace {

StepFunction functionOf(model::UnaryKind kind)
{
    using model::UnaryKind;
    static const std::map<UnaryKind, StepFunction> kFunctions = {
        {UnaryKind::Abs, StepFunction::Absolute},          {UnaryKind::Exp, StepFunction::Exponential},
        {UnaryKind::Log, StepFunction::Logarithm},         {UnaryKind::Negate, StepFunction::Negate},
        {UnaryKind::Reciprocal, StepFunction::Reciprocal}, {UnaryKind::Relu, StepFunction::Relu},
        {UnaryKind::Sigmoid, StepFunction::Logistic},      {UnaryKind::Sqrt, StepFunction::SquareRoot},
        {UnaryKind::Square, StepFunction::Square},         {UnaryKind::Tanh, StepFunction::Tangent}};
    const auto found = kFunctions.find(kind);
    return found == kFunctions.end() ? StepFunction::None : found->second;
}

StepFunction functionOf(model::BinaryKind kind)
{
    using model::BinaryKind;
    static const std::map<BinaryKind, StepFunction> kFunctions = {
        {BinaryKind::Add, StepFunction::Add},
        {BinaryKind::Subtract, StepFunction::Subtract},
        {BinaryKind::Multiply, StepFunction::Multiply},
        {BinaryKind::Divide, StepFunction::Divide},
        {BinaryKind::Minimum, StepFunction::Lesser},
        {BinaryKind::Maximum, StepFunction::Greater},
        {BinaryKind::SquaredDifference, StepFunction::SquaredDifference}};
    const auto found = kFunctions.find(kind);
    return found == kFunctions.end() ? StepFunction::None : found->second;
}

StepFunction functionOf(model::ReduceKind kind)
{
    using model::ReduceKind;
    static const std::map<ReduceKind, StepFunction> kFunctions = {
        {ReduceKind::Sum, StepFunction::SumOf},          {ReduceKind::Mean, StepFunction::MeanOf},
        {ReduceKind::L1, StepFunction::SumOfMagnitudes}, {ReduceKind::SumSquare, StepFunction::SumOfSquares},
        {ReduceKind::L2, StepFunction::NormOf},          {ReduceKind::Maximum, StepFunction::MaximumOf},
        {ReduceKind::Minimum, StepFunction::MinimumOf}};
    const auto found = kFunctions.find(kind);
    return found == kFunctions.end() ? StepFunction::None : found->second;
}

WhyNot theOperator(const model::Node& node)
{
    return QStringLiteral("the operator %1").arg(model::operationName(node.operation));
}

/// How far an operand moves along each dimension of the result.
std::vector<qint64> stridesOf(const model::Shape& operand, const model::Shape& result)
{
    std::vector<qint64> strides(result.size(), 0);
    qint64 step = 1;
    for (std::size_t i = operand.size(); i-- > 0;) {
        const std::size_t at = i + result.size() - operand.size();
        strides[at] = operand[i] == 1 ? 0 : step;
        step *= operand[i];
    }
    return strides;
}

/// One dimension of a broadcast: size, and the steps of both operands.
using WalkDimension = std::array<qint64, 3>;

/// Dimensions of one go, and neighbours that both operands walk through without a gap become one.
std::vector<WalkDimension> walkOf(const ProgramValue& a, const ProgramValue& b, const model::Shape& result)
{
    std::vector<WalkDimension> walk;
    const std::vector<qint64> aSteps = stridesOf(a.shape, result);
    const std::vector<qint64> bSteps = stridesOf(b.shape, result);
    for (std::size_t i = 0; i < result.size(); ++i) {
        const qint64 size = result[i];
        if (size == 1)
            continue;
        if (!walk.empty() && walk.back()[1] == aSteps[i] * size && walk.back()[2] == bSteps[i] * size)
            walk.back() = {walk.back()[0] * size, aSteps[i], bSteps[i]};
        else
            walk.push_back({size, aSteps[i], bSteps[i]});
    }
    return walk;
}

/// Neighbouring axes of a reduction, the last one excluded; none for axes that are not known or no neighbours.
std::optional<std::pair<std::size_t, std::size_t>> axesOf(const ProgramBuilder& to, const model::Reduce& reduce,
                                                          const model::Node& node, qint64 rank)
{
    std::vector<qint64> axes = reduce.axes;
    if (node.inputs.size() > 1 && !node.inputs[1].empty()) {
        const model::Tensor* given = to.constantTensor(node.inputs[1]);
        if (!given)
            return std::nullopt;
        axes = given->toInt64();
    }
    if (axes.empty() && (reduce.noAxesMeansNone || rank == 0))
        return std::pair<std::size_t, std::size_t>(0, 0);
    for (qint64 i = 0; axes.empty() && i < rank; ++i)
        axes.push_back(i);
    for (qint64& axis : axes)
        axis += axis < 0 ? rank : 0;
    std::sort(axes.begin(), axes.end());
    if (axes.back() - axes.front() + 1 != static_cast<qint64>(axes.size()))
        return std::nullopt;
    return std::pair(static_cast<std::size_t>(axes.front()), static_cast<std::size_t>(axes.back()) + 1);
}

bool isLastAxis(qint64 axis, const model::Shape& shape)
{
    return !shape.empty() && (axis == -1 || axis == static_cast<qint64>(shape.size()) - 1);
}

/// A dense layer or convolution can cut its own results.
bool cutsNegative(ProgramBuilder& to, const std::string& name)
{
    if (!to.hasSteps() || to.uses(name) != 1)
        return false;
    ProgramStep& step = to.lastStep();
    if ((step.kind != ProgramKernel::Dense && step.kind != ProgramKernel::Convolve) ||
        step.result != to.operand(name).at)
        return false;
    step.numbers.back() = 1;
    return true;
}

} // namespace

WhyNot take(ProgramBuilder& to, const model::Unary& unary, const model::Node& node)
{
    if (unary.kind == model::UnaryKind::Identity ||
        (unary.kind == model::UnaryKind::Relu && cutsNegative(to, node.inputs[0]))) {
        to.alias(node);
        return {};
    }
    const StepFunction function = functionOf(unary.kind);
    if (function == StepFunction::None)
        return theOperator(node);
    const ProgramValue x = to.operand(node.inputs[0]);
    to.push(ProgramKernel::Unary, function, {x.at}, to.result(node.outputs[0]).at, {x.count()});
    return {};
}

WhyNot take(ProgramBuilder& to, const model::Binary& binary, const model::Node& node)
{
    const StepFunction function = functionOf(binary.kind);
    if (function == StepFunction::None || binary.activation != model::Activation::None)
        return theOperator(node);
    const ProgramValue a = to.operand(node.inputs[0]);
    const ProgramValue b = to.operand(node.inputs[1]);
    const ProgramValue y = to.result(node.outputs[0]);
    std::vector<WalkDimension> walk = walkOf(a, b, y.shape);
    if (walk.size() > 3)
        return QStringLiteral("the operator %1 over %2 dimensions")
            .arg(model::operationName(node.operation))
            .arg(walk.size());
    while (walk.size() < 3)
        walk.insert(walk.begin(), {1, 0, 0});
    to.push(
        ProgramKernel::Binary, function, {a.at, b.at}, y.at,
        {walk[0][0], walk[1][0], walk[2][0], walk[0][1], walk[1][1], walk[2][1], walk[0][2], walk[1][2], walk[2][2]});
    return {};
}

WhyNot take(ProgramBuilder& to, const model::Reduce& reduce, const model::Node& node)
{
    if (takeDistances(to, node))
        return {};
    const ProgramValue x = to.operand(node.inputs[0]);
    const auto axes = axesOf(to, reduce, node, static_cast<qint64>(x.shape.size()));
    if (!axes)
        return QStringLiteral("a reduction over dimensions that are no neighbours");
    if (axes->first == axes->second) {
        to.alias(node);
        return {};
    }
    const qint64 outer = productOf(x.shape, 0, axes->first);
    const qint64 count = productOf(x.shape, axes->first, axes->second);
    const qint64 inner = productOf(x.shape, axes->second, x.shape.size());
    if (reduce.kind == model::ReduceKind::LogSumExp && inner == 1) {
        to.push(ProgramKernel::LogSumExp, StepFunction::None, {x.at}, to.result(node.outputs[0]).at, {outer, count});
        return {};
    }
    const StepFunction function = functionOf(reduce.kind);
    if (function == StepFunction::None || count < 1)
        return theOperator(node);
    to.push(ProgramKernel::Reduce, function, {x.at}, to.result(node.outputs[0]).at, {outer, count, inner});
    return {};
}

WhyNot take(ProgramBuilder& to, const model::Softmax& softmax, const model::Node& node)
{
    const ProgramValue x = to.operand(node.inputs[0]);
    const bool wholeRows =
        softmax.flatten && softmax.axis >= 0
            ? productOf(x.shape, 0, std::min(static_cast<std::size_t>(softmax.axis), x.shape.size())) ==
                  x.count() / x.shape.back()
            : isLastAxis(softmax.axis, x.shape);
    if (softmax.kind != model::SoftmaxKind::Softmax || !wholeRows || softmax.beta < 1.0f || softmax.beta > 1.0f)
        return inThisForm(node);
    const qint64 count = x.shape.back();
    to.push(ProgramKernel::Softmax, StepFunction::None, {x.at}, to.result(node.outputs[0]).at,
            {x.count() / count, count});
    return {};
}

WhyNot take(ProgramBuilder& to, const model::ArgExtreme& extreme, const model::Node& node)
{
    const ProgramValue x = to.operand(node.inputs[0]);
    if (!isLastAxis(extreme.axis, x.shape) || extreme.last)
        return inThisForm(node);
    const qint64 count = x.shape.back();
    to.push(ProgramKernel::ArgExtreme, StepFunction::None, {x.at}, to.result(node.outputs[0]).at,
            {x.count() / count, count, extreme.maximum ? 1 : 0});
    return {};
}

// A product with one, walked in another order; nothing where only dimensions of one change places.
WhyNot take(ProgramBuilder& to, const model::Transpose& transpose, const model::Node& node)
{
    const ProgramValue x = to.operand(node.inputs[0]);
    std::vector<qint64> order = transpose.permutation;
    for (std::size_t i = 0; transpose.permutation.empty() && i < x.shape.size(); ++i)
        order.insert(order.begin(), static_cast<qint64>(i));
    const std::vector<qint64> steps = stridesOf(x.shape, x.shape);
    std::vector<WalkDimension> walk;
    for (const qint64 from : order) {
        const qint64 size = x.shape[static_cast<std::size_t>(from)], step = steps[static_cast<std::size_t>(from)];
        if (size == 1)
            continue;
        if (!walk.empty() && walk.back()[1] == step * size)
            walk.back() = {walk.back()[0] * size, step, 0};
        else
            walk.push_back({size, step, 0});
    }
    if (walk.size() <= 1) {
        to.alias(node);
        return {};
    }
    if (walk.size() > 3)
        return inThisForm(node);
    walk.insert(walk.begin(), 3 - walk.size(), WalkDimension{1, 0, 0});
    to.push(ProgramKernel::Binary, StepFunction::Multiply, {x.at, to.constant({1.0f})}, to.result(node.outputs[0]).at,
            {walk[0][0], walk[1][0], walk[2][0], walk[0][1], walk[1][1], walk[2][1], 0, 0, 0});
    return {};
}

WhyNot take(ProgramBuilder& to, const model::Reshape&, const model::Node& node)
{
    to.alias(node);
    return {};
}

WhyNot take(ProgramBuilder& to, const model::Squeeze&, const model::Node& node)
{
    to.alias(node);
    return {};
}

WhyNot take(ProgramBuilder& to, const model::Unsqueeze&, const model::Node& node)
{
    to.alias(node);
    return {};
}

WhyNot take(ProgramBuilder& to, const model::Flatten&, const model::Node& node)
{
    to.alias(node);
    return {};
}

WhyNot take(ProgramBuilder& to, const model::Cast& cast, const model::Node& node)
{
    const model::TensorType from = to.typeOf(node.inputs[0]);
    // A cut of the fraction would be a step of its own, and so would narrowing.
    const bool keeps = cast.to != model::TensorType::String && cast.to != model::TensorType::Bool &&
                       from != model::TensorType::String && (model::isFloat(cast.to) || !model::isFloat(from)) &&
                       (model::isFloat(cast.to) || model::elementBytes(cast.to) >= model::elementBytes(from));
    if (!keeps)
        return QStringLiteral("the operator Cast from %1 to %2")
            .arg(model::tensorTypeName(from), model::tensorTypeName(cast.to));
    to.alias(node);
    return {};
}

} // namespace ember::codegen
