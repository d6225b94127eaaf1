// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/neural/fit.h"

namespace ember::neural {
namespace {

using namespace model;

class GraphOf
{
public:
    std::string constant(const std::string& name, Tensor value)
    {
        graph.constants[name] = Constant{std::move(value)};
        return name;
    }
    std::string constant(const std::string& name, const std::vector<float>& values, Shape shape)
    {
        return constant(name, Tensor::of(values, std::move(shape)));
    }
    std::string add(const std::string& name, Operation operation, std::vector<std::string> inputs)
    {
        graph.nodes.push_back({name, std::move(operation), std::move(inputs), {name}});
        return name;
    }

    Graph graph;
};

std::string reshaped(GraphOf& to, const std::string& name, const std::string& x, const std::vector<qint64>& shape)
{
    const std::string wanted = to.constant(name + "_shape", Tensor::of(shape, {static_cast<qint64>(shape.size())}));
    return to.add(name, Reshape{}, {x, wanted});
}

std::string addConv(GraphOf& to, const std::string& name, const std::string& x, const ConvLayer& layer)
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
                  {x, to.constant(name + "_weights", layer.weights, shape),
                   to.constant(name + "_bias", layer.bias, {layer.out().channels})});
}

std::string addDense(GraphOf& to, const std::string& name, const std::string& x, const DenseLayer& layer)
{
    return to.add(
        name, Gemm{1.0f, 1.0f, false, true},
        {x,
         to.constant(name + "_weights", layer.weights, {layer.out().channels, static_cast<qint64>(layer.in().size())}),
         to.constant(name + "_bias", layer.bias, {layer.out().channels})});
}

std::string addLayers(GraphOf& to, const Network& network, std::string value)
{
    bool image = false;
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
                value = to.add(name + "_flat", Flatten{1}, {value});
            image = false;
            value = addDense(to, name, value, *dense);
        } else {
            value = to.add(name, Unary{UnaryKind::Relu}, {value});
        }
    }
    return value;
}

} // namespace

Model modelOf(const Network& network, const Scaling& scaling, const QStringList& classNames,
              const QStringList& featureNames)
{
    GraphOf to;
    const auto columns = static_cast<qint64>(scaling.mean.size());
    to.graph.inputs = {{"features", TensorType::Float32, {-1, columns}}};
    std::string value = to.add("centred", Binary{BinaryKind::Subtract, Activation::None},
                               {"features", to.constant("mean", scaling.mean, {columns})});
    value = to.add("scaled", Binary{BinaryKind::Multiply, Activation::None},
                   {value, to.constant("factor", scaling.factor, {columns})});
    value = addLayers(to, network, value);
    to.add("scores", Softmax{}, {value});
    to.add("winner", ArgExtreme{true, -1, false, false, TensorType::Int64}, {"scores"});
    std::vector<std::string> names;
    for (const QString& name : classNames)
        names.push_back(name.toStdString());
    const auto classes = static_cast<qint64>(names.size());
    to.add("label", Gather{0}, {to.constant("classes", Tensor::ofStrings(std::move(names), {classes})), "winner"});
    to.graph.outputs = {{"label", TensorType::String, {-1}}, {"scores", TensorType::Float32, {-1, classes}}};
    Model model;
    model.graph = std::move(to.graph);
    model.classNames = classNames;
    model.featureNames = featureNames;
    return model;
}

} // namespace ember::neural
