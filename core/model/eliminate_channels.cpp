// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/eliminate_channels.h"

#include "core/model/graph_edit.h"
#include "core/model/ops/op.h"

#include <algorithm>
#include <limits>
#include <set>

namespace ember::model {
namespace {

using namespace detail;

using Channels = std::vector<std::optional<qint32>>; ///< the stored constant of each channel that is one

const Window* windowOf(const Operation& operation)
{
    if (const auto* conv = std::get_if<Conv>(&operation))
        return &conv->window;
    if (const auto* depthwise = std::get_if<DepthwiseConv>(&operation))
        return &depthwise->window;
    return nullptr;
}

// Whether a window may lie partly beyond the border.
bool isPadded(const Operation& operation)
{
    const Window* window = windowOf(operation);
    if (!window || window->padding == Padding::Valid)
        return false;
    const auto isZero = [](qint64 size) { return size == 0; };
    return window->padding != Padding::Explicit ||
           !std::all_of(window->padsBegin.begin(), window->padsBegin.end(), isZero) ||
           !std::all_of(window->padsEnd.begin(), window->padsEnd.end(), isZero);
}

Activation activationOf(const Operation& operation)
{
    return std::visit(
        [](const auto& op) {
            if constexpr (requires { op.activation; })
                return op.activation;
            else
                return Activation::None;
        },
        operation);
}

// An int8 layer whose weights and bias are its own. Weights: [out, taps, in], depthwise [taps, channels].
struct Layer
{
    std::size_t node = 0;
    bool depthwise = false;
    std::size_t in = 0;
    std::size_t out = 0;
    std::size_t taps = 0;
};

class Eliminator
{
public:
    explicit Eliminator(Graph& graph)
        : m_graph(graph)
        , m_uses(graph)
    {
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
            if (const auto layer = layerOf(i))
                m_layers[i] = *layer;
        }
    }

    EliminatedChannels run()
    {
        findConstants();
        for (std::size_t i = m_graph.nodes.size(); i-- > 0;) {
            const auto layer = m_layers.find(i);
            if (layer != m_layers.end() && !layer->second.depthwise)
                choose(layer->second);
        }
        if (m_result.total() > 0) {
            for (const auto& [place, layer] : m_layers)
                rewrite(layer);
            for (const auto& [name, kept] : m_reshaped)
                reshape(name, kept);
        }
        return m_result;
    }

private:
    const Quantisation* scaleOf(const std::string& name) const
    {
        for (const ValueInfo& input : m_graph.inputs) {
            if (input.name == name)
                return input.quantisation ? &*input.quantisation : nullptr;
        }
        const auto found = m_graph.values.find(name);
        return found != m_graph.values.end() && found->second.type == TensorType::Int8 && found->second.quantisation
                   ? &*found->second.quantisation
                   : nullptr;
    }

    std::optional<Layer> layerOf(std::size_t place) const
    {
        const Node& node = m_graph.nodes[place];
        const auto* conv = std::get_if<Conv>(&node.operation);
        const bool depthwise = std::holds_alternative<DepthwiseConv>(node.operation);
        const bool plainConv = conv && conv->layout == Layout::ChannelsLast && conv->groups == 1;
        if ((!plainConv && !depthwise && !std::holds_alternative<Dense>(node.operation)) || node.inputs.size() != 3 ||
            !scaleOf(node.inputs[0]) || !scaleOf(node.outputs[0]))
            return std::nullopt;
        const auto weights = m_graph.constants.find(node.inputs[1]);
        const auto bias = m_graph.constants.find(node.inputs[2]);
        if (weights == m_graph.constants.end() || bias == m_graph.constants.end() ||
            weights->second.value.type() != TensorType::Int8 || bias->second.value.type() != TensorType::Int32 ||
            !m_uses.isOnlyUse(node.inputs[1]) || !m_uses.isOnlyUse(node.inputs[2]) || !weights->second.quantisation ||
            weights->second.quantisation->zeroPoint() != 0 || weights->second.value.rank() < 2)
            return std::nullopt;
        const Shape& shape = weights->second.value.shape();
        const auto all = static_cast<std::size_t>(weights->second.value.size());
        const auto first = static_cast<std::size_t>(shape.front());
        const auto last = static_cast<std::size_t>(shape.back());
        if (all == 0 || bias->second.value.size() != shape[depthwise ? shape.size() - 1 : 0])
            return std::nullopt;
        return depthwise ? Layer{place, true, last, last, all / last}
                         : Layer{place, false, last, first, all / first / last};
    }

    std::span<const qint8> weights(const Layer& layer) const
    {
        return m_graph.constants.at(m_graph.nodes[layer.node].inputs[1]).value.as<qint8>();
    }

    // The sum of the weights from an input channel to an output channel, and whether all are zero.
    struct Reach
    {
        qint64 sum = 0;
        bool zero = true;
    };
    Reach reach(const Layer& layer, std::size_t from, std::size_t to) const
    {
        Reach result;
        const auto w = weights(layer);
        for (std::size_t tap = 0; tap < layer.taps; ++tap) {
            const qint8 weight =
                layer.depthwise ? w[tap * layer.out + to] : w[(to * layer.taps + tap) * layer.in + from];
            result.sum += weight;
            result.zero = result.zero && weight == 0;
        }
        return result;
    }

    // Constants.

    const Channels* constantsOf(const std::string& name) const
    {
        const auto found = m_constants.find(name);
        return found == m_constants.end() ? nullptr : &found->second;
    }

    void findConstants()
    {
        for (std::size_t i = 0; i < m_graph.nodes.size(); ++i) {
            const Node& node = m_graph.nodes[i];
            if (const auto layer = m_layers.find(i); layer != m_layers.end())
                m_constants[node.outputs[0]] = constantsBehind(layer->second);
            else if (const Channels* before = passes(node) ? constantsOf(node.inputs[0]) : nullptr)
                m_constants[node.outputs[0]] = Channels(*before);
        }
    }

    Channels constantsBehind(const Layer& layer) const
    {
        const Node& node = m_graph.nodes[layer.node];
        const Channels* x = constantsOf(node.inputs[0]);
        const qint32 zero = scaleOf(node.inputs[0])->zeroPoint();
        const auto bias = m_graph.constants.at(node.inputs[2]).value.as<qint32>();
        Channels result(layer.out);
        for (std::size_t to = 0; to < layer.out; ++to) {
            qint64 sum = bias[to];
            bool constant = true;
            for (std::size_t from = layer.depthwise ? to : 0; constant && from < (layer.depthwise ? to + 1 : layer.in);
                 ++from) {
                const Reach own = reach(layer, from, to);
                if (own.zero)
                    continue;
                // A depth multiplier would map channels otherwise; then nothing is known of the input's.
                const std::optional<qint32> k = x && x->size() == layer.in ? (*x)[from] : std::nullopt;
                constant = k && (*k == zero || !isPadded(node.operation));
                sum += constant ? own.sum * (*k - zero) : 0;
            }
            if (constant && sum == static_cast<qint32>(sum))
                result[to] = stored(layer, to, static_cast<qint32>(sum));
        }
        return result;
    }

    // What a sum becomes; nothing where the ways of rounding differ.
    std::optional<qint32> stored(const Layer& layer, std::size_t channel, qint32 sum) const
    {
        const Node& node = m_graph.nodes[layer.node];
        const Quantisation& w = *m_graph.constants.at(node.inputs[1]).quantisation;
        const Quantisation& out = *scaleOf(node.outputs[0]);
        const float x = scaleOf(node.inputs[0])->scale();
        const float scale = w.perChannel() ? w.scales[channel] : w.scale();
        const ops::ClampRange range = ops::quantisedRange(activationOf(node.operation), out, TensorType::Int8);
        std::set<qint64> results;
        for (const double product :
             {static_cast<double>(x) * static_cast<double>(scale), static_cast<double>(x * scale)}) {
            for (const auto rounding :
                 {RequantiseRounding::Double, RequantiseRounding::Single, RequantiseRounding::Nearest}) {
                const Multiplier m = makeMultiplier(product / static_cast<double>(out.scale()), rounding);
                results.insert(std::clamp<qint64>(static_cast<qint64>(scaleBy(sum, m, rounding)) + out.zeroPoint(),
                                                  range.low, range.high));
            }
        }
        return results.size() == 1 ? std::optional(static_cast<qint32>(*results.begin())) : std::nullopt;
    }

    // Operations that keep every channel's constant and place.
    bool passes(const Node& node) const
    {
        if (node.outputs.size() != 1 || node.inputs.empty() || !scaleOf(node.outputs[0]))
            return false;
        if (const auto* pool = std::get_if<Pool>(&node.operation))
            return pool->kind != PoolKind::Lp && pool->layout == Layout::ChannelsLast && !pool->countPadding &&
                   pool->activation == Activation::None;
        return isEnding(node);
    }

    // A reshape that keeps the channels as the last dimension, by a constant shape of its own.
    bool isEnding(const Node& node) const
    {
        if (!std::holds_alternative<Reshape>(node.operation) || node.inputs.size() != 2 ||
            !m_uses.isOnlyUse(node.inputs[1]))
            return false;
        const auto shape = m_graph.constants.find(node.inputs[1]);
        const Channels* before = constantsOf(node.inputs[0]);
        if (shape == m_graph.constants.end() || !before || shape->second.value.size() < 1)
            return false;
        return shape->second.value.toInt64().back() == static_cast<qint64>(before->size());
    }

    // Choice.

    struct Readers
    {
        std::vector<std::size_t> layers;    ///< convolutions and dense layers at the end of the way
        std::vector<std::size_t> depthwise; ///< on the way
        std::vector<std::string> reshapes;
        bool known = true;
    };

    // All that reads a value, through operations that keep channels apart.
    void follow(const std::string& name, Readers& readers) const
    {
        for (const ValueInfo& output : m_graph.outputs)
            readers.known = readers.known && output.name != name;
        for (std::size_t i = 0; i < m_graph.nodes.size() && readers.known; ++i) {
            const Node& node = m_graph.nodes[i];
            if (std::find(node.inputs.begin(), node.inputs.end(), name) == node.inputs.end())
                continue;
            const auto layer = m_layers.find(i);
            if (layer != m_layers.end() && !layer->second.depthwise) {
                readers.layers.push_back(i);
            } else if (layer != m_layers.end() && layer->second.out == m_constants.at(name).size()) {
                readers.depthwise.push_back(i);
                follow(node.outputs[0], readers);
            } else if (layer == m_layers.end() && passes(node) && m_constants.contains(node.outputs[0])) {
                if (std::holds_alternative<Reshape>(node.operation))
                    readers.reshapes.push_back(node.inputs[1]);
                follow(node.outputs[0], readers);
            } else {
                readers.known = false;
            }
        }
    }

    void choose(const Layer& layer)
    {
        Readers readers;
        follow(m_graph.nodes[layer.node].outputs[0], readers);
        for (const std::size_t place : readers.layers)
            readers.known = readers.known && m_layers.at(place).in == layer.out;
        if (!readers.known || readers.layers.empty())
            return;
        std::vector<std::size_t> kept;
        for (std::size_t channel = 0; channel < layer.out; ++channel) {
            bool unread = true, absorbed = true;
            for (const std::size_t place : readers.layers) {
                const bool zero = isUnread(m_layers.at(place), channel);
                unread = unread && zero;
                absorbed = absorbed && (zero || absorbs(m_layers.at(place), channel));
            }
            // One channel stays, for a layer without any is none.
            const bool last = channel + 1 == layer.out && kept.empty();
            if (last || !absorbed) {
                kept.push_back(channel);
                continue;
            }
            (unread ? m_result.unread : m_result.constant) += 1;
            for (const std::size_t place : readers.layers)
                absorb(m_layers.at(place), channel);
        }
        if (kept.size() == layer.out)
            return;
        m_keptOut[layer.node] = kept;
        for (const std::size_t place : readers.depthwise)
            m_keptOut[place] = kept;
        for (const std::size_t place : readers.layers)
            m_keptIn[place] = kept;
        for (const std::string& name : readers.reshapes)
            m_reshaped[name] = static_cast<qint64>(kept.size());
    }

    // By the output channels that stay: layers are visited from the end.
    bool isUnread(const Layer& reader, std::size_t channel) const
    {
        for (const std::size_t to : keptOut(reader)) {
            if (!reach(reader, channel, to).zero)
                return false;
        }
        return true;
    }

    bool absorbs(const Layer& reader, std::size_t channel) const
    {
        const Node& node = m_graph.nodes[reader.node];
        const std::optional<qint32> k = m_constants.at(node.inputs[0])[channel];
        const qint32 zero = scaleOf(node.inputs[0])->zeroPoint();
        if (!k || (*k != zero && isPadded(node.operation)))
            return false;
        const auto bias = m_graph.constants.at(node.inputs[2]).value.as<qint32>();
        for (const std::size_t to : keptOut(reader)) {
            const qint64 sum = bias[to] + reach(reader, channel, to).sum * (*k - zero);
            if (sum != static_cast<qint32>(sum))
                return false;
        }
        return true;
    }

    void absorb(const Layer& reader, std::size_t channel)
    {
        const Node& node = m_graph.nodes[reader.node];
        const std::optional<qint32> k = m_constants.at(node.inputs[0])[channel];
        if (!k || isUnread(reader, channel))
            return;
        const auto bias = m_graph.constants.at(node.inputs[2]).value.as<qint32>();
        for (const std::size_t to : keptOut(reader))
            bias[to] +=
                static_cast<qint32>(reach(reader, channel, to).sum * (*k - scaleOf(node.inputs[0])->zeroPoint()));
    }

    std::vector<std::size_t> keptOut(const Layer& layer) const { return keptOr(m_keptOut, layer.node, layer.out); }

    static std::vector<std::size_t> keptOr(const std::map<std::size_t, std::vector<std::size_t>>& kept,
                                           std::size_t node, std::size_t all)
    {
        if (const auto found = kept.find(node); found != kept.end())
            return found->second;
        std::vector<std::size_t> every(all);
        for (std::size_t i = 0; i < all; ++i)
            every[i] = i;
        return every;
    }

    // Rewriting.

    void rewrite(const Layer& layer)
    {
        const Node& node = m_graph.nodes[layer.node];
        const std::vector<std::size_t> outs = keptOut(layer);
        const std::vector<std::size_t> ins = keptOr(m_keptIn, layer.node, layer.in);
        if (outs.size() == layer.out && (layer.depthwise || ins.size() == layer.in))
            return;
        Constant& own = m_graph.constants.at(node.inputs[1]);
        const auto w = own.value.as<qint8>();
        Shape shape = own.value.shape();
        std::vector<qint8> kept;
        if (layer.depthwise) {
            shape.back() = static_cast<qint64>(outs.size());
            for (std::size_t tap = 0; tap < layer.taps; ++tap) {
                for (const std::size_t channel : outs)
                    kept.push_back(w[tap * layer.out + channel]);
            }
        } else {
            shape.front() = static_cast<qint64>(outs.size());
            shape.back() = static_cast<qint64>(ins.size());
            for (const std::size_t to : outs) {
                for (std::size_t tap = 0; tap < layer.taps; ++tap) {
                    for (const std::size_t from : ins)
                        kept.push_back(w[(to * layer.taps + tap) * layer.in + from]);
                }
            }
        }
        own.value = Tensor::of(kept, std::move(shape));
        keepScales(own, outs);
        Constant& bias = m_graph.constants.at(node.inputs[2]);
        std::vector<qint32> sums;
        for (const std::size_t channel : outs)
            sums.push_back(bias.value.as<qint32>()[channel]);
        bias.value = Tensor::of(sums, {static_cast<qint64>(sums.size())});
        keepScales(bias, outs);
        for (const std::string& name : node.outputs)
            forgetShape(name);
    }

    static void keepScales(Constant& constant, const std::vector<std::size_t>& kept)
    {
        if (!constant.quantisation || !constant.quantisation->perChannel())
            return;
        Quantisation some{{}, {}, constant.quantisation->axis};
        for (const std::size_t channel : kept) {
            some.scales.push_back(constant.quantisation->scales[channel]);
            some.zeroPoints.push_back(constant.quantisation->zeroPoints[channel]);
        }
        constant.quantisation = std::move(some);
    }

    void forgetShape(const std::string& name)
    {
        if (const auto info = m_graph.values.find(name); info != m_graph.values.end())
            info->second.shape.clear();
    }

    void reshape(const std::string& name, qint64 channels)
    {
        Tensor& shape = m_graph.constants.at(name).value;
        std::vector<qint64> sizes = shape.toInt64();
        sizes.back() = channels;
        shape.assign(std::span<const qint64>(sizes));
    }

    Graph& m_graph;
    GraphUses m_uses;
    std::map<std::size_t, Layer> m_layers;
    std::map<std::string, Channels> m_constants;
    std::map<std::size_t, std::vector<std::size_t>> m_keptOut;
    std::map<std::size_t, std::vector<std::size_t>> m_keptIn;
    std::map<std::string, qint64> m_reshaped;
    EliminatedChannels m_result;
};

} // namespace

EliminatedChannels eliminateChannels(Graph& graph)
{
    return Eliminator(graph).run();
}

} // namespace ember::model
