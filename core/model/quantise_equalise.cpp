// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/quantise_equalise.h"

#include "core/model/graph_edit.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace ember::model::detail {
namespace {

constexpr int kSweeps = 20;

// Weights of a layer, and how channels lie in them.
struct Layer
{
    std::string weights;
    std::string bias; ///< empty: none
    bool depthwise = false;

    /// The output channel of an element.
    std::size_t out(std::size_t place, const Shape& shape) const
    {
        const auto all = static_cast<std::size_t>(depthwise ? shape.back() : shape[0]);
        return depthwise ? place % all : place / (sizeOf(shape) / all);
    }
    /// The input channel of an element, where there are `channels`.
    static std::size_t in(std::size_t place, std::size_t channels) { return place % channels; }

    static std::size_t sizeOf(const Shape& shape)
    {
        std::size_t size = 1;
        for (const qint64 dimension : shape)
            size *= static_cast<std::size_t>(dimension);
        return size;
    }
};

struct Pair
{
    Layer first;
    Layer second;
    std::size_t channels = 0;
};

Activation activationOf(const Operation& operation)
{
    if (const auto* dense = std::get_if<Dense>(&operation))
        return dense->activation;
    if (const auto* conv = std::get_if<Conv>(&operation))
        return conv->activation;
    if (const auto* depthwise = std::get_if<DepthwiseConv>(&operation))
        return depthwise->activation;
    return Activation::Tanh;
}

class Finder
{
public:
    explicit Finder(const Graph& graph)
        : m_graph(graph)
        , m_uses(graph)
    {}

    std::vector<Pair> pairs() const
    {
        std::vector<Pair> found;
        for (const Node& node : m_graph.nodes) {
            if (const auto second = layerOf(node)) {
                if (const auto pair = pairBehind(node, *second))
                    found.push_back(*pair);
            }
        }
        return found;
    }

private:
    const Tensor* floats(const std::string& name) const
    {
        const auto found = m_graph.constants.find(name);
        return found != m_graph.constants.end() && found->second.value.type() == TensorType::Float32
                   ? &found->second.value
                   : nullptr;
    }

    // Layers whose weights and bias nothing else reads.
    std::optional<Layer> layerOf(const Node& node) const
    {
        const auto* conv = std::get_if<Conv>(&node.operation);
        const auto* depthwise = std::get_if<DepthwiseConv>(&node.operation);
        const bool plainConv = conv && conv->layout == Layout::ChannelsLast && conv->groups == 1;
        if (!plainConv && !depthwise && !std::holds_alternative<Dense>(node.operation))
            return std::nullopt;
        Layer layer{node.inputs[1], node.inputs.size() > 2 ? node.inputs[2] : std::string(), depthwise != nullptr};
        const Tensor* weights = floats(layer.weights);
        const bool isOwn = m_uses.isOnlyUse(layer.weights) && (layer.bias.empty() || m_uses.isOnlyUse(layer.bias));
        if (!weights || weights->rank() < 2 || weights->size() == 0 || !isOwn ||
            (!layer.bias.empty() && !floats(layer.bias)))
            return std::nullopt;
        return layer;
    }

    std::optional<Pair> pairBehind(const Node& node, const Layer& second) const
    {
        std::string x = node.inputs[0];
        const Node* maker = m_uses.maker(x);
        while (maker && m_uses.isOnlyUse(x) && keepsFactors(maker->operation)) {
            x = maker->inputs[0];
            maker = m_uses.maker(x);
        }
        const auto first = maker && m_uses.isOnlyUse(x) ? layerOf(*maker) : std::nullopt;
        if (!first)
            return std::nullopt;
        const Activation activation = activationOf(maker->operation);
        const Shape& w1 = floats(first->weights)->shape();
        const Shape& w2 = floats(second.weights)->shape();
        const auto channels = static_cast<std::size_t>(first->depthwise ? w1.back() : w1[0]);
        // A depthwise layer that makes several channels of one has no single factor for each.
        const bool fits = second.depthwise ? static_cast<std::size_t>(w2.back()) == channels
                                           : static_cast<std::size_t>(w2.back()) % channels == 0;
        if ((activation != Activation::None && activation != Activation::Relu) || !fits)
            return std::nullopt;
        return Pair{*first, second, channels};
    }

    // f(s x) = s f(x) for s > 0, channel by channel, with the channels last.
    static bool keepsFactors(const Operation& operation)
    {
        if (const auto* pool = std::get_if<Pool>(&operation))
            return pool->layout == Layout::ChannelsLast && pool->kind != PoolKind::Lp &&
                   pool->activation == Activation::None;
        if (const auto* unary = std::get_if<Unary>(&operation))
            return unary->kind == UnaryKind::Relu || unary->kind == UnaryKind::LeakyRelu ||
                   unary->kind == UnaryKind::Identity;
        if (const auto* reduce = std::get_if<Reduce>(&operation))
            return reduce->kind == ReduceKind::Mean && !reduce->axes.empty() &&
                   std::all_of(reduce->axes.begin(), reduce->axes.end(), [](qint64 axis) { return axis >= 1; }) &&
                   isSpatial(*reduce);
        return std::holds_alternative<Reshape>(operation);
    }

    // Means as the layer form has them: over all dimensions between batch and channels.
    static bool isSpatial(const Reduce& reduce)
    {
        for (std::size_t i = 0; i < reduce.axes.size(); ++i) {
            if (reduce.axes[i] != static_cast<qint64>(i) + 1)
                return false;
        }
        return reduce.axes.size() <= 3;
    }

    const Graph& m_graph;
    GraphUses m_uses;
};

std::vector<float> largestOf(const Tensor& weights, std::size_t channels, bool outputs, const Layer& layer)
{
    std::vector<float> largest(channels, 0.0f);
    const auto w = weights.as<float>();
    for (std::size_t i = 0; i < w.size(); ++i) {
        float& most = largest[outputs ? layer.out(i, weights.shape()) : Layer::in(i, channels)];
        most = std::max(most, std::abs(w[i]));
    }
    return largest;
}

// Returns the largest factor that was applied, as a distance from 1.
double balance(Graph& graph, const Pair& pair)
{
    Tensor& first = graph.constants.at(pair.first.weights).value;
    Tensor& second = graph.constants.at(pair.second.weights).value;
    const std::vector<float> r1 = largestOf(first, pair.channels, true, pair.first);
    const std::vector<float> r2 = largestOf(second, pair.channels, false, pair.second);
    std::vector<float> factors(pair.channels, 1.0f);
    double moved = 0;
    for (std::size_t c = 0; c < pair.channels; ++c) {
        const double factor = std::sqrt(static_cast<double>(r1[c]) / static_cast<double>(r2[c]));
        // Channels that are never written or never read have nothing to balance.
        if (!std::isfinite(factor) || factor < 1e-3 || factor > 1e3)
            continue;
        factors[c] = static_cast<float>(factor);
        moved = std::max(moved, std::abs(factor - 1));
    }
    const auto w1 = first.as<float>();
    for (std::size_t i = 0; i < w1.size(); ++i)
        w1[i] /= factors[pair.first.out(i, first.shape())];
    if (!pair.first.bias.empty()) {
        const auto bias = graph.constants.at(pair.first.bias).value.as<float>();
        for (std::size_t c = 0; c < bias.size(); ++c)
            bias[c] /= factors[c];
    }
    const auto w2 = second.as<float>();
    for (std::size_t i = 0; i < w2.size(); ++i)
        w2[i] *= factors[Layer::in(i, pair.channels)];
    return moved;
}

} // namespace

int equaliseLayers(Graph& graph)
{
    const std::vector<Pair> pairs = Finder(graph).pairs();
    for (int sweep = 0; sweep < kSweeps; ++sweep) {
        double moved = 0;
        for (const Pair& pair : pairs)
            moved = std::max(moved, balance(graph, pair));
        if (moved < 1e-3)
            break;
    }
    return static_cast<int>(pairs.size());
}

} // namespace ember::model::detail
