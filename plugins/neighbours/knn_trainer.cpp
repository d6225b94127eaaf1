// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/graph_builder.h"
#include "plugins/common/function_trainer.h"
#include "plugins/common/parameters.h"
#include "plugins/neighbours/condense.h"
#include "plugins/neighbours/neighbours_trainers.h"

#include <algorithm>
#include <numeric>

namespace ember::neighbours {

using common::Matrix;
using common::PresentClasses;
using common::Scaling;
using model::BinaryKind;
using model::GraphBuilder;
using plugin::TrainingView;

namespace {

// Added to a distance before it is turned around: a neighbour at no distance outweighs all others.
constexpr float kNoDistance = 1e-6f;

std::string addDistances(GraphBuilder& graph, const std::string& x, const Matrix& points, bool manhattan)
{
    const auto width = static_cast<std::size_t>(points.cols());
    if (!manhattan)
        return graph.squaredDistances("distance", x, common::floats(points), width);
    const std::string axis = graph.constant("row/axis", std::vector<qint64>{1}, {1});
    const std::string row = graph.add("row", model::Unsqueeze{}, {x, axis});
    const std::string difference =
        graph.binary("difference", BinaryKind::Subtract, row,
                     graph.constant("points", common::floats(points), {points.rows(), points.cols()}));
    return graph.add("distance", model::Reduce{model::ReduceKind::L1, {2}, false, false}, {difference});
}

// Shares of the neighbours' weights [rows, k, 1]: nearer ones weigh more.
std::string addWeights(GraphBuilder& graph, const std::string& distances, bool squared)
{
    const std::string length =
        squared ? graph.add("nearest/length", model::Unary{model::UnaryKind::Sqrt}, {distances}) : distances;
    const std::string shifted = graph.binary("nearest/shifted", BinaryKind::Add, length,
                                             graph.constant("no-distance", std::vector<float>{kNoDistance}, {1}));
    const std::string inverse = graph.add("nearest/inverse", model::Unary{model::UnaryKind::Reciprocal}, {shifted});
    const std::string axis = graph.constant("sum/axis", std::vector<qint64>{1}, {1});
    const std::string sum =
        graph.add("nearest/sum", model::Reduce{model::ReduceKind::Sum, {}, true, false}, {inverse, axis});
    const std::string share = graph.binary("nearest/share", BinaryKind::Divide, inverse, sum);
    const std::string last = graph.constant("weights/axis", std::vector<qint64>{2}, {1});
    return graph.add("weights", model::Unsqueeze{}, {share, last});
}

// Mean over the neighbours of what they answer [rows, k, width], weighted or not.
std::string addMean(GraphBuilder& graph, const std::string& name, const std::string& answers,
                    const std::string& weights)
{
    if (weights.empty())
        return graph.add(name, model::Reduce{model::ReduceKind::Mean, {1}, false, false}, {answers});
    const std::string weighted = graph.binary("answers/weighted", BinaryKind::Multiply, answers, weights);
    const std::string axis = graph.constant("answers/axis", std::vector<qint64>{1}, {1});
    return graph.add(name, model::Reduce{model::ReduceKind::Sum, {}, false, false}, {weighted, axis});
}

struct Neighbours
{
    std::string indices; ///< [rows, k]
    std::string weights; ///< [rows, k, 1]; empty: all the same
};

Neighbours addNeighbours(GraphBuilder& graph, const std::string& x, const Matrix& points, const QVariantMap& parameters)
{
    const bool manhattan = common::choice(parameters, "metric") == QLatin1String("manhattan");
    const qint64 k = std::min<qint64>(common::integer(parameters, "k"), points.rows());
    const std::string distance = addDistances(graph, x, points, manhattan);
    const std::string count = graph.constant("k", std::vector<qint64>{k}, {1});
    graph.add(model::TopK{-1, false, model::TensorType::Int64}, {distance, count}, {"nearest", "nearest/index"});
    Neighbours neighbours{"nearest/index", {}};
    if (common::choice(parameters, "weights") == QLatin1String("distance"))
        neighbours.weights = addWeights(graph, "nearest", !manhattan);
    return neighbours;
}

Matrix chosenRows(const Matrix& rows, const std::vector<Eigen::Index>& kept)
{
    Matrix points(static_cast<Eigen::Index>(kept.size()), rows.cols());
    for (std::size_t i = 0; i < kept.size(); ++i)
        points.row(static_cast<Eigen::Index>(i)) = rows.row(kept[i]);
    return points;
}

model::Model regressorOf(const TrainingView& data, GraphBuilder graph, const std::string& x, const Matrix& rows,
                         const QVariantMap& parameters)
{
    const Neighbours neighbours = addNeighbours(graph, x, rows, parameters);
    const std::string targets =
        graph.constant("targets", std::vector<float>(data.targets.begin(), data.targets.end()), {rows.rows(), 1});
    const std::string answers = graph.add("answers", model::Gather{0}, {targets, neighbours.indices});
    const std::string value = addMean(graph, "value", answers, neighbours.weights);
    return std::move(graph).regressor(value, {{}, data.featureNames});
}

} // namespace

plugin::TrainerInfo knnInfo()
{
    plugin::TrainerInfo info;
    info.id = QStringLiteral("neighbours.knn");
    info.name = QStringLiteral("k nearest neighbours");
    info.summary = QStringLiteral("The most similar recorded rows vote.");
    info.whenToUse = QStringLiteral("When rows are few, or classes are to be added by recording alone; the model is as "
                                    "large as its rows, condensed or not.");
    info.tasks = {plugin::Task::Classification, plugin::Task::Regression};
    info.parameters = {
        common::integerParameter("k", 5, 1, 1000, "Neighbours",
                                 "Rows that vote; more are less fooled by noise and blur small classes."),
        common::choiceParameter("metric", {QStringLiteral("euclidean"), QStringLiteral("manhattan")}, "Metric",
                                "Squares of differences, or their sizes, which need no multiplications."),
        common::choiceParameter("weights", {QStringLiteral("uniform"), QStringLiteral("distance")}, "Weights",
                                "Whether nearer rows weigh more."),
        common::choiceParameter("condense", {QStringLiteral("none"), QStringLiteral("hart")}, "Condense",
                                "hart keeps only the rows that a single neighbour needs to know all others: a much "
                                "smaller model, best with k=1. For classes only."),
        common::standardiseParameter()};
    return info;
}

Result<model::Model> trainKnn(const TrainingView& data, const QVariantMap& parameters,
                              const plugin::TrainingContext& context)
{
    GraphBuilder graph(data.columns);
    Matrix rows = common::rowsOf(data);
    std::string x = graph.input();
    if (common::boolean(parameters, "standardise")) {
        const Scaling scaling = Scaling::standard(rows);
        rows = scaling.apply(rows);
        x = graph.scaled(common::floats(scaling.mean), common::floats(scaling.scale));
    }
    if (common::taskOf(data) == plugin::Task::Regression)
        return regressorOf(data, std::move(graph), x, rows, parameters);
    std::vector<qint64> labels(data.labels.begin(), data.labels.end());
    if (common::choice(parameters, "condense") == QLatin1String("hart")) {
        report(context.progress, QStringLiteral("Condensing"));
        const std::vector<Eigen::Index> kept =
            condensed(rows, PresentClasses::of(data).labels, context.seed, context.cancel);
        if (context.cancel.isCancelled())
            return common::cancelled();
        rows = chosenRows(rows, kept);
        labels.clear();
        for (const Eigen::Index row : kept)
            labels.push_back(data.labels[static_cast<std::size_t>(row)]);
    }
    const Neighbours neighbours = addNeighbours(graph, x, rows, parameters);
    const std::string known = graph.constant("points/class", labels, {rows.rows()});
    const std::string classes = graph.add("nearest/class", model::Gather{0}, {known, neighbours.indices});
    const std::string count = graph.constant("classes", std::vector<qint64>{data.classNames.size()}, {1});
    const std::string zeroOne = graph.constant("zero-one", std::vector<float>{0, 1}, {2});
    const std::string votes = graph.add("votes", model::OneHot{-1}, {classes, count, zeroOne});
    const std::string scores = addMean(graph, "scores", votes, neighbours.weights);
    return std::move(graph).classifier(scores, {data.classNames, data.featureNames});
}

} // namespace ember::neighbours
