// SPDX-License-Identifier: GPL-3.0-or-later
// Distances from stored points, the nearest of them, and rows of tables.
#include "core/codegen/classic/program_builder.h"

namespace ember::codegen {
namespace {

/// A reduction of differences that one kernel does.
struct PointDistances
{
    ProgramKernel kind = ProgramKernel::Distances;
    StepFunction function = StepFunction::None;
    std::string x;
    std::string points;
    std::string factors; ///< weights or scales; empty: none
    std::vector<std::string> between;
};

/// A node's result and the constant that it is combined with.
struct WithConstant
{
    std::string value;
    std::string constant;
};

const model::Binary* binaryMaker(const ProgramBuilder& from, const std::string& name, model::BinaryKind kind)
{
    const model::Node* node = from.maker(name);
    const auto* binary = node ? std::get_if<model::Binary>(&node->operation) : nullptr;
    return binary && binary->kind == kind && binary->activation == model::Activation::None ? binary : nullptr;
}

/// The operands of the node that makes `name`, if one of them is a constant and the other is not.
std::optional<WithConstant> split(const ProgramBuilder& from, const std::string& name, model::BinaryKind kind)
{
    if (!binaryMaker(from, name, kind))
        return std::nullopt;
    const std::vector<std::string>& inputs = from.maker(name)->inputs;
    const bool first = from.constantTensor(inputs[0]) != nullptr;
    if (first == (from.constantTensor(inputs[1]) != nullptr))
        return std::nullopt;
    return WithConstant{inputs[first ? 1 : 0], inputs[first ? 0 : 1]};
}

/// Takes `name` as x - points, or not.
bool takeDifference(const ProgramBuilder& from, const std::string& name, int uses, PointDistances& into)
{
    const auto difference = split(from, name, model::BinaryKind::Subtract);
    if (!difference || from.uses(name) != uses)
        return false;
    into.x = difference->value;
    into.points = difference->constant;
    into.between.push_back(name);
    return true;
}

bool takeScaledDifference(const ProgramBuilder& from, const std::string& name, PointDistances& into)
{
    const auto scaled = split(from, name, model::BinaryKind::Multiply);
    if (!scaled || from.uses(name) != 1)
        return false;
    into.kind = ProgramKernel::ScaledDistances;
    into.function = StepFunction::None;
    into.factors = scaled->constant;
    into.between.push_back(name);
    return takeDifference(from, scaled->value, 1, into);
}

bool takeWeightedSquares(const ProgramBuilder& from, const std::string& name, PointDistances& into)
{
    const auto weighted = split(from, name, model::BinaryKind::Multiply);
    if (!weighted || from.uses(name) != 1 || from.uses(weighted->value) != 1 ||
        !binaryMaker(from, weighted->value, model::BinaryKind::Multiply))
        return false;
    const std::vector<std::string>& squared = from.maker(weighted->value)->inputs;
    if (squared[0] != squared[1])
        return false;
    into.kind = ProgramKernel::WeightedDistances;
    into.factors = weighted->constant;
    into.between = {name, weighted->value};
    return takeDifference(from, squared[0], 2, into);
}

bool reducesLastAxis(const ProgramBuilder& from, const model::Reduce& reduce, const model::Node& node)
{
    const auto rank = static_cast<qint64>(from.shapeOf(node.inputs[0]).size());
    std::vector<qint64> axes = reduce.axes;
    if (node.inputs.size() > 1 && !node.inputs[1].empty()) {
        const model::Tensor* given = from.constantTensor(node.inputs[1]);
        axes = given ? given->toInt64() : std::vector<qint64>();
    }
    return axes.size() == 1 && (axes[0] == -1 || axes[0] == rank - 1);
}

/// Whether shapes are those of one row against points.
bool fits(const ProgramBuilder& from, const PointDistances& found, const std::string& reduced)
{
    const model::Tensor& points = *from.constantTensor(found.points);
    const model::Shape& x = from.shapeOf(found.x);
    if (points.rank() < 1 || x.empty())
        return false;
    const qint64 width = points.shape().back();
    const model::Shape& all = from.shapeOf(reduced);
    return width > 0 && x.back() == width && productOf(x, 0, x.size()) == width &&
           productOf(all, 0, all.size()) == points.size() &&
           (found.factors.empty() || from.constantTensor(found.factors)->size() == points.size());
}

std::optional<PointDistances> distancesOf(const ProgramBuilder& from, const model::Node& node)
{
    const auto* reduce = std::get_if<model::Reduce>(&node.operation);
    if (!reduce || from.constantTensor(node.inputs[0]) || from.uses(node.inputs[0]) != 1 ||
        !reducesLastAxis(from, *reduce, node))
        return std::nullopt;
    const std::string& reduced = node.inputs[0];
    PointDistances found;
    bool known = false;
    switch (reduce->kind) {
    case model::ReduceKind::SumSquare:
        found.function = StepFunction::SquaredDifference;
        known = takeDifference(from, reduced, 1, found) || takeScaledDifference(from, reduced, found);
        break;
    case model::ReduceKind::L1:
        found.function = StepFunction::AbsoluteDifference;
        known = takeDifference(from, reduced, 1, found);
        break;
    case model::ReduceKind::Sum:
        known = takeWeightedSquares(from, reduced, found);
        break;
    default:
        break;
    }
    return known && fits(from, found, reduced) ? std::optional(found) : std::nullopt;
}

} // namespace

void fuseDistances(ProgramBuilder& to)
{
    for (const model::Node& node : to.graph().nodes) {
        const auto found = to.isDone(node) ? std::nullopt : distancesOf(to, node);
        for (std::size_t i = 0; found && i < found->between.size(); ++i)
            to.fuse(found->between[i]);
    }
}

bool takeDistances(ProgramBuilder& to, const model::Node& node)
{
    const auto found = distancesOf(to, node);
    if (!found)
        return false;
    const qint64 width = to.constantTensor(found->points)->shape().back();
    const qint64 points = to.constantTensor(found->points)->size() / width;
    std::vector<StepOperand> operands = {to.operand(found->x).at, to.operand(found->points).at};
    if (!found->factors.empty())
        operands.push_back(to.operand(found->factors).at);
    to.push(found->kind, found->function, std::move(operands), to.result(node.outputs[0]).at, {points, width});
    return true;
}

WhyNot take(ProgramBuilder& to, const model::TopK& top, const model::Node& node)
{
    const ProgramValue x = to.operand(node.inputs[0]);
    const bool lastAxis = top.axis == -1 || top.axis == static_cast<qint64>(x.shape.size()) - 1;
    if (!lastAxis || x.shape.empty() || node.outputs.size() != 2)
        return inThisForm(node);
    const model::Shape shape = to.shapeOf(node.outputs[node.outputs[0].empty() ? 1 : 0]);
    const qint64 k = shape.back();
    if (k < 1)
        return inThisForm(node);
    // A result that nobody reads still has to be kept while the list is sorted.
    const auto place = [&](const std::string& name) {
        return name.empty() ? to.scratch(productOf(shape, 0, shape.size())) : to.result(name).at;
    };
    const StepOperand values = place(node.outputs[0]);
    const StepOperand indices = place(node.outputs[1]);
    const qint64 count = x.shape.back();
    to.push(ProgramKernel::TopK, StepFunction::None, {x.at}, values,
            {x.count() / count, count, k, top.largest ? 1 : 0});
    to.lastStep().second = indices;
    return {};
}

WhyNot take(ProgramBuilder& to, const model::Gather& gather, const model::Node& node)
{
    const model::Tensor* labels = to.constantTensor(node.inputs[0]);
    if (labels && gather.axis == 0 && labels->rank() == 1 && node.outputs[0] == to.graph().outputs.front().name &&
        !model::isFloat(labels->type())) { // the label of a class
        to.setIndexOf(node.outputs[0], node.inputs[1]);
        return {};
    }
    const ProgramValue table = to.operand(node.inputs[0]);
    const ProgramValue indices = to.operand(node.inputs[1]);
    if (gather.axis != 0 || table.shape.empty() || table.shape.front() < 1 || table.at.place == Place::Nowhere ||
        indices.at.place == Place::Nowhere || indices.at.place == Place::Constant)
        return inThisForm(node);
    to.push(ProgramKernel::GatherRows, StepFunction::None, {table.at, indices.at}, to.result(node.outputs[0]).at,
            {indices.count(), productOf(table.shape, 1, table.shape.size()), table.shape.front()});
    return {};
}

WhyNot take(ProgramBuilder& to, const model::OneHot& oneHot, const model::Node& node)
{
    const ProgramValue indices = to.operand(node.inputs[0]);
    const ProgramValue values = to.operand(node.inputs[2]);
    const model::Shape& shape = to.shapeOf(node.outputs[0]);
    const bool lastAxis = oneHot.axis == -1 || oneHot.axis == static_cast<qint64>(shape.size()) - 1;
    if (!lastAxis || values.at.place != Place::Constant || shape.empty())
        return inThisForm(node);
    to.push(ProgramKernel::OneHot, StepFunction::None, {indices.at, values.at}, to.result(node.outputs[0]).at,
            {indices.count(), shape.back()});
    return {};
}

} // namespace ember::codegen
