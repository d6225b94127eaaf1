// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/quantise_plan.h"

#include "core/model/graph_edit.h"

#include <algorithm>
#include <cmath>

namespace ember::model::detail {
namespace {

template <typename... Kinds>
bool isOneOf(const Operation& operation)
{
    return (std::holds_alternative<Kinds>(operation) || ...);
}

// The same numbers at other places: their scale stays.
bool moves(const Operation& operation)
{
    if (const auto* pool = std::get_if<Pool>(&operation))
        return pool->kind != PoolKind::Lp;
    if (const auto* reduce = std::get_if<Reduce>(&operation))
        return reduce->kind == ReduceKind::Maximum || reduce->kind == ReduceKind::Minimum;
    if (const auto* unary = std::get_if<Unary>(&operation))
        return unary->kind == UnaryKind::Identity;
    if (const auto* pair = std::get_if<Binary>(&operation))
        return pair->kind == BinaryKind::Maximum || pair->kind == BinaryKind::Minimum;
    return isOneOf<Reshape, Squeeze, Unsqueeze, Flatten, Expand, Tile, Transpose, Concat, Split, Slice, StridedSlice,
                   Pad>(operation);
}

bool computes(const Operation& operation)
{
    if (const auto* pair = std::get_if<Binary>(&operation))
        return pair->kind == BinaryKind::Add || pair->kind == BinaryKind::Subtract ||
               pair->kind == BinaryKind::Multiply || pair->kind == BinaryKind::Prelu ||
               pair->kind == BinaryKind::SquaredDifference;
    if (const auto* reduce = std::get_if<Reduce>(&operation))
        return reduce->kind == ReduceKind::Mean || reduce->kind == ReduceKind::Sum;
    if (const auto* softmax = std::get_if<Softmax>(&operation))
        return softmax->kind == SoftmaxKind::Softmax && !softmax->flatten;
    if (const auto* unary = std::get_if<Unary>(&operation))
        return unary->kind != UnaryKind::IsInf && unary->kind != UnaryKind::IsNaN && unary->kind != UnaryKind::Not;
    return false;
}

// What chooses or names, and so reads reals as well: nothing is lost there.
bool chooses(const Operation& operation)
{
    if (const auto* pair = std::get_if<Binary>(&operation))
        return pair->kind >= BinaryKind::Equal && pair->kind <= BinaryKind::GreaterOrEqual;
    return isOneOf<ArgExtreme, TopK, Cast, Gather, GatherElements, Where, LabelEncoder, ShapeOf, SizeOf>(operation);
}

// Results whose scale the specification sets.
std::optional<Quantisation> fixedScale(const Operation& operation, ActivationWidth width)
{
    const auto* unary = std::get_if<Unary>(&operation);
    const bool isShare = std::holds_alternative<Softmax>(operation) || (unary && unary->kind == UnaryKind::Sigmoid);
    const bool isTanh = unary && unary->kind == UnaryKind::Tanh;
    if (width == ActivationWidth::Int16)
        return isShare || isTanh ? std::optional(Quantisation{{1.0f / 32'768}, {0}, 0}) : std::nullopt;
    if (isShare)
        return Quantisation{{1.0f / 256}, {-128}, 0};
    if (isTanh)
        return Quantisation{{1.0f / 128}, {0}, 0};
    return std::nullopt;
}

class Planner
{
public:
    Planner(const Graph& graph, ActivationWidth width)
        : m_graph(graph)
        , m_width(width)
        , m_uses(graph)
    {}

    Result<QuantisationPlan> plan()
    {
        bool any = false;
        for (const Node& node : m_graph.nodes) {
            EMBER_TRY(const bool integer, isInteger(node));
            m_plan.isInteger.push_back(integer);
            any = any || integer;
            if (integer)
                take(node);
        }
        if (!any)
            return Error(ErrorKind::Unsupported,
                         QStringLiteral("The model has no dense layer or convolution that could be quantised."),
                         QStringLiteral("Trees and linear models take narrow features when code is generated: "
                                        "'emberlab generate --feature-type int16'."));
        return std::move(m_plan);
    }

private:
    bool hasConstantWeights(const Node& node) const
    {
        for (std::size_t i = 1; i < node.inputs.size(); ++i) {
            if (!node.inputs[i].empty() && !isFloatConstant(node.inputs[i]))
                return false;
        }
        return node.inputs.size() > 1;
    }

    bool isFloatConstant(const std::string& name) const
    {
        const auto found = m_graph.constants.find(name);
        return found != m_graph.constants.end() && found->second.value.type() == TensorType::Float32;
    }

    Result<bool> isInteger(const Node& node) const
    {
        const bool reads = std::any_of(node.inputs.begin(), node.inputs.end(),
                                       [this](const std::string& name) { return m_plan.integers.contains(name); });
        if (isLayer(node.operation) && hasConstantWeights(node))
            return true;
        if (!reads || chooses(node.operation))
            return false;
        if (moves(node.operation) || computes(node.operation))
            return true;
        return Error(ErrorKind::Unsupported,
                     QStringLiteral("%1 '%2' cannot be computed with integers.")
                         .arg(operationName(node.operation), QString::fromStdString(node.name).left(80)),
                     QStringLiteral("Keep the model in float32, or replace this operation before training."));
    }

    void take(const Node& node)
    {
        for (const std::string& name : node.outputs) {
            m_plan.integers.insert(name);
            m_plan.calibrated.insert(name);
            if (const auto scale = fixedScale(node.operation, m_width))
                m_plan.fixed[name] = *scale;
        }
        for (std::size_t i = 0; i < node.inputs.size(); ++i) {
            const std::string& name = node.inputs[i];
            if (!name.empty() && !m_graph.constants.contains(name) && m_plan.isData(node, i))
                m_plan.calibrated.insert(name);
        }
        const auto* softmax = std::get_if<Softmax>(&node.operation);
        const auto* unary = std::get_if<Unary>(&node.operation);
        if (softmax || (unary && unary->kind == UnaryKind::Sigmoid))
            m_plan.larger[node.outputs[0]] = node.inputs[0];
        if (moves(node.operation))
            share(node);
    }

    // One scale for what a node moves; parts with two fixed scales are brought together by the builder.
    void share(const Node& node)
    {
        const std::string& result = node.outputs[0];
        for (std::size_t i = 1; i < node.outputs.size(); ++i)
            join(result, node.outputs[i]);
        for (std::size_t i = 0; i < node.inputs.size(); ++i) {
            const std::string& name = node.inputs[i];
            if (!name.empty() && !m_graph.constants.contains(name) && m_plan.isData(node, i))
                join(name, result);
        }
    }

    void join(const std::string& a, const std::string& b)
    {
        const std::string first = m_plan.leader(a);
        const std::string second = m_plan.leader(b);
        if (first == second || (m_plan.fixed.contains(first) && m_plan.fixed.contains(second)))
            return;
        const bool turn = m_plan.fixed.contains(second);
        m_plan.one[turn ? first : second] = turn ? second : first;
    }

    const Graph& m_graph;
    ActivationWidth m_width;
    GraphUses m_uses;
    QuantisationPlan m_plan;
};

} // namespace

std::string QuantisationPlan::leader(const std::string& name) const
{
    std::string at = name;
    for (auto next = one.find(at); next != one.end(); next = one.find(at))
        at = next->second;
    return at;
}

const std::string& QuantisationPlan::source(const std::string& name) const
{
    const auto found = larger.find(name);
    return found == larger.end() ? name : found->second;
}

bool QuantisationPlan::isData(const Node& node, std::size_t input) const
{
    if (isOneOf<Concat, Binary>(node.operation))
        return true;
    return input == 0;
}

bool isLayer(const Operation& operation)
{
    if (const auto* conv = std::get_if<Conv>(&operation))
        return conv->layout == Layout::ChannelsLast;
    if (const auto* conv = std::get_if<ConvTranspose>(&operation))
        return conv->layout == Layout::ChannelsLast;
    return isOneOf<Dense, DepthwiseConv>(operation);
}

std::size_t channelAxis(const Operation& operation)
{
    return std::holds_alternative<DepthwiseConv>(operation) ? static_cast<std::size_t>(-1) : 0;
}

Result<QuantisationPlan> planQuantisation(const Graph& graph, ActivationWidth width)
{
    return Planner(graph, width).plan();
}

TensorType typeOf(ActivationWidth width)
{
    return width == ActivationWidth::Int16 ? TensorType::Int16 : TensorType::Int8;
}

Quantisation scaleFor(ValueRange range, ActivationWidth width)
{
    if (width == ActivationWidth::Int16) {
        const float largest = std::max(std::abs(range.low), std::abs(range.high));
        const float step = largest / 32'767;
        return {{step > 0 ? step : 1.0f}, {0}, 0};
    }
    const double low = std::min(0.0, static_cast<double>(range.low));
    const double high = std::max(0.0, static_cast<double>(range.high));
    const auto scale = static_cast<float>((high - low) / 255);
    if (!(scale > 0))
        return {{1.0f}, {0}, 0};
    const double zero = std::round(-128 - low / static_cast<double>(scale));
    return {{scale}, {static_cast<qint32>(std::clamp(zero, -128.0, 127.0))}, 0};
}

ValueRange rangeOf(const Tensor& values)
{
    ValueRange range;
    for (const float value : values.as<float>())
        range = {std::min(range.low, value), std::max(range.high, value)};
    return range;
}

std::map<std::string, Quantisation> scalesOf(const QuantisationPlan& plan,
                                             const std::map<std::string, ValueRange>& ranges, ActivationWidth width)
{
    std::map<std::string, ValueRange> joint;
    for (const std::string& name : plan.integers) {
        ValueRange& range = joint[plan.leader(name)];
        const ValueRange& own = ranges.at(name);
        range = {std::min(range.low, own.low), std::max(range.high, own.high)};
    }
    std::map<std::string, Quantisation> scales;
    for (const std::string& name : plan.integers) {
        const std::string leader = plan.leader(name);
        const auto fixed = plan.fixed.find(leader);
        scales[name] = fixed == plan.fixed.end() ? scaleFor(joint.at(leader), width) : fixed->second;
    }
    return scales;
}

} // namespace ember::model::detail
