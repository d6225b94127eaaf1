// SPDX-License-Identifier: GPL-3.0-or-later
// int8 networks with random shapes, weights and scales, for tests.
#pragma once

#include "core/model/graph.h"

#include <QRandomGenerator>

#include <cmath>

namespace ember::codegen::test {

/// Makes a chain of layers, each with scales that keep its results from being all the same.
class RandomNetwork
{
public:
    explicit RandomNetwork(quint32 seed)
        : m_random(seed)
    {}

    model::Model make(int height, int width, int channels)
    {
        m_graph = {};
        m_graph.name = "net";
        m_shape = {1, height, width, channels};
        m_graph.inputs.push_back({"x0", model::TensorType::Int8, m_shape, quantisation()});
        m_last = "x0";
        m_lastQuantisation = *m_graph.inputs.back().quantisation;
        return {};
    }

    /// The same behind features in float32: centred, scaled, and put from channels first to last.
    void makeReals(int height, int width, int channels)
    {
        make(height, width, channels);
        const qint64 count = qint64{height} * width * channels;
        m_graph.inputs = {{"features", model::TensorType::Float32, {-1, count}}};
        std::vector<float> offsets;
        for (qint64 i = 0; i < count; ++i)
            offsets.push_back(real(-1, 1));
        m_graph.constants["offsets"] = {model::Tensor::of(offsets, {count})};
        m_graph.constants["factor"] = {model::Tensor::of(std::vector<float>{real(0.5f, 2.0f)}, {1})};
        m_graph.constants["image"] = {model::Tensor::of(std::vector<qint64>{-1, channels, height, width}, {4})};
        addPlain("centred", model::Binary{model::BinaryKind::Subtract}, {"features", "offsets"});
        addPlain("scaled", model::Binary{model::BinaryKind::Multiply}, {"factor", "centred"});
        addPlain("shaped", model::Reshape{}, {"scaled", "image"});
        addPlain("turned", model::Transpose{{0, 2, 3, 1}}, {"shaped"});
        add(model::Requantise{}, {"turned"}, quantisation());
        finish();
    }

    /// Probabilities as reals, and the label of the largest of what they were made from.
    void endInLabel(const std::vector<std::string>& names, bool asIndex = false)
    {
        const std::string scores = m_last;
        const auto classes = static_cast<qint64>(names.size());
        softmax();
        m_graph.values["scores"] = {"scores", model::TensorType::Float32, {1, classes}};
        addPlain("scores", model::Requantise{}, {m_last});
        addPlain("index", model::ArgExtreme{true, -1, false, false, model::TensorType::Int64}, {scores});
        m_ends = {{"index", model::TensorType::Int64, {-1}}, {"scores", model::TensorType::Float32, {-1, classes}}};
        if (asIndex)
            return;
        m_graph.constants["names"] = {model::Tensor::ofStrings(names, {classes})};
        addPlain("label", model::Gather{0}, {"names", "index"});
        m_ends = {{"label", model::TensorType::String, {-1}}, {"scores", model::TensorType::Float32, {-1, classes}}};
    }

    QRandomGenerator& generator() { return m_random; }

    void conv(int out, int kernel, int stride, model::Activation activation, bool same)
    {
        model::Conv op;
        op.activation = activation;
        op.window = windowOf(stride, same);
        const qint64 fanIn = kernel * kernel * m_shape[3];
        layer(op, {out, kernel, kernel, m_shape[3]}, out, 0, fanIn);
        setShape(kernel, stride, same, out);
    }

    void depthwise(int kernel, int stride, model::Activation activation, bool same, int multiplier = 1)
    {
        model::DepthwiseConv op;
        op.activation = activation;
        op.window = windowOf(stride, same);
        const qint64 out = m_shape[3] * multiplier;
        layer(op, {1, kernel, kernel, out}, out, 3, kernel * kernel);
        setShape(kernel, stride, same, out);
    }

    void dense(int out, model::Activation activation)
    {
        const qint64 in = m_shape[1] * m_shape[2] * m_shape[3];
        layer(model::Dense{activation, false}, {out, in}, out, 0, in);
        m_shape = {1, out};
        finish();
    }

    void pool(model::PoolKind kind, int kernel, int stride, bool same)
    {
        model::Pool op;
        op.kind = kind;
        op.kernel = {kernel, kernel};
        op.window = windowOf(stride, same);
        add(op, {m_last}, m_lastQuantisation);
        setShape(kernel, stride, same, m_shape[3]);
    }

    /// The last value and the one called `other`, which has its shape.
    void pair(model::BinaryKind kind, const std::string& other, model::Activation activation, bool lastFirst = false)
    {
        add(model::Binary{kind, activation}, {lastFirst ? m_last : other, lastFirst ? other : m_last}, quantisation());
        finish();
    }

    void unary(model::UnaryKind kind, std::optional<model::Quantisation> out = {})
    {
        model::Unary op;
        op.kind = kind;
        op.alpha = 0.1f;
        add(op, {m_last}, out ? *out : quantisation());
        finish();
    }

    /// Same numbers at other places: concatenation with `other` along the channels, padding, a part of the rows.
    void concat(const std::string& other)
    {
        const qint64 channels = m_graph.values.at(other).shape[3];
        m_graph.values[other].quantisation = m_lastQuantisation;
        add(model::Concat{3}, {other, m_last}, m_lastQuantisation);
        m_shape[3] += channels;
        finish();
    }

    void pad(int before, int behind)
    {
        const std::string name = "pads" + std::to_string(m_graph.nodes.size());
        m_graph.constants[name] = {
            model::Tensor::of(std::vector<qint64>{0, before, before, 0, 0, behind, behind, 0}, {8})};
        add(model::Pad{}, {m_last, name}, m_lastQuantisation);
        m_shape[1] += before + behind;
        m_shape[2] += before + behind;
        finish();
    }

    void slice(qint64 axis, qint64 begin, qint64 end)
    {
        const std::string name = "slice" + std::to_string(m_graph.nodes.size());
        const auto constant = [&](const char* what, qint64 value) {
            m_graph.constants[name + what] = {model::Tensor::of(std::vector<qint64>{value}, {1})};
            return name + what;
        };
        add(model::Slice{}, {m_last, constant("s", begin), constant("e", end), constant("a", axis)},
            m_lastQuantisation);
        m_shape[static_cast<std::size_t>(axis)] = end - begin;
        finish();
    }

    void mean()
    {
        model::Reduce op;
        op.kind = model::ReduceKind::Mean;
        op.axes = {1, 2};
        add(op, {m_last}, quantisation());
        m_shape = {1, 1, 1, m_shape[3]};
        finish();
    }

    void softmax()
    {
        add(model::Softmax(), {m_last}, model::Quantisation{{1.0f / 256}, {-128}, 0});
        finish();
    }

    /// From now on the first channel of layers has no weights and a bias without measure.
    void emptyChannels() { m_emptyChannel = true; }

    const std::string& last() const { return m_last; }

    model::Model take()
    {
        m_graph.outputs = m_ends.empty() ? std::vector<model::ValueInfo>{m_graph.values.at(m_last)} : m_ends;
        model::Model model;
        model.graph = m_graph;
        return model;
    }

private:
    static model::Window windowOf(int stride, bool same)
    {
        model::Window window;
        window.strides = {stride, stride};
        window.padding = same ? model::Padding::SameUpper : model::Padding::Valid;
        return window;
    }

    float real(float from, float to) { return from + static_cast<float>(m_random.generateDouble()) * (to - from); }

    model::Quantisation quantisation()
    {
        return {{real(0.01f, 0.05f)}, {static_cast<qint32>(m_random.bounded(-128, 128))}, 0};
    }

    std::vector<qint8> bytes(qint64 count)
    {
        std::vector<qint8> all(static_cast<std::size_t>(count));
        for (qint8& value : all)
            value = static_cast<qint8>(m_random.bounded(-127, 128));
        return all;
    }

    void layer(model::Operation op, const model::Shape& weights, qint64 out, qint32 axis, qint64 fanIn)
    {
        qint64 count = 1;
        for (const qint64 size : weights)
            count *= size;
        const std::string name = "w" + std::to_string(m_graph.nodes.size());
        model::Quantisation scales;
        scales.axis = axis;
        const bool perChannel = m_random.bounded(2) == 1;
        // So that sums of random products fill the range of the output.
        const float typical = 1.0f / (70.0f * std::sqrt(static_cast<float>(fanIn)));
        for (qint64 i = 0; i < (perChannel ? out : 1); ++i) {
            scales.scales.push_back(typical * real(0.3f, 3.0f));
            scales.zeroPoints.push_back(0);
        }
        std::vector<qint8> stored = bytes(count);
        const bool columns = axis == 3;
        for (qint64 i = 0; i < count / out && m_emptyChannel; ++i)
            stored[static_cast<std::size_t>(columns ? i * out : i)] = 0;
        m_graph.constants[name] = {model::Tensor::of(stored, weights), scales};
        std::vector<std::string> inputs{m_last, name};
        if (m_emptyChannel || m_random.bounded(4) != 0) {
            std::vector<qint32> bias(static_cast<std::size_t>(out));
            for (qint32& value : bias)
                value = m_random.bounded(-5000, 5000);
            if (m_emptyChannel)
                bias.front() = m_random.bounded(2) == 0 ? 1 << 30 : -(1 << 30);
            m_graph.constants["b" + name] = {model::Tensor::of(bias, {out})};
            inputs.push_back("b" + name);
        }
        add(op, std::move(inputs), quantisation());
    }

    void add(model::Operation op, std::vector<std::string> inputs, const model::Quantisation& out)
    {
        m_last = "x" + std::to_string(m_graph.nodes.size() + 1);
        m_graph.nodes.push_back({"layer */ \\ " + m_last, std::move(op), std::move(inputs), {m_last}});
        m_lastQuantisation = out;
    }

    void addPlain(const std::string& name, model::Operation op, std::vector<std::string> inputs)
    {
        m_graph.nodes.push_back({name, std::move(op), std::move(inputs), {name}});
    }

    void setShape(int kernel, int stride, bool same, qint64 channels)
    {
        for (std::size_t i : {1, 2})
            m_shape[i] = same ? (m_shape[i] + stride - 1) / stride : (m_shape[i] - kernel) / stride + 1;
        m_shape[3] = channels;
        finish();
    }

    void finish() { m_graph.values[m_last] = {m_last, model::TensorType::Int8, m_shape, m_lastQuantisation}; }

    QRandomGenerator m_random;
    model::Graph m_graph;
    model::Shape m_shape;
    std::string m_last;
    bool m_emptyChannel = false;
    model::Quantisation m_lastQuantisation;
    std::vector<model::ValueInfo> m_ends; ///< empty: the last value
};

} // namespace ember::codegen::test
