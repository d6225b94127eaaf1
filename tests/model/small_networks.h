// SPDX-License-Identifier: GPL-3.0-or-later
// Networks with random weights, as exporters write them: channels first, normalisation and clamps as nodes of their
// own.
#pragma once

#include "core/model/graph.h"

#include <QRandomGenerator>

#include <string>
#include <vector>

namespace ember::model::test {

class NetworkBuilder
{
public:
    NetworkBuilder(quint32 seed, Shape input)
        : m_random(seed)
    {
        m_model.graph.inputs = {{"x", TensorType::Float32, std::move(input)}};
    }

    /// Adds a node and returns the value it makes.
    std::string add(Operation operation, std::vector<std::string> inputs)
    {
        const std::string made = "v" + std::to_string(m_model.graph.nodes.size());
        m_model.graph.nodes.push_back({"n" + made, std::move(operation), std::move(inputs), {made}});
        return made;
    }

    std::string weights(Shape shape, float size = 1.0f, float offset = 0.0f)
    {
        Tensor tensor = Tensor::zeros(TensorType::Float32, std::move(shape)).value();
        for (float& w : tensor.as<float>())
            w = offset + size * (2 * static_cast<float>(m_random.generateDouble()) - 1);
        return constant(std::move(tensor));
    }

    std::string integers(const std::vector<qint64>& values)
    {
        return constant(Tensor::of(values, {static_cast<qint64>(values.size())}));
    }

    std::string constant(Tensor tensor)
    {
        const std::string name = "c" + std::to_string(m_model.graph.constants.size());
        m_model.graph.constants[name] = {std::move(tensor)};
        return name;
    }

    std::string conv(const std::string& x, qint64 out, qint64 in, std::vector<qint64> kernel, qint64 groups = 1,
                     qint64 stride = 1)
    {
        Conv layer;
        layer.layout = Layout::ChannelsFirst;
        layer.groups = groups;
        for (const qint64 k : kernel) {
            layer.window.strides.push_back(stride);
            layer.window.padsBegin.push_back(k / 2);
            layer.window.padsEnd.push_back(k / 2);
        }
        Shape shape{out, in / groups};
        shape.insert(shape.end(), kernel.begin(), kernel.end());
        return add(layer, {x, weights(shape, 0.5f), weights({out}, 0.2f)});
    }

    std::string norm(const std::string& x, qint64 channels)
    {
        return add(BatchNorm{}, {x, weights({channels}, 0.4f, 1.0f), weights({channels}, 0.3f),
                                 weights({channels}, 0.3f), weights({channels}, 0.4f, 1.0f)});
    }

    std::string dense(const std::string& x, qint64 in, qint64 out)
    {
        return add(Gemm{1, 1, false, true}, {x, weights({out, in}, 0.5f), weights({out}, 0.2f)});
    }

    Model finish(const std::vector<std::string>& outputs)
    {
        for (const std::string& name : outputs)
            m_model.graph.outputs.push_back({name, TensorType::Float32, {-1, -1}});
        return m_model;
    }

    /// `rows` inputs with normally sized numbers.
    static Tensor rows(quint32 seed, qint64 count, Shape shape)
    {
        QRandomGenerator random(seed);
        shape[0] = count;
        Tensor tensor = Tensor::zeros(TensorType::Float32, std::move(shape)).value();
        for (float& value : tensor.as<float>())
            value = 3 * static_cast<float>(random.generateDouble()) - 1;
        return tensor;
    }

private:
    QRandomGenerator m_random;
    Model m_model;
};

inline Unary plain(UnaryKind kind)
{
    return Unary{kind};
}

/// Scaled features, two hidden layers, probabilities.
inline Model perceptron(quint32 seed)
{
    NetworkBuilder net(seed, {-1, 6});
    std::string x = net.add(Binary{BinaryKind::Subtract}, {"x", net.weights({6})});
    x = net.add(Binary{BinaryKind::Divide}, {x, net.weights({6}, 0.5f, 2.0f)});
    x = net.add(plain(UnaryKind::Relu), {net.dense(x, 6, 12)});
    x = net.add(MatMul{}, {x, net.weights({12, 5}, 0.5f)});
    x = net.add(Binary{BinaryKind::Add}, {x, net.weights({5})});
    x = net.add(plain(UnaryKind::Tanh), {net.norm(x, 5)});
    return net.finish({net.add(Softmax{}, {net.dense(x, 5, 4)})});
}

/// Convolution, normalisation, clamp, depthwise, a branch that is added and one that is put beside, pools, dense layers
/// behind the flattened image.
inline Model imageNetwork(quint32 seed)
{
    NetworkBuilder net(seed, {-1, 3, 8, 6});
    std::string x = net.norm(net.conv("x", 8, 3, {3, 3}), 8);
    x = net.add(Binary{BinaryKind::Maximum}, {x, net.constant(Tensor::of(std::vector<float>{0}, {}))});
    x = net.add(Binary{BinaryKind::Minimum}, {x, net.constant(Tensor::of(std::vector<float>{6}, {}))});
    const std::string y = net.add(plain(UnaryKind::Relu), {net.norm(net.conv(x, 8, 8, {3, 3}, 8), 8)});
    x = net.add(Binary{BinaryKind::Add}, {x, net.conv(y, 8, 8, {1, 1})});
    x = net.add(Concat{1}, {x, net.add(Unary{UnaryKind::LeakyRelu, 0.1f}, {y})});
    Pool pool;
    pool.layout = Layout::ChannelsFirst;
    pool.kernel = {2, 2};
    pool.window.strides = {2, 2};
    x = net.add(pool, {x});
    x = net.add(plain(UnaryKind::Sigmoid), {net.conv(x, 4, 16, {1, 1})});
    pool.kind = PoolKind::Average;
    pool.window.strides = {1, 1};
    x = net.add(pool, {x});
    return net.finish({net.dense(net.add(Flatten{1}, {x}), 4 * 3 * 2, 5)});
}

/// A series: convolutions along time, the mean over all cells as the reader has a GlobalAveragePool.
inline Model seriesNetwork(quint32 seed)
{
    NetworkBuilder net(seed, {-1, 2, 20});
    std::string x = net.add(plain(UnaryKind::Relu), {net.conv("x", 6, 2, {5}, 1, 2)});
    x = net.add(plain(UnaryKind::HardSwish), {net.conv(x, 6, 6, {3}, 6)});
    const std::string flat = net.add(Reshape{}, {x, net.integers({0, 0, -1})});
    const std::string mean = net.add(Reduce{ReduceKind::Mean, {2}, true, false}, {flat});
    const std::string head = net.add(ShapeOf{0, 2}, {x});
    const std::string shape = net.add(Concat{0}, {head, net.integers({1})});
    x = net.add(Reshape{}, {mean, shape});
    return net.finish({net.dense(net.add(Squeeze{{2}}, {x}), 6, 3)});
}

} // namespace ember::model::test
