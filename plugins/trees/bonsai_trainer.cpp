// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/trees/bonsai_trainer.h"

#include "core/model/graph_builder.h"
#include "plugins/common/parameters.h"

namespace ember::trees {

using common::Matrix;
using common::PresentClasses;
using common::Scaling;
using common::Vector;

namespace {

constexpr float kSteep = 1e20f; // makes a step of a clamp: only decisions nearer to zero than 1e-20 lie between

using model::BinaryKind;
using model::GraphBuilder;
using model::Unary;
using model::UnaryKind;

// weights x + bias with weights [outputs, inputs].
std::string dense(GraphBuilder& to, const std::string& name, const std::string& x, const Matrix& weights,
                  const Vector& bias)
{
    return to.add(name, model::Gemm{1.0f, 1.0f, false, true},
                  {x, to.constant(name + "/weights", common::floats(weights), {weights.rows(), weights.cols()}),
                   to.constant(name + "/bias", common::floats(bias), {weights.rows()})});
}

// The last column meets the constant one.
std::string affine(GraphBuilder& to, const std::string& name, const std::string& z, const Matrix& weights)
{
    return dense(to, name, z, weights.leftCols(weights.cols() - 1), weights.rightCols(1));
}

// 1 for each node on the path, 0 for the others: a node is there when as many turns as lead to it are right. `turns` is
// 1 for right.
std::string pathOf(GraphBuilder& to, const std::string& turns, Eigen::Index inner)
{
    const Eigen::Index nodes = 2 * inner + 1;
    Matrix weights = Matrix::Zero(nodes, inner);
    Vector bias = Vector::Ones(nodes);
    for (Eigen::Index k = 1; k < nodes; ++k) {
        const Eigen::Index parent = (k - 1) / 2;
        const bool right = k % 2 == 0;
        weights.row(k) = weights.row(parent);
        weights(k, parent) = right ? 1 : -1;
        bias[k] = bias[parent] - (right ? 1 : 0);
    }
    return to.add("path", Unary{UnaryKind::Relu}, {dense(to, "path/count", turns, weights, bias)});
}

std::string turnsOf(GraphBuilder& to, const std::string& decisions)
{
    const std::string steep = to.binary("turns/steep", BinaryKind::Multiply, decisions,
                                        to.constant("turns/factor", std::vector<float>{kSteep}, {1}));
    const std::string low = to.add("turns/rectified", Unary{UnaryKind::Relu}, {steep});
    return to.binary("turns", BinaryKind::Minimum, low, to.constant("turns/one", std::vector<float>{1.0f}, {1}));
}

// A class without rows keeps its place and never wins.
std::string withAbsentClasses(GraphBuilder& to, const std::string& scores, const PresentClasses& classes)
{
    if (classes.count() == classes.total)
        return scores;
    Matrix spread = Matrix::Zero(classes.total, classes.count());
    Vector bias = Vector::Constant(classes.total, common::kNeverWins);
    for (int c = 0; c < classes.count(); ++c) {
        const qint32 k = classes.classes[static_cast<std::size_t>(c)];
        spread(k, c) = 1;
        bias[k] = 0;
    }
    return dense(to, "scores/all", scores, spread, bias);
}

} // namespace

model::Model bonsaiModel(const Bonsai& tree, const Scaling& scaling, const PresentClasses& classes,
                         const plugin::TrainingView& data)
{
    GraphBuilder to(data.columns);
    const Matrix projection = tree.projection.array().rowwise() * scaling.scale.array();
    const std::string z = dense(to, "projected", to.input(), projection, -projection * scaling.mean.transpose());
    const std::string said = affine(to, "said", z, tree.weights);
    const std::string gates =
        to.add("gates", Unary{UnaryKind::Tanh}, {affine(to, "gates/inside", z, tree.sigma * tree.gates)});
    std::string nodes = to.binary("nodes", BinaryKind::Multiply, said, gates);
    const qint64 nodeCount = tree.nodes(), classCount = tree.classes();
    nodes = to.add("nodes/classes", model::Reshape{},
                   {nodes, to.constant("nodes/shape", std::vector<qint64>{-1, nodeCount, classCount}, {3})});
    const std::string path = pathOf(to, turnsOf(to, affine(to, "decisions", z, tree.branches)), tree.innerNodes());
    const std::string column =
        to.add("path/column", model::Unsqueeze{}, {path, to.constant("path/axis", std::vector<qint64>{2}, {1})});
    const std::string onPath = to.binary("nodes/on-path", BinaryKind::Multiply, nodes, column);
    const std::string scores = to.add("scores", model::Reduce{model::ReduceKind::Sum, {1}, false, false}, {onPath});
    return std::move(to).classifier(withAbsentClasses(to, scores, classes), {data.classNames, data.featureNames});
}

plugin::TrainerInfo bonsaiInfo()
{
    plugin::TrainerInfo info;
    info.id = QStringLiteral("trees.bonsai");
    info.name = QStringLiteral("Bonsai");
    info.summary = QStringLiteral("One shallow tree on few learnt dimensions, whose every node has a say.");
    info.whenToUse = QStringLiteral("When forests are too large for the board and a linear model is too simple.");
    info.tasks = {plugin::Task::Classification};
    info.parameters = {
        common::integerParameter("depth", 2, 1, 6, "Depth",
                                 "Questions on the way to a leaf; flash and time double with each."),
        common::integerParameter("dimensions", 10, 1, 256, "Dimensions",
                                 "Numbers left of a row after the projection; more keep more and cost memory."),
        common::realParameter("sigma", 1.0, 1e-3, 100.0, "Sigma", "How soon what a node says is cut off."),
        common::realParameter("penalty", 1e-4, 0.0, 1e6, "Penalty",
                              "How much large parameters cost; more makes a smoother model."),
        common::integerParameter("max-iterations", 400, 10, 100'000, "Iterations", "The most steps of the search."),
        common::standardiseParameter()};
    return info;
}

Result<model::Model> trainBonsai(const plugin::TrainingView& data, const QVariantMap& parameters,
                                 const plugin::TrainingContext& context)
{
    const Matrix plain = common::rowsOf(data);
    const Scaling scaling =
        common::boolean(parameters, "standardise") ? Scaling::standard(plain) : Scaling::none(plain.cols());
    const Matrix rows = scaling.apply(plain);
    const PresentClasses classes = PresentClasses::of(data);
    BonsaiOptions options;
    options.depth = common::integer(parameters, "depth");
    options.dimensions = common::integer(parameters, "dimensions");
    options.sigma = common::real(parameters, "sigma");
    options.maxIterations = common::integer(parameters, "max-iterations");
    options.seed = context.seed;
    const BonsaiProblem problem{rows, classes.labels, classes.count(), common::real(parameters, "penalty")};
    EMBER_TRY(const Bonsai fitted, fitBonsai(problem, options, context.progress, context.cancel));
    return bonsaiModel(fitted, scaling, classes, data);
}

} // namespace ember::trees
