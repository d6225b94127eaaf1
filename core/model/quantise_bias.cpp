// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/quantise_bias.h"

#include "core/model/calibrate.h"
#include "core/model/interpreter.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ember::model::detail {
namespace {

// Means do not get better by more rows than these.
constexpr qint64 kMostRows = 512;

const Node& makerOf(const Graph& graph, const std::string& value)
{
    return *std::find_if(graph.nodes.begin(), graph.nodes.end(),
                         [&value](const Node& node) { return node.outputs[0] == value; });
}

Operation withoutClamp(Operation layer)
{
    std::visit(
        [](auto& op) {
            if constexpr (requires { op.activation; })
                op.activation = Activation::None;
        },
        layer);
    return layer;
}

Tensor realsOf(const Constant& constant)
{
    const Quantisation& q = *constant.quantisation;
    const Shape& shape = constant.value.shape();
    std::size_t run = 1;
    for (std::size_t d = static_cast<std::size_t>(q.axis) + 1; d < shape.size(); ++d)
        run *= static_cast<std::size_t>(shape[d]);
    const std::vector<qint64> stored = constant.value.toInt64();
    std::vector<float> reals(stored.size());
    for (std::size_t i = 0; i < stored.size(); ++i) {
        const std::size_t c = q.perChannel() ? i / run % q.scales.size() : 0;
        reals[i] =
            static_cast<float>(static_cast<double>(stored[i] - q.zeroPoints[c]) * static_cast<double>(q.scales[c]));
    }
    return Tensor::of(reals, shape);
}

// The mean of each channel of the layer before its clamp. Of a graph of integers the layer is computed in reals, with
// the weights and inputs that the integers stand for.
Result<std::vector<double>> meansOf(const Graph& graph, const std::string& value, const std::vector<Tensor>& rows)
{
    Model probe;
    probe.graph = graph;
    Node layer = makerOf(graph, value);
    layer.name = "probe";
    layer.operation = withoutClamp(std::move(layer.operation));
    layer.outputs = {"probe/mean"};
    const bool isStored = graph.values.contains(value) && graph.values.at(value).quantisation;
    if (isStored) {
        probe.graph.nodes.push_back({"probe/x", Requantise{}, {layer.inputs[0]}, {"probe/x"}});
        probe.graph.values["probe/x"] = {"probe/x", TensorType::Float32, {}};
        layer.inputs[0] = "probe/x";
        for (std::size_t i = 1; i < layer.inputs.size(); ++i) {
            const std::string name = "probe/" + std::to_string(i);
            probe.graph.constants[name] = {realsOf(graph.constants.at(layer.inputs[i]))};
            layer.inputs[i] = name;
        }
    }
    probe.graph.nodes.push_back(std::move(layer));
    probe.graph.outputs = {{"probe/mean", TensorType::Float32, {}}};
    EMBER_TRY(const Interpreter interpreter, Interpreter::create(std::move(probe)));
    EMBER_TRY(const std::vector<Tensor> results, runRows(interpreter, rows));
    const auto channels = static_cast<std::size_t>(results[0].shape().back());
    const auto values = results[0].as<float>();
    std::vector<double> means(channels, 0.0);
    for (std::size_t i = 0; i < values.size(); ++i)
        means[i % channels] += static_cast<double>(values[i]);
    for (double& mean : means)
        mean /= static_cast<double>(values.size() / channels);
    return means;
}

void addTo(Constant& bias, std::span<const double> moves)
{
    std::vector<qint64> stored = bias.value.toInt64();
    constexpr double kMost = 2'147'483'647.0;
    for (std::size_t c = 0; c < stored.size(); ++c) {
        const double step = static_cast<double>(bias.quantisation->scales[c % bias.quantisation->scales.size()]);
        stored[c] = static_cast<qint64>(
            std::clamp(static_cast<double>(stored[c]) + std::round(moves[c] / step), -kMost, kMost));
    }
    bias.value.assign(std::span<const qint64>(stored));
}

// A bias of zeros in the steps of the layer's sums.
Constant noBias(const Graph& graph, const Node& layer)
{
    const Constant& weights = graph.constants.at(layer.inputs[1]);
    Quantisation q = *weights.quantisation;
    const auto x = graph.values.find(layer.inputs[0]);
    const float scale = x != graph.values.end() && x->second.quantisation ? x->second.quantisation->scale() : 1.0f;
    for (float& s : q.scales)
        s *= scale;
    q.axis = 0;
    return {Tensor::of(std::vector<qint32>(q.scales.size(), 0), {static_cast<qint64>(q.scales.size())}), q};
}

// The first rows, as many whole batches as are enough.
std::vector<Tensor> someRows(const Graph& graph, const std::vector<Tensor>& rows)
{
    const Shape& input = graph.inputs[0].shape;
    const qint64 batch = input.empty() ? 1 : std::max<qint64>(1, input[0]);
    const qint64 most = std::max<qint64>(1, kMostRows / batch) * batch;
    if (rows.empty() || rows[0].rank() == 0 || rows[0].shape()[0] <= most)
        return rows;
    std::vector<qint64> places(static_cast<std::size_t>(most));
    std::iota(places.begin(), places.end(), 0);
    std::vector<Tensor> some;
    for (const Tensor& all : rows)
        some.push_back(pickRows(all, places));
    return some;
}

} // namespace

Status correctBiases(const Graph& reals, Graph& stored, const std::vector<LayerPair>& layers,
                     const std::vector<Tensor>& rows)
{
    const std::vector<Tensor> some = someRows(reals, rows);
    for (const LayerPair& pair : layers) {
        EMBER_TRY(const std::vector<double> wanted, meansOf(reals, pair.real, some));
        EMBER_TRY(const std::vector<double> got, meansOf(stored, pair.stored, some));
        const auto layer = std::find_if(stored.nodes.begin(), stored.nodes.end(),
                                        [&pair](const Node& node) { return node.outputs[0] == pair.stored; });
        if (layer->inputs.size() < 3 || layer->inputs[2].empty()) {
            layer->inputs.resize(3);
            layer->inputs[2] = pair.stored + "/bias-int32";
            stored.constants.insert_or_assign(layer->inputs[2], noBias(stored, *layer));
        }
        std::vector<double> moves(wanted.size());
        for (std::size_t c = 0; c < moves.size(); ++c)
            moves[c] = wanted[c] - got[c];
        addTo(stored.constants.at(layer->inputs[2]), moves);
    }
    return {};
}

} // namespace ember::model::detail
