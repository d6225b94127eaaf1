// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/graph_builder.h"

#include <QRandomGenerator>

#include <utility>
#include <vector>

// Classic models in the forms that trainers and other tools make, with random numbers.
namespace ember::codegen::test {

/// Numbers of one model after the other, the same for the same seed.
class ClassicModels
{
public:
    static constexpr int kFeatures = 6;

    explicit ClassicModels(quint32 seed)
        : m_random(seed)
    {}

    std::vector<float> numbers(std::size_t count, double low = -1, double high = 1)
    {
        std::vector<float> values(count);
        for (float& value : values)
            value = static_cast<float>(low + m_random.generateDouble() * (high - low));
        return values;
    }

    /// Whole numbers, as training rows of integer features are.
    std::vector<float> whole(std::size_t count, int low, int high)
    {
        std::vector<float> values(count);
        for (float& value : values)
            value = static_cast<float>(m_random.bounded(low, high + 1));
        return values;
    }

    static model::ModelNames names(int classes)
    {
        model::ModelNames names;
        for (int i = 0; i < classes; ++i)
            names.classes << QStringLiteral("class %1").arg(i);
        return names;
    }

    model::Model linear(model::PostTransform transform, qint64 targets)
    {
        model::GraphBuilder graph(kFeatures);
        model::LinearModel linear;
        linear.classifier = true;
        linear.targets = targets;
        linear.classes = targets == 1 ? 2 : targets;
        linear.coefficients = numbers(static_cast<std::size_t>(targets) * kFeatures);
        linear.intercepts = numbers(static_cast<std::size_t>(targets));
        linear.transform = transform;
        const qint64 classes = linear.classes;
        return std::move(graph).classifier(std::move(linear), graph.input(), classes, names(static_cast<int>(classes)));
    }

    model::Model linearRegressor()
    {
        model::GraphBuilder graph(kFeatures);
        model::LinearModel linear;
        linear.coefficients = numbers(kFeatures);
        linear.intercepts = numbers(1);
        return regressorOf(graph, std::move(linear));
    }

    /// Rows are around 0 to 16, whole numbers or not; some features hardly vary.
    model::Model bayes(int classes)
    {
        model::GraphBuilder graph(kFeatures);
        const auto count = static_cast<std::size_t>(classes) * kFeatures;
        std::vector<float> weights = numbers(count, 0.02, 0.5);
        std::vector<float> means = numbers(count, 0, 16);
        weights[3] = 2e6f;
        means[3] = 5;
        const model::Shape shape{classes, kFeatures};
        const std::string row = unsqueezed(graph, graph.input());
        const std::string difference =
            graph.binary("difference", model::BinaryKind::Subtract, row, graph.constant("mean", means, shape));
        const std::string squared = graph.binary("squared", model::BinaryKind::Multiply, difference, difference);
        const std::string weighted =
            graph.binary("weighted", model::BinaryKind::Multiply, squared, graph.constant("weight", weights, shape));
        const std::string sum = reduced(graph, "distance", model::ReduceKind::Sum, weighted);
        const std::string scores =
            graph.binary("scores", model::BinaryKind::Subtract,
                         graph.constant("constant", numbers(static_cast<std::size_t>(classes), -9, 0), {classes}), sum);
        return std::move(graph).classifier(scores, names(classes));
    }

    /// Support vectors are rows of whole numbers from 0 to 16 behind a scaler.
    model::SvmModel svm(model::KernelKind kernel, int classes, const std::vector<float>& mean,
                        const std::vector<float>& scale)
    {
        const int perClass = 9;
        model::SvmModel svm;
        svm.classifier = classes > 1;
        svm.kernel = kernel;
        svm.gamma = 0.2f;
        svm.coef0 = 0.5f;
        svm.degree = 3;
        svm.features = kFeatures;
        svm.classes = classes;
        const auto count = static_cast<std::size_t>(perClass * classes);
        svm.vectors = whole(count * kFeatures, 0, 16);
        for (std::size_t i = 0; i < svm.vectors.size(); ++i)
            svm.vectors[i] = (svm.vectors[i] - mean[i % kFeatures]) * scale[i % kFeatures];
        svm.coefficients = numbers(count * static_cast<std::size_t>(std::max(classes - 1, 1)), -2, 2);
        svm.vectorsPerClass.assign(static_cast<std::size_t>(classes), perClass);
        svm.rho = numbers(static_cast<std::size_t>(std::max(classes * (classes - 1) / 2, 1)));
        return svm;
    }

    model::Model svmClassifier(model::KernelKind kernel, int classes, bool alike)
    {
        model::GraphBuilder graph(kFeatures);
        const std::vector<float> mean = whole(kFeatures, 2, 12);
        const std::vector<float> scale = alike ? std::vector<float>(kFeatures, 0.25f) : numbers(kFeatures, 0.05, 0.4);
        const std::string x = graph.scaled(mean, scale);
        model::SvmModel machine = svm(kernel, classes, mean, scale);
        return std::move(graph).classifier(std::move(machine), x, classes == 2 ? 2 : classes * (classes - 1) / 2,
                                           names(classes));
    }

    model::Model oneClass()
    {
        model::GraphBuilder graph(kFeatures);
        const std::vector<float> mean(kFeatures, 8.0f);
        const std::vector<float> scale(kFeatures, 0.1f);
        const std::string x = graph.scaled(mean, scale);
        const std::string decision = graph.add("decision", svm(model::KernelKind::Rbf, 1, mean, scale), {x});
        return std::move(graph).detector(decision, {});
    }

    model::Model svmRegressor()
    {
        model::GraphBuilder graph(kFeatures);
        const std::vector<float> zero(kFeatures, 0.0f);
        return regressorOf(graph, svm(model::KernelKind::Sigmoid, 1, zero, std::vector<float>(kFeatures, 0.1f)));
    }

    /// Relevance vectors: distances, exponential, product, sum. Vectors are whole numbers or not.
    model::Model relevance(int classes, bool wholeVectors = false)
    {
        model::GraphBuilder graph(kFeatures);
        const std::string distance = graph.squaredDistances(
            "distance", graph.input(), wholeVectors ? whole(7 * kFeatures, 0, 16) : numbers(7 * kFeatures, 0, 16),
            kFeatures);
        const std::string exponent = graph.binary("exponent", model::BinaryKind::Multiply, distance,
                                                  graph.constant("slope", std::vector<float>{-0.01f}, {1}));
        const std::string kernel = graph.add("kernel", model::Unary{model::UnaryKind::Exp}, {exponent});
        const std::string sum = graph.add(
            "sum", model::MatMul{},
            {kernel, graph.constant("weights", numbers(7 * static_cast<std::size_t>(classes), -3, 3), {7, classes})});
        const std::string scores =
            graph.binary("scores", model::BinaryKind::Add, sum,
                         graph.constant("bias", numbers(static_cast<std::size_t>(classes)), {classes}));
        return std::move(graph).classifier(scores, names(classes));
    }

    /// Nearest neighbours: squared distances and shares of classes, or city blocks and votes weighted by nearness.
    model::Model neighbours(int classes, bool cityBlocks)
    {
        const int points = 12 * classes;
        const int k = 5;
        model::GraphBuilder graph(kFeatures);
        const std::vector<float> stored = numbers(static_cast<std::size_t>(points) * kFeatures, 0, 16);
        std::string distance;
        if (cityBlocks) {
            const std::string difference =
                graph.binary("difference", model::BinaryKind::Subtract, unsqueezed(graph, graph.input()),
                             graph.constant("points", stored, {points, kFeatures}));
            distance = graph.add("distance", model::Reduce{model::ReduceKind::L1, {2}, false, false}, {difference});
        } else {
            distance = graph.squaredDistances("distance", graph.input(), stored, kFeatures);
        }
        graph.add(model::TopK{-1, false, model::TensorType::Int64},
                  {distance, graph.constant("k", std::vector<qint64>{k}, {1})}, {"nearest", "nearest/index"});
        std::vector<qint64> labels;
        for (int i = 0; i < points; ++i)
            labels.push_back(m_random.bounded(classes));
        const std::string known = graph.add("nearest/class", model::Gather{0},
                                            {graph.constant("points/class", labels, {points}), "nearest/index"});
        const std::string votes = graph.add("votes", model::OneHot{-1},
                                            {known, graph.constant("classes", std::vector<qint64>{classes}, {1}),
                                             graph.constant("zero-one", std::vector<float>{0, 1}, {2})});
        if (!cityBlocks) {
            const std::string scores =
                graph.add("scores", model::Reduce{model::ReduceKind::Mean, {1}, false, false}, {votes});
            return std::move(graph).classifier(scores, names(classes));
        }
        const std::string inverse = graph.add("inverse", model::Unary{model::UnaryKind::Reciprocal}, {"nearest"});
        const std::string weights = graph.add("weights", model::Unsqueeze{},
                                              {inverse, graph.constant("weights/axis", std::vector<qint64>{2}, {1})});
        const std::string weighted = graph.binary("weighted", model::BinaryKind::Multiply, votes, weights);
        const std::string scores = reduced(graph, "scores", model::ReduceKind::Sum, weighted, 1);
        return std::move(graph).classifier(scores, names(classes));
    }

    /// Nearest neighbours whose stored rows are whole numbers, behind a scaler that weighs features alike or not.
    model::Model wholeNeighbours(int classes, bool cityBlocks, bool alike)
    {
        const int points = 12 * classes;
        model::GraphBuilder graph(kFeatures);
        const std::vector<float> mean = whole(kFeatures, 2, 12);
        const std::vector<float> scale = alike ? std::vector<float>(kFeatures, 0.25f) : numbers(kFeatures, 0.05, 0.4);
        const std::string x = graph.scaled(mean, scale);
        std::vector<float> stored = whole(static_cast<std::size_t>(points) * kFeatures, -3, 16);
        for (std::size_t i = 0; i < stored.size(); ++i)
            stored[i] = (stored[i] - mean[i % kFeatures]) * scale[i % kFeatures];
        const std::string distance = cityBlocks ? cityBlockDistances(graph, x, stored, points)
                                                : graph.squaredDistances("distance", x, stored, kFeatures);
        graph.add(model::TopK{-1, false, model::TensorType::Int64},
                  {distance, graph.constant("k", std::vector<qint64>{3}, {1})}, {"nearest", "nearest/index"});
        std::vector<qint64> labels;
        for (int i = 0; i < points; ++i)
            labels.push_back(m_random.bounded(classes));
        const std::string known = graph.add("nearest/class", model::Gather{0},
                                            {graph.constant("points/class", labels, {points}), "nearest/index"});
        const std::string votes = graph.add("votes", model::OneHot{-1},
                                            {known, graph.constant("classes", std::vector<qint64>{classes}, {1}),
                                             graph.constant("zero-one", std::vector<float>{0, 1}, {2})});
        const std::string scores =
            graph.add("scores", model::Reduce{model::ReduceKind::Mean, {1}, false, false}, {votes});
        return std::move(graph).classifier(scores, names(classes));
    }

    /// Nearest neighbours that are whole numbers, whose votes weigh by nearness, as the trainer makes them.
    model::Model nearNeighbours(int classes, bool cityBlocks, bool alike)
    {
        const int points = 12 * classes;
        model::GraphBuilder graph(kFeatures);
        const std::vector<float> mean = whole(kFeatures, 2, 12);
        const std::vector<float> scale = alike ? std::vector<float>(kFeatures, 0.25f) : numbers(kFeatures, 0.05, 0.4);
        const std::string x = graph.scaled(mean, scale);
        std::vector<float> stored = whole(static_cast<std::size_t>(points) * kFeatures, -3, 16);
        for (std::size_t i = 0; i < stored.size(); ++i)
            stored[i] = (stored[i] - mean[i % kFeatures]) * scale[i % kFeatures];
        const std::string distance = cityBlocks ? cityBlockDistances(graph, x, stored, points)
                                                : graph.squaredDistances("distance", x, stored, kFeatures);
        graph.add(model::TopK{-1, false, model::TensorType::Int64},
                  {distance, graph.constant("k", std::vector<qint64>{5}, {1})}, {"nearest", "nearest/index"});
        const std::string length =
            cityBlocks ? "nearest" : graph.add("length", model::Unary{model::UnaryKind::Sqrt}, {"nearest"});
        const std::string shifted = graph.binary("shifted", model::BinaryKind::Add, length,
                                                 graph.constant("no-distance", std::vector<float>{1e-6f}, {1}));
        const std::string inverse = graph.add("inverse", model::Unary{model::UnaryKind::Reciprocal}, {shifted});
        const std::string sum = graph.add("sum", model::Reduce{model::ReduceKind::Sum, {}, true, false},
                                          {inverse, graph.constant("sum/axis", std::vector<qint64>{1}, {1})});
        const std::string share = graph.binary("share", model::BinaryKind::Divide, inverse, sum);
        const std::string weights = graph.add("weights", model::Unsqueeze{},
                                              {share, graph.constant("weights/axis", std::vector<qint64>{2}, {1})});
        std::vector<qint64> labels;
        for (int i = 0; i < points; ++i)
            labels.push_back(m_random.bounded(classes));
        const std::string known = graph.add("nearest/class", model::Gather{0},
                                            {graph.constant("points/class", labels, {points}), "nearest/index"});
        const std::string votes = graph.add("votes", model::OneHot{-1},
                                            {known, graph.constant("classes", std::vector<qint64>{classes}, {1}),
                                             graph.constant("zero-one", std::vector<float>{0, 1}, {2})});
        const std::string weighted = graph.binary("weighted", model::BinaryKind::Multiply, votes, weights);
        return std::move(graph).classifier(reduced(graph, "scores", model::ReduceKind::Sum, weighted, 1),
                                           names(classes));
    }

    /// Prototypes behind a projection.
    model::Model prototypes(int classes)
    {
        model::GraphBuilder graph(kFeatures);
        const std::string projected =
            graph.add("projected", model::Gemm{},
                      {graph.input(), graph.constant("projection", numbers(kFeatures * 3), {kFeatures, 3}),
                       graph.constant("offset", numbers(3), {3})});
        const std::string distance = graph.squaredDistances("distance", projected, numbers(5 * 3, -8, 8), 3);
        const std::string exponent = graph.add("exponent", model::Unary{model::UnaryKind::Negate}, {distance});
        const std::string kernel = graph.add("kernel", model::Unary{model::UnaryKind::Exp}, {exponent});
        const std::string scores = graph.add(
            "scores", model::Gemm{},
            {kernel, graph.constant("shares", numbers(5 * static_cast<std::size_t>(classes), 0, 1), {5, classes}),
             graph.constant("bias", numbers(static_cast<std::size_t>(classes), 0, 0.001), {classes})});
        return std::move(graph).classifier(scores, names(classes));
    }

    /// Two Gaussians for each class, with full or diagonal covariances; `uneven`: the last class has only one.
    model::Model mixture(int classes, bool full, bool uneven = false)
    {
        const qint64 count = 2 * classes;
        model::GraphBuilder graph(kFeatures);
        std::string distance;
        if (full) {
            const std::string flat =
                graph.add("flat", model::Gemm{},
                          {graph.input(),
                           graph.constant("whitening",
                                          numbers(static_cast<std::size_t>(kFeatures * count * kFeatures), -0.2, 0.2),
                                          {kFeatures, count * kFeatures}),
                           graph.constant("offset", numbers(static_cast<std::size_t>(count * kFeatures), -2, 2),
                                          {count * kFeatures})});
            const std::string whitened = reshaped(graph, "whitened", flat, {-1, count, kFeatures});
            distance =
                graph.add("distance", model::Reduce{model::ReduceKind::SumSquare, {2}, false, false}, {whitened});
        } else {
            const model::Shape shape{count, kFeatures};
            const auto elements = static_cast<std::size_t>(count * kFeatures);
            const std::string difference =
                graph.binary("difference", model::BinaryKind::Subtract, unsqueezed(graph, graph.input()),
                             graph.constant("means", numbers(elements, 0, 16), shape));
            const std::string whitened = graph.binary("whitened", model::BinaryKind::Multiply, difference,
                                                      graph.constant("scales", numbers(elements, 0.05, 0.5), shape));
            distance =
                graph.add("distance", model::Reduce{model::ReduceKind::SumSquare, {2}, false, false}, {whitened});
        }
        std::vector<float> constants = numbers(static_cast<std::size_t>(count), -3, 0);
        if (uneven)
            constants.back() = -1e30f;
        const std::string joint = graph.binary("joint", model::BinaryKind::Subtract,
                                               graph.constant("constant", constants, {count}), distance);
        const std::string grouped = reshaped(graph, "grouped", joint, {-1, classes, 2});
        const std::string scores =
            graph.add("scores", model::Reduce{model::ReduceKind::LogSumExp, {2}, false, false}, {grouped});
        return std::move(graph).classifier(scores, names(classes));
    }

    /// The nearest of one centre for each class, behind a scaler: what learns on a board as a centroid.
    model::Model centroids(int classes)
    {
        model::GraphBuilder graph(kFeatures);
        const std::string x = graph.scaled(numbers(kFeatures, 6, 10), numbers(kFeatures, 0.15, 0.35));
        const std::string distance = graph.squaredDistances(
            "distance", x, numbers(static_cast<std::size_t>(classes) * kFeatures, -1.5, 1.5), kFeatures);
        const std::string scores = graph.add("scores", model::Unary{model::UnaryKind::Negate}, {distance});
        return std::move(graph).classifier(scores, names(classes));
    }

    /// The nearest of two centres for each class.
    model::Model centres(int classes)
    {
        model::GraphBuilder graph(kFeatures);
        const std::string distance = graph.squaredDistances(
            "distance", graph.input(), numbers(static_cast<std::size_t>(2 * classes) * kFeatures, 0, 16), kFeatures);
        const std::string grouped = reshaped(graph, "grouped", distance, {-1, classes, 2});
        const std::string nearest =
            graph.add("nearest", model::Reduce{model::ReduceKind::Minimum, {2}, false, false}, {grouped});
        const std::string scores = graph.add("scores", model::Unary{model::UnaryKind::Negate}, {nearest});
        return std::move(graph).classifier(scores, names(classes));
    }

    /// A row is normal where it is near enough to one of some centres.
    model::Model centreDetector(int count)
    {
        model::GraphBuilder graph(kFeatures);
        const std::string x = graph.scaled(numbers(kFeatures, 6, 10), numbers(kFeatures, 0.1, 0.3));
        std::string distance = graph.squaredDistances(
            "distance", x, numbers(static_cast<std::size_t>(count) * kFeatures, -2, 2), kFeatures);
        if (count > 1) {
            distance = reshaped(graph, "grouped", distance, {-1, 1, count});
            distance = graph.add("nearest", model::Reduce{model::ReduceKind::Minimum, {2}, false, false}, {distance});
        }
        const std::string nearness = graph.add("nearness", model::Unary{model::UnaryKind::Negate}, {distance});
        return detectorOf(graph, nearness, -6.3f);
    }

    /// A row is normal where one Gaussian, or the sum of some, is dense enough.
    model::Model densityDetector(int count, bool full)
    {
        model::GraphBuilder graph(kFeatures);
        const auto elements = static_cast<std::size_t>(count * kFeatures);
        std::string distance;
        if (full) {
            const std::string flat = graph.add(
                "flat", model::Gemm{},
                {graph.input(),
                 graph.constant("whitening", numbers(elements * kFeatures, -0.2, 0.2), {kFeatures, count * kFeatures}),
                 graph.constant("offset", numbers(elements, -2, 2), {count * kFeatures})});
            distance = reshaped(graph, "whitened", flat, {-1, count, kFeatures});
        } else {
            const std::string difference =
                graph.binary("difference", model::BinaryKind::Subtract, unsqueezed(graph, graph.input()),
                             graph.constant("means", numbers(elements, 4, 12), {count, kFeatures}));
            distance = graph.binary("whitened", model::BinaryKind::Multiply, difference,
                                    graph.constant("scales", numbers(elements, 0.05, 0.5), {count, kFeatures}));
        }
        distance = graph.add("distance", model::Reduce{model::ReduceKind::SumSquare, {2}, false, false}, {distance});
        std::string density = graph.binary(
            "joint", model::BinaryKind::Subtract,
            graph.constant("constant", numbers(static_cast<std::size_t>(count), -3, 0), {count}), distance);
        if (count > 1) {
            density = reshaped(graph, "grouped", density, {-1, 1, count});
            density = graph.add("density", model::Reduce{model::ReduceKind::LogSumExp, {2}, false, false}, {density});
        }
        return detectorOf(graph, density, -9.4f);
    }

protected:
    static model::Model detectorOf(model::GraphBuilder& graph, const std::string& score, float threshold)
    {
        const std::string decision = graph.binary("decision", model::BinaryKind::Subtract, score,
                                                  graph.constant("threshold", std::vector<float>{threshold}, {1}));
        return std::move(graph).detector(decision, {});
    }

    static std::string cityBlockDistances(model::GraphBuilder& graph, const std::string& x,
                                          const std::vector<float>& stored, qint64 points)
    {
        const std::string difference = graph.binary("difference", model::BinaryKind::Subtract, unsqueezed(graph, x),
                                                    graph.constant("points", stored, {points, kFeatures}));
        return graph.add("distance", model::Reduce{model::ReduceKind::L1, {2}, false, false}, {difference});
    }

    static std::string unsqueezed(model::GraphBuilder& graph, const std::string& x)
    {
        return graph.add("row", model::Unsqueeze{}, {x, graph.constant("row/axis", std::vector<qint64>{1}, {1})});
    }

    static std::string reduced(model::GraphBuilder& graph, const std::string& name, model::ReduceKind kind,
                               const std::string& x, qint64 axis = 2)
    {
        return graph.add(name, model::Reduce{kind, {}, false, false},
                         {x, graph.constant(name + "/axis", std::vector<qint64>{axis}, {1})});
    }

    static std::string reshaped(model::GraphBuilder& graph, const std::string& name, const std::string& x,
                                const std::vector<qint64>& shape)
    {
        const auto rank = static_cast<qint64>(shape.size());
        return graph.add(name, model::Reshape{}, {x, graph.constant(name + "/shape", shape, {rank})});
    }

    template <typename Operation>
    static model::Model regressorOf(model::GraphBuilder& graph, Operation operation)
    {
        const std::string value = graph.add("value", std::move(operation), {graph.input()});
        return std::move(graph).regressor(value, {});
    }

private:
    QRandomGenerator m_random;
};

} // namespace ember::codegen::test
