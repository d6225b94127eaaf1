// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/graph_edit.h"

#include "core/model/ops/op.h"

#include <algorithm>
#include <set>

namespace ember::model::detail {

std::vector<qint64> lastOrder(std::size_t rank)
{
    std::vector<qint64> order{0};
    for (std::size_t d = 2; d < rank; ++d)
        order.push_back(static_cast<qint64>(d));
    order.push_back(1);
    return order;
}

std::vector<qint64> firstOrder(std::size_t rank)
{
    std::vector<qint64> order{0, static_cast<qint64>(rank) - 1};
    for (std::size_t d = 1; d + 1 < rank; ++d)
        order.push_back(static_cast<qint64>(d));
    return order;
}

std::vector<qint64> rotatedOrder(std::size_t rank)
{
    std::vector<qint64> order;
    for (std::size_t d = 1; d < rank; ++d)
        order.push_back(static_cast<qint64>(d));
    order.push_back(0);
    return order;
}

Constant transposed(const Constant& constant, const std::vector<qint64>& order)
{
    const Shape& from = constant.value.shape();
    Shape shape;
    for (const qint64 d : order)
        shape.push_back(from[static_cast<std::size_t>(d)]);
    const std::vector<qint64> strides = ops::stridesOf(from);
    std::vector<qint64> indices;
    ops::forEachIndex(shape, [&](const std::vector<qint64>& index) {
        qint64 at = 0;
        for (std::size_t d = 0; d < index.size(); ++d)
            at += index[d] * strides[static_cast<std::size_t>(order[d])];
        indices.push_back(at);
    });
    Constant result = constant;
    // As many elements as before, so the shape fits.
    if (const Status fits = result.value.reshape(shape); !fits)
        return constant;
    ops::pick(constant.value, indices, nullptr, result.value);
    if (result.quantisation && result.quantisation->perChannel())
        result.quantisation->axis = static_cast<qint32>(
            std::find(order.begin(), order.end(), static_cast<qint64>(constant.quantisation->axis)) - order.begin());
    return result;
}

GraphUses::GraphUses(const Graph& graph)
    : m_graph(graph)
{
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        for (const std::string& name : graph.nodes[i].outputs)
            m_makers[name] = i;
        for (const std::string& name : graph.nodes[i].inputs)
            ++m_uses[name];
    }
    for (const ValueInfo& output : graph.outputs)
        ++m_uses[output.name];
}

const Node* GraphUses::maker(const std::string& name) const
{
    const auto found = m_makers.find(name);
    return found == m_makers.end() ? nullptr : &m_graph.nodes[found->second];
}

int GraphUses::count(const std::string& name) const
{
    const auto found = m_uses.find(name);
    return found == m_uses.end() ? 0 : found->second;
}

namespace {

std::optional<float> number(const Graph& graph, const std::string& name)
{
    const auto found = graph.constants.find(name);
    if (found == graph.constants.end() || found->second.value.type() != TensorType::Float32 ||
        found->second.value.size() != 1)
        return std::nullopt;
    return found->second.value.as<float>()[0];
}

// The node that makes a value which nothing else reads, when it is this kind of pair.
const Node* pairOf(const GraphUses& uses, const std::string& name, BinaryKind kind)
{
    const Node* node = uses.maker(name);
    const auto* pair = node ? std::get_if<Binary>(&node->operation) : nullptr;
    return pair && pair->kind == kind && node->inputs.size() == 2 ? node : nullptr;
}

} // namespace

Clamped clampOf(const Graph& graph, const GraphUses& uses, const std::string& name, bool tanh)
{
    const Node* node = uses.maker(name);
    const auto* unary = node && !node->inputs.empty() ? std::get_if<Unary>(&node->operation) : nullptr;
    if (unary && unary->kind == UnaryKind::Relu)
        return {Activation::Relu, node->inputs[0]};
    if (unary && unary->kind == UnaryKind::Relu6)
        return {Activation::Relu6, node->inputs[0]};
    if (unary && unary->kind == UnaryKind::ReluMinus1To1)
        return {Activation::ReluMinus1To1, node->inputs[0]};
    if (unary && tanh && unary->kind == UnaryKind::Tanh)
        return {Activation::Tanh, node->inputs[0]};
    if (const Node* bounded = pairOf(uses, name, BinaryKind::Maximum);
        bounded && number(graph, bounded->inputs[1]) == 0.0f)
        return {Activation::Relu, bounded->inputs[0]};
    const Node* smallest = pairOf(uses, name, BinaryKind::Minimum);
    const Node* largest = smallest && uses.isOnlyUse(smallest->inputs[0])
                              ? pairOf(uses, smallest->inputs[0], BinaryKind::Maximum)
                              : nullptr;
    if (!largest)
        return {Activation::None, name};
    const auto high = number(graph, smallest->inputs[1]);
    const auto low = number(graph, largest->inputs[1]);
    if (low == 0.0f && high == 6.0f)
        return {Activation::Relu6, largest->inputs[0]};
    if (low == -1.0f && high == 1.0f)
        return {Activation::ReluMinus1To1, largest->inputs[0]};
    return {Activation::None, name};
}

Result<Graph> foldShapes(const Graph& graph)
{
    EMBER_TRY(const Analysis one, analyse(graph, 1));
    EMBER_TRY(const Analysis two, analyse(graph, 2));
    Graph result = graph;
    const auto isSame = [](const Tensor& a, const Tensor& b) {
        return a.type() == b.type() && a.shape() == b.shape() && a.strings() == b.strings() &&
               std::equal(a.bytes().begin(), a.bytes().end(), b.bytes().begin(), b.bytes().end());
    };
    for (const auto& [name, value] : one.folded) {
        const auto other = two.folded.find(name);
        if (other == two.folded.end())
            continue;
        if (isSame(value, other->second)) {
            result.constants.insert_or_assign(name, Constant{value});
            continue;
        }
        // A shape whose first dimension is that of the batch.
        const bool whole =
            value.type() == TensorType::Int64 && value.rank() == 1 && value.shape() == other->second.shape();
        std::vector<qint64> a = whole ? value.toInt64() : std::vector<qint64>();
        const std::vector<qint64> b = whole ? other->second.toInt64() : std::vector<qint64>();
        if (a.empty() || !std::equal(a.begin() + 1, a.end(), b.begin() + 1) || std::count(a.begin(), a.end(), -1) > 0)
            continue;
        a[0] = -1;
        for (Node& node : result.nodes) {
            if (!std::holds_alternative<Reshape>(node.operation) || node.inputs.size() != 2 || node.inputs[1] != name)
                continue;
            node.inputs[1] = name + "/any-batch";
            result.constants.insert_or_assign(node.inputs[1], Constant{Tensor::of(a, {static_cast<qint64>(a.size())})});
        }
    }
    std::erase_if(result.nodes, [&result](const Node& node) {
        return std::all_of(node.outputs.begin(), node.outputs.end(), [&result](const std::string& name) {
            return name.empty() || result.constants.contains(name);
        });
    });
    dropUnread(result);
    return result;
}

namespace {

Activation* activationOf(Operation& operation)
{
    return std::visit(
        [](auto& op) -> Activation* {
            if constexpr (requires { op.activation; })
                return &op.activation;
            else
                return nullptr;
        },
        operation);
}

bool takesClamp(const Operation& operation)
{
    if (const auto* pair = std::get_if<Binary>(&operation))
        return pair->kind == BinaryKind::Add || pair->kind == BinaryKind::Subtract ||
               pair->kind == BinaryKind::Multiply;
    return std::holds_alternative<Dense>(operation) || std::holds_alternative<Conv>(operation) ||
           std::holds_alternative<DepthwiseConv>(operation) || std::holds_alternative<ConvTranspose>(operation);
}

} // namespace

void fuseClamps(Graph& graph)
{
    const Graph before = graph;
    const GraphUses uses(before);
    // From the end: a Clip is two nodes, of which the first alone would be another clamp.
    for (auto at = before.nodes.rbegin(); at != before.nodes.rend(); ++at) {
        const Node& node = *at;
        const Clamped clamp = clampOf(before, uses, node.outputs[0], false);
        if (clamp.activation == Activation::None || !uses.isOnlyUse(clamp.of))
            continue;
        const auto layer = std::find_if(graph.nodes.begin(), graph.nodes.end(),
                                        [&clamp](const Node& n) { return n.outputs[0] == clamp.of; });
        Activation* activation =
            layer == graph.nodes.end() || !takesClamp(layer->operation) ? nullptr : activationOf(layer->operation);
        if (!activation || *activation != Activation::None)
            continue;
        *activation = clamp.activation;
        layer->outputs = {node.outputs[0]};
        std::erase_if(graph.nodes, [&](const Node& n) { return &n != &*layer && n.outputs[0] == node.outputs[0]; });
    }
}

void dropUnread(Graph& graph)
{
    std::set<std::string> wanted;
    for (const ValueInfo& output : graph.outputs)
        wanted.insert(output.name);
    std::vector<Node> kept;
    for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
        // Who reads a variable in the next run needs what was put there in this one.
        const bool isWanted = std::holds_alternative<Assign>(node->operation) ||
                              std::any_of(node->outputs.begin(), node->outputs.end(),
                                          [&wanted](const std::string& name) { return wanted.contains(name); });
        if (!isWanted)
            continue;
        wanted.insert(node->inputs.begin(), node->inputs.end());
        kept.push_back(std::move(*node));
    }
    std::reverse(kept.begin(), kept.end());
    graph.nodes = std::move(kept);
    std::erase_if(graph.constants, [&wanted](const auto& entry) { return !wanted.contains(entry.first); });
    std::erase_if(graph.values, [&wanted](const auto& entry) { return !wanted.contains(entry.first); });
}

} // namespace ember::model::detail
