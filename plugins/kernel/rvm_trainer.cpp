// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/graph_builder.h"
#include "plugins/common/function_trainer.h"
#include "plugins/common/parameters.h"
#include "plugins/common/random.h"
#include "plugins/kernel/kernel_trainers.h"
#include "plugins/kernel/rvm.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace ember::kernel {

using common::Matrix;
using common::PresentClasses;
using common::Scaling;
using common::Vector;

namespace {

struct Machine
{
    Matrix centres; ///< candidates
    double gamma = 1;
    std::vector<SparseWeights> machines; ///< one per score
};

// A random choice of rows as candidates for the vectors, in the order of the rows.
Matrix drawCentres(const Matrix& rows, int most, quint64 seed)
{
    std::vector<Eigen::Index> order(static_cast<std::size_t>(rows.rows()));
    std::iota(order.begin(), order.end(), Eigen::Index(0));
    common::Random random(seed);
    random.shuffle(order);
    order.resize(std::min(order.size(), static_cast<std::size_t>(most)));
    std::sort(order.begin(), order.end());
    Matrix centres(static_cast<Eigen::Index>(order.size()), rows.cols());
    for (std::size_t i = 0; i < order.size(); ++i)
        centres.row(static_cast<Eigen::Index>(i)) = rows.row(order[i]);
    return centres;
}

double gammaFor(const Matrix& rows, double given)
{
    if (given > 0)
        return given;
    const double variance = (rows.array() - rows.mean()).square().mean();
    return variance > 0 ? 1.0 / (static_cast<double>(rows.cols()) * variance) : 1.0;
}

// The vectors that any of the machines keeps, once, with a column of weights for each score.
struct Network
{
    std::vector<float> points;
    Matrix weights; ///< points x scores
    Vector bias;
};

Network networkOf(const Machine& machine)
{
    const Eigen::Index constant = machine.centres.rows();
    std::map<Eigen::Index, Eigen::Index> place; // of a candidate among the points
    for (const SparseWeights& one : machine.machines) {
        for (const Eigen::Index column : one.columns) {
            if (column != constant)
                place.emplace(column, 0);
        }
    }
    if (place.empty())
        place.emplace(0, 0); // a graph without points is none
    Matrix points(static_cast<Eigen::Index>(place.size()), machine.centres.cols());
    Eigen::Index next = 0;
    for (auto& [column, at] : place) {
        at = next++;
        points.row(at) = machine.centres.row(column);
    }
    Network network;
    network.points = common::floats(points);
    const auto scores = static_cast<Eigen::Index>(machine.machines.size());
    network.weights = Matrix::Zero(points.rows(), scores);
    network.bias = Vector::Zero(scores);
    for (Eigen::Index s = 0; s < scores; ++s) {
        const SparseWeights& one = machine.machines[static_cast<std::size_t>(s)];
        for (std::size_t i = 0; i < one.columns.size(); ++i) {
            const double weight = one.weights[static_cast<Eigen::Index>(i)];
            if (one.columns[i] == constant)
                network.bias[s] = weight;
            else
                network.weights(place.at(one.columns[i]), s) = weight;
        }
    }
    return network;
}

std::string addNetwork(model::GraphBuilder& graph, const std::string& x, const Network& network, double gamma,
                       std::size_t columns, const std::string& name)
{
    using model::BinaryKind;
    const std::string distance = graph.squaredDistances("distance", x, network.points, columns);
    const std::string slope = graph.constant("kernel/-gamma", std::vector<float>{static_cast<float>(-gamma)}, {1});
    const std::string exponent = graph.binary("kernel/exponent", BinaryKind::Multiply, distance, slope);
    const std::string kernel = graph.add("kernel", model::Unary{model::UnaryKind::Exp}, {exponent});
    const std::string weights =
        graph.constant("weights", common::floats(network.weights), {network.weights.rows(), network.weights.cols()});
    const std::string sum = graph.add("sum", model::MatMul{}, {kernel, weights});
    return graph.binary(name, BinaryKind::Add, sum,
                        graph.constant("bias", common::floats(network.bias), {network.bias.size()}));
}

Result<model::Model> trainRegression(const plugin::TrainingView& data, const Matrix& design, Machine machine,
                                     model::GraphBuilder graph, const std::string& x,
                                     const plugin::TrainingContext& context)
{
    // Priors of weights are about 1, so targets are brought to that size.
    const Vector targets = common::targetsOf(data);
    const double mean = targets.mean();
    const double spread = std::sqrt((targets.array() - mean).square().mean());
    const double scale = spread > 0 ? spread : 1.0;
    const Vector scaled = (targets.array() - mean) / scale;
    EMBER_TRY(SparseWeights weights, sparseRegression(design, scaled, {}, context.cancel));
    machine.machines.push_back(std::move(weights));
    Network network = networkOf(machine);
    network.weights *= scale;
    network.bias = network.bias.array() * scale + mean;
    const std::string value = addNetwork(graph, x, network, machine.gamma, data.columns, "value");
    return std::move(graph).regressor(value, {{}, data.featureNames});
}

Result<model::Model> trainClasses(const plugin::TrainingView& data, const Matrix& design, Machine machine,
                                  model::GraphBuilder graph, const std::string& x,
                                  const plugin::TrainingContext& context)
{
    const PresentClasses classes = PresentClasses::of(data);
    const bool two = classes.count() == 2;
    for (int c = two ? 1 : 0; c < classes.count(); ++c) {
        report(context.progress, QStringLiteral("Choosing vectors"), static_cast<double>(c) / classes.count(),
               QStringLiteral("class %1 of %2").arg(c + 1).arg(classes.count()));
        Vector targets(design.rows());
        for (Eigen::Index row = 0; row < targets.size(); ++row)
            targets[row] = classes.labels[static_cast<std::size_t>(row)] == c ? 1 : 0;
        EMBER_TRY(SparseWeights weights, sparseClassification(design, targets, {}, context.cancel));
        machine.machines.push_back(std::move(weights));
    }
    const Network found = networkOf(machine);
    Network network{found.points, Matrix::Zero(found.weights.rows(), classes.total),
                    Vector::Constant(classes.total, common::kNeverWins)};
    for (int c = 0; c < classes.count(); ++c) {
        const qint32 k = classes.classes[static_cast<std::size_t>(c)];
        const double sign = two && c == 0 ? -1 : 1;
        network.weights.col(k) = sign * found.weights.col(two ? 0 : c);
        network.bias[k] = sign * found.bias[two ? 0 : c];
    }
    const std::string scores = addNetwork(graph, x, network, machine.gamma, data.columns, "scores");
    return std::move(graph).classifier(scores, {data.classNames, data.featureNames});
}

} // namespace

plugin::TrainerInfo rvmInfo()
{
    plugin::TrainerInfo info;
    info.id = QStringLiteral("kernel.rvm");
    info.name = QStringLiteral("Relevance vector machine");
    info.summary = QStringLiteral("Like a support vector machine, but keeps only the few rows the evidence asks for.");
    info.whenToUse = QStringLiteral("When a support vector machine is accurate enough and too large for the board.");
    info.tasks = {plugin::Task::Classification, plugin::Task::Regression};
    info.parameters = {
        common::realParameter("gamma", 0.0, 0.0, 1e6, "Gamma",
                              "How quickly the influence of a row ends, 0 to take it from the variance; more makes "
                              "borders wind closer around single rows."),
        common::integerParameter("candidates", 200, 2, 5000, "Candidates",
                                 "Rows drawn at random among which vectors are chosen; more may find better ones and "
                                 "trains longer."),
        common::standardiseParameter()};
    return info;
}

Result<model::Model> trainRvm(const plugin::TrainingView& data, const QVariantMap& parameters,
                              const plugin::TrainingContext& context)
{
    model::GraphBuilder graph(data.columns);
    Matrix rows = common::rowsOf(data);
    std::string x = graph.input();
    if (common::boolean(parameters, "standardise")) {
        const Scaling scaling = Scaling::standard(rows);
        rows = scaling.apply(rows);
        x = graph.scaled(common::floats(scaling.mean), common::floats(scaling.scale));
    }
    Machine machine;
    machine.centres = drawCentres(rows, common::integer(parameters, "candidates"), context.seed);
    machine.gamma = gammaFor(rows, common::real(parameters, "gamma"));
    const Matrix design = rbfDesign(rows, machine.centres, machine.gamma);
    return common::taskOf(data) == plugin::Task::Regression
               ? trainRegression(data, design, std::move(machine), std::move(graph), x, context)
               : trainClasses(data, design, std::move(machine), std::move(graph), x, context);
}

} // namespace ember::kernel
