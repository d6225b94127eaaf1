// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/codegen/classic_models.h"

#include <string>
#include <utility>
#include <vector>

namespace ember::codegen::test {

struct ClassicSample
{
    QString name;
    model::Model model;
    bool integersAlone = false; ///< its floats are those of others
};

/// Small float networks beside the classic models.
class SmallNetworks : public ClassicModels
{
public:
    using ClassicModels::ClassicModels;

    /// Dense layers with a function between them.
    model::Model perceptron(model::UnaryKind function, int classes)
    {
        model::GraphBuilder graph(kFeatures);
        std::string x = graph.scaled(numbers(kFeatures, 6, 10), numbers(kFeatures, 0.1, 0.3));
        x = dense(graph, "layer1", x, kFeatures, 8);
        x = graph.add("function1", model::Unary{function}, {x});
        x = dense(graph, "layer2", x, 8, classes);
        x = graph.add("scores", model::Softmax{}, {x});
        return std::move(graph).classifier(x, names(classes));
    }

    /// Convolutions, one of them depthwise and with a stride, a pool, and a dense layer.
    model::Model convolutional(bool channelsFirst)
    {
        const model::Layout layout = channelsFirst ? model::Layout::ChannelsFirst : model::Layout::ChannelsLast;
        model::GraphBuilder graph(2 * 5 * 6);
        const auto weightShape = [&](qint64 out, qint64 in, qint64 height, qint64 width) {
            return channelsFirst ? model::Shape{out, in, height, width} : model::Shape{out, height, width, in};
        };
        std::string x = reshaped(graph, "image", graph.input(),
                                 channelsFirst ? std::vector<qint64>{-1, 2, 5, 6} : std::vector<qint64>{-1, 5, 6, 2});
        model::Conv first;
        first.layout = layout;
        first.window.padding = channelsFirst ? model::Padding::Explicit : model::Padding::SameUpper;
        if (channelsFirst)
            first.window.padsBegin = first.window.padsEnd = {1, 1};
        x = graph.add("conv1", first,
                      {x, graph.constant("conv1/w", numbers(4 * 2 * 9), weightShape(4, 2, 3, 3)),
                       graph.constant("conv1/b", numbers(4), {4})});
        x = graph.add("relu1", model::Unary{model::UnaryKind::Relu}, {x});
        model::Conv second; // 5 x 6 to 3 x 3
        second.layout = layout;
        second.groups = 4;
        second.window.strides = {2, 2};
        second.window.padsBegin = {1, 1};
        second.window.padsEnd = {1, 1};
        x = graph.add("conv2", second,
                      {x, graph.constant("conv2/w", numbers(4 * 9), weightShape(4, 1, 3, 3)),
                       graph.constant("conv2/b", numbers(4), {4})});
        model::Pool pool; // to 2 x 2
        pool.layout = layout;
        pool.kind = channelsFirst ? model::PoolKind::Maximum : model::PoolKind::Average;
        pool.kernel = {2, 2};
        x = graph.add("pool", pool, {x});
        x = graph.add("flat", model::Flatten{1}, {x});
        x = dense(graph, "scores", x, 16, 3);
        return std::move(graph).classifier(x, names(3));
    }

    /// A row of eight steps, steps first, through units with a state.
    model::Model recurrent(bool gru, int classes)
    {
        constexpr qint64 kSteps = 8, kChannels = 3, kUnits = 5;
        const qint64 rows = (gru ? 3 : 4) * kUnits;
        model::GraphBuilder graph(kSteps * kChannels);
        std::string x = reshaped(graph, "steps", graph.input(), {-1, kSteps, kChannels});
        x = graph.binary("centred", model::BinaryKind::Subtract, x, graph.constant("mean", numbers(3, 6, 10), {3}));
        x = graph.binary("scaled", model::BinaryKind::Multiply, x, graph.constant("factor", numbers(3, 0.1, 0.3), {3}));
        x = graph.add("turned", model::Transpose{{1, 0, 2}}, {x});
        model::Recurrent layer;
        layer.kind = gru ? model::RecurrentKind::Gru : model::RecurrentKind::Lstm;
        layer.hidden = kUnits;
        layer.linearBeforeReset = gru;
        layer.activations = {{model::UnaryKind::Sigmoid}, {model::UnaryKind::Tanh}, {model::UnaryKind::Tanh}};
        layer.activations.resize(gru ? 2 : 3);
        graph.add(layer,
                  {x, graph.constant("w", numbers(static_cast<std::size_t>(rows * kChannels)), {1, rows, kChannels}),
                   graph.constant("r", numbers(static_cast<std::size_t>(rows * kUnits)), {1, rows, kUnits}),
                   graph.constant("b", numbers(static_cast<std::size_t>(2 * rows)), {1, 2 * rows})},
                  {"states", "last"});
        x = dense(graph, "scores", reshaped(graph, "state", "last", {-1, kUnits}), kUnits, classes);
        return std::move(graph).classifier(x, names(classes));
    }

    /// A row with its channels last, turned for what wants them first.
    model::Model turned()
    {
        model::GraphBuilder graph(2 * 3 * 4);
        std::string x = reshaped(graph, "image", graph.input(), {-1, 3, 4, 2});
        x = graph.add("channels-first", model::Transpose{{0, 3, 1, 2}}, {x});
        x = graph.add("flat", model::Flatten{1}, {x});
        return std::move(graph).classifier(dense(graph, "scores", x, 24, 3), names(3));
    }

private:
    std::string dense(model::GraphBuilder& graph, const std::string& name, const std::string& x, int in, int out)
    {
        return graph.add(name, model::Gemm{1.0f, 1.0f, false, true},
                         {x, graph.constant(name + "/w", numbers(static_cast<std::size_t>(in * out)), {out, in}),
                          graph.constant(name + "/b", numbers(static_cast<std::size_t>(out)), {out})});
    }
};

/// One of every kind.
inline std::vector<ClassicSample> classicSamples()
{
    using model::KernelKind;
    using model::PostTransform;
    using model::UnaryKind;
    SmallNetworks make(77);
    std::vector<ClassicSample> all;
    all.push_back({"logistic regression", make.linear(PostTransform::Softmax, 3)});
    all.push_back({"two classes by one score", make.linear(PostTransform::Logistic, 1)});
    all.push_back({"ridge", make.linear(PostTransform::None, 4)});
    all.push_back({"linear regression", make.linearRegressor()});
    all.push_back({"naive bayes", make.bayes(3)});
    all.push_back({"svm of equal scales", make.svmClassifier(KernelKind::Rbf, 4, true)});
    all.push_back({"svm of other scales", make.svmClassifier(KernelKind::Rbf, 3, false)});
    all.push_back({"svm of two classes", make.svmClassifier(KernelKind::Rbf, 2, true)});
    all.push_back({"polynomial svm", make.svmClassifier(KernelKind::Polynomial, 2, true)});
    all.push_back({"linear svm", make.svmClassifier(KernelKind::Linear, 3, false)});
    all.push_back({"one class svm", make.oneClass()});
    all.push_back({"svm regression", make.svmRegressor()});
    all.push_back({"relevance vectors", make.relevance(3)});
    all.push_back({"nearest neighbours", make.neighbours(3, false)});
    all.push_back({"city blocks", make.neighbours(4, true)});
    all.push_back({"prototypes", make.prototypes(3)});
    all.push_back({"diagonal mixture", make.mixture(3, false)});
    all.push_back({"full mixture", make.mixture(2, true)});
    all.push_back({"k means", make.centres(3)});
    all.push_back({"relu network", make.perceptron(UnaryKind::Relu, 4)});
    all.push_back({"tanh network", make.perceptron(UnaryKind::Tanh, 3)});
    all.push_back({"sigmoid network", make.perceptron(UnaryKind::Sigmoid, 2)});
    all.push_back({"convolutions", make.convolutional(true)});
    all.push_back({"convolutions channels last", make.convolutional(false)});
    all.push_back({"gated units", make.recurrent(true, 3)});
    all.push_back({"long memory", make.recurrent(false, 3)});
    all.push_back({"turned image", make.turned()});
    all.push_back({"whole neighbours", make.wholeNeighbours(3, false, true), true});
    all.push_back({"whole city blocks", make.wholeNeighbours(4, true, true), true});
    all.push_back({"scaled neighbours", make.wholeNeighbours(3, false, false), true});
    all.push_back({"uneven mixture", make.mixture(3, false, true), true});
    all.push_back({"whole relevance vectors", make.relevance(3, true), true});
    all.push_back({"near neighbours", make.nearNeighbours(3, false, true), true});
    all.push_back({"near city blocks", make.nearNeighbours(4, true, true), true});
    all.push_back({"scaled near neighbours", make.nearNeighbours(3, false, false), true});
    all.push_back({"one centre", make.centreDetector(1), true});
    all.push_back({"some centres", make.centreDetector(4), true});
    all.push_back({"one density", make.densityDetector(1, false), true});
    all.push_back({"some densities", make.densityDetector(3, false), true});
    all.push_back({"elliptic envelope", make.densityDetector(1, true), true});
    return all;
}

/// One of every kind that learns on a board, with classes that whole rows from 0 to 16 are about.
inline std::vector<ClassicSample> learningSamples()
{
    using model::PostTransform;
    ClassicModels make(78);
    std::vector<ClassicSample> all;
    all.push_back({"learning neighbours", make.wholeNeighbours(3, false, true)});
    all.push_back({"learning city blocks", make.wholeNeighbours(4, true, true)});
    all.push_back({"learning scaled neighbours", make.wholeNeighbours(3, false, false)});
    all.push_back({"learning bayes", make.bayes(3)});
    all.push_back({"learning centroids", make.centroids(4)});
    all.push_back({"learning mixture", make.mixture(3, false)});
    all.push_back({"learning uneven mixture", make.mixture(3, false, true)});
    all.push_back({"learning logistic", make.linear(PostTransform::Softmax, 3)});
    all.push_back({"learning ridge", make.linear(PostTransform::None, 4)});
    return all;
}

/// Rows that classicSamples() are about: `whole` numbers from 0 to 16, or anything between.
inline std::vector<float> classicRows(const model::Model& model, int rows, bool whole, quint32 seed)
{
    ClassicModels make(seed);
    const auto columns = static_cast<std::size_t>(model.graph.inputs.front().shape.back());
    const std::size_t count = static_cast<std::size_t>(rows) * columns;
    return whole ? make.whole(count, 0, 16) : make.numbers(count, 0, 16);
}

} // namespace ember::codegen::test
