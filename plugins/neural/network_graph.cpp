// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/neural/network_graph.h"

#include "plugins/neural/recurrent.h"
#include "plugins/neural/rounding.h"

namespace ember::neural {
namespace {

using namespace model;

std::string reshaped(GraphBuilder& to, const std::string& name, const std::string& x, const std::vector<qint64>& shape)
{
    return to.add(name, Reshape{}, {x, to.constant(name + "/shape", shape, {static_cast<qint64>(shape.size())})});
}

std::string addConv(GraphBuilder& to, const std::string& name, const std::string& x, const ConvLayer& layer)
{
    Conv conv;
    conv.layout = Layout::ChannelsFirst;
    conv.groups = layer.isDepthwise() ? layer.in().channels : 1;
    conv.window.strides = {layer.strideHeight(), layer.strideWidth()};
    conv.window.padsBegin = {layer.kernelHeight() / 2, layer.kernelWidth() / 2};
    conv.window.padsEnd = conv.window.padsBegin;
    const qint64 perGroup = layer.isDepthwise() ? 1 : layer.in().channels;
    const Shape shape{layer.out().channels, perGroup, layer.kernelHeight(), layer.kernelWidth()};
    return to.add(name, conv,
                  {x, to.constant(name + "/weights", layer.weights, shape),
                   to.constant(name + "/bias", layer.bias, {layer.out().channels})});
}

std::string addDense(GraphBuilder& to, const std::string& name, const std::string& x, const DenseLayer& layer)
{
    return to.add(
        name, Gemm{1.0f, 1.0f, false, true},
        {x,
         to.constant(name + "/weights", layer.weights, {layer.out().channels, static_cast<qint64>(layer.in().size())}),
         to.constant(name + "/bias", layer.bias, {layer.out().channels})});
}

std::string addAverage(GraphBuilder& to, const std::string& name, const std::string& x, const AverageLayer& layer)
{
    Pool pool;
    pool.kind = PoolKind::Average;
    pool.kernel = {layer.in().height, layer.in().width / layer.out().width};
    pool.window.strides = {1, 1};
    pool.window.padsBegin = {0, 0};
    pool.window.padsEnd = {0, 0};
    pool.layout = Layout::ChannelsFirst;
    return to.add(name, pool, {x});
}

// The state behind the last step, [rows, units]; x is [steps, rows, channels].
std::string addRecurrent(GraphBuilder& to, const std::string& name, const std::string& x, const RecurrentLayer& layer)
{
    const bool gru = layer.gates() == 3;
    Recurrent recurrent;
    recurrent.kind = gru ? RecurrentKind::Gru : RecurrentKind::Lstm;
    recurrent.hidden = layer.units();
    recurrent.linearBeforeReset = gru;
    recurrent.activations = {{UnaryKind::Sigmoid}, {UnaryKind::Tanh}};
    if (!gru)
        recurrent.activations.push_back({UnaryKind::Tanh});
    const qint64 rows = layer.gates() * layer.units();
    std::vector<float> bias = layer.bias;
    bias.resize(static_cast<std::size_t>(2 * rows), 0.0f); // an LSTM needs no second one
    const auto constant = [&](const char* what, std::span<const float> values, const Shape& shape) {
        return to.constant(name + what, std::vector<float>(values.begin(), values.end()), shape);
    };
    to.add(recurrent,
           {x, constant("/weights", layer.inputWeights(), {1, rows, layer.channels()}),
            constant("/state-weights", layer.stateWeights(), {1, rows, layer.units()}),
            constant("/bias", bias, {1, 2 * rows})},
           {name + "/states", name + "/last"});
    return reshaped(to, name, name + "/last", {-1, layer.units()});
}

// (features - mean) * factor for each channel of a step, steps first.
std::string addSteps(GraphBuilder& to, const InputForm& input, const Volume& volume)
{
    const auto& [mean, factor] = input.scaling;
    const std::string rows = reshaped(to, "rows", to.input(), {-1, volume.width, volume.channels});
    const std::string centred =
        to.binary("rows/centred", BinaryKind::Subtract, rows, to.constant("rows/mean", mean, {volume.channels}));
    const std::string scaled =
        to.binary("rows/scaled", BinaryKind::Multiply, centred, to.constant("rows/factor", factor, {volume.channels}));
    return to.add("steps", Transpose{{1, 0, 2}}, {scaled});
}

// (features - mean) * factor, in the order that layers want.
std::string addInput(GraphBuilder& to, const InputForm& input, const Volume& volume)
{
    const auto& [mean, factor] = input.scaling;
    if (input.order == RowOrder::ChannelsFirst)
        return to.scaled(mean, factor);
    if (input.order == RowOrder::Steps)
        return addSteps(to, input, volume);
    const auto channels = static_cast<qint64>(mean.size());
    const std::string rows = reshaped(to, "rows", to.input(), {-1, volume.height, volume.width, volume.channels});
    const std::string centred =
        to.binary("rows/centred", BinaryKind::Subtract, rows, to.constant("rows/mean", mean, {channels}));
    const std::string scaled =
        to.binary("rows/scaled", BinaryKind::Multiply, centred, to.constant("rows/factor", factor, {channels}));
    return to.add("image", Transpose{{0, 3, 1, 2}}, {scaled});
}

std::string addLayers(GraphBuilder& to, const Network& network, std::string value, bool image)
{
    for (std::size_t i = 0; i < network.size(); ++i) {
        const std::string name = "layer" + std::to_string(i);
        const Volume& in = network[i]->in();
        if (const auto* conv = dynamic_cast<const ConvLayer*>(network[i].get())) {
            if (!image)
                value = reshaped(to, "image", value, {-1, in.channels, in.height, in.width});
            image = true;
            value = addConv(to, name, value, *conv);
        } else if (const auto* dense = dynamic_cast<const DenseLayer*>(network[i].get())) {
            if (image)
                value = to.add(name + "/flat", Flatten{1}, {value});
            image = false;
            value = addDense(to, name, value, *dense);
        } else if (const auto* average = dynamic_cast<const AverageLayer*>(network[i].get())) {
            value = addAverage(to, name, value, *average);
        } else if (const auto* recurrent = dynamic_cast<const RecurrentLayer*>(network[i].get())) {
            value = addRecurrent(to, name, value, *recurrent);
        } else if (!dynamic_cast<const RoundingLayer*>(network[i].get())) { // rounding is the quantiser's work
            value = to.add(name, Unary{UnaryKind::Relu}, {value});
        }
    }
    return value;
}

std::string addNetwork(GraphBuilder& to, const InputForm& input, const Network& network)
{
    const std::string x = addInput(to, input, network.front()->in());
    return addLayers(to, network, x, input.order == RowOrder::ChannelsLast);
}

} // namespace

Model classifierOf(const Network& network, const InputForm& input, const ModelNames& names)
{
    GraphBuilder to(input.columns);
    const std::string scores = to.add("scores", Softmax{}, {addNetwork(to, input, network)});
    return std::move(to).classifier(scores, names);
}

Model regressorOf(const Network& network, const InputForm& input, float scale, float offset,
                  const QStringList& featureNames)
{
    GraphBuilder to(input.columns);
    const std::string scaled = to.binary("value/scaled", BinaryKind::Multiply, addNetwork(to, input, network),
                                         to.constant("value/scale", std::vector<float>{scale}, {1}));
    const std::string value =
        to.binary("value", BinaryKind::Add, scaled, to.constant("value/offset", std::vector<float>{offset}, {1}));
    return std::move(to).regressor(value, {{}, featureNames});
}

Model detectorOf(const Network& network, const InputForm& input, float threshold, const QStringList& featureNames)
{
    GraphBuilder to(input.columns);
    const std::string x = addInput(to, input, network.front()->in());
    const std::string again = addLayers(to, network, x, false);
    const std::string difference = to.binary("difference", BinaryKind::Subtract, again, x);
    const std::string squares = to.binary("squares", BinaryKind::Multiply, difference, difference);
    const std::string error = to.add("error", Reduce{ReduceKind::Mean, {1}, true, false}, {squares});
    const std::string decision = to.binary("decision", BinaryKind::Subtract,
                                           to.constant("threshold", std::vector<float>{threshold}, {1}), error);
    return std::move(to).detector(decision, featureNames);
}

} // namespace ember::neural
