// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/bayes/gaussian.h"

#include "core/model/graph_builder.h"
#include "plugins/common/function_trainer.h"
#include "plugins/common/parameters.h"

#include <cmath>
#include <numbers>

namespace ember::bayes {

using common::Matrix;
using common::PresentClasses;
using common::RowVector;
using common::Vector;

GaussianBayes fitGaussian(const Matrix& rows, const PresentClasses& classes, double smoothing, bool equalPriors)
{
    GaussianBayes fitted;
    fitted.mean.resize(classes.count(), rows.cols());
    fitted.variance.resize(classes.count(), rows.cols());
    fitted.logPrior.resize(classes.count());
    const RowVector centre = rows.colwise().mean();
    const double largest = (rows.rowwise() - centre).array().square().colwise().mean().maxCoeff();
    // Rows that are all the same have no variance to take a share of.
    const double added = std::max(smoothing * largest, 1e-12);
    for (int c = 0; c < classes.count(); ++c) {
        const Matrix own = classes.select(rows, c);
        fitted.mean.row(c) = own.colwise().mean();
        fitted.variance.row(c) = (own.rowwise() - fitted.mean.row(c)).array().square().colwise().mean() + added;
        const double share = static_cast<double>(own.rows()) / static_cast<double>(rows.rows());
        fitted.logPrior[c] = std::log(equalPriors ? 1.0 / classes.count() : share);
    }
    return fitted;
}

model::Model toModel(const GaussianBayes& fitted, const PresentClasses& classes, const plugin::TrainingView& data)
{
    const Eigen::Index columns = fitted.mean.cols();
    Matrix mean = Matrix::Zero(classes.total, columns);
    Matrix weight = Matrix::Zero(classes.total, columns);
    Vector constant = Vector::Constant(classes.total, common::kNeverWins);
    for (int c = 0; c < classes.count(); ++c) {
        const qint32 k = classes.classes[static_cast<std::size_t>(c)];
        mean.row(k) = fitted.mean.row(c);
        weight.row(k) = 0.5 / fitted.variance.row(c).array();
        constant[k] = fitted.logPrior[c] - 0.5 * (2 * std::numbers::pi * fitted.variance.row(c).array()).log().sum();
    }

    using model::BinaryKind;
    model::GraphBuilder graph(data.columns);
    const model::Shape shape{classes.total, columns};
    const std::string axis = graph.constant("row-axis", std::vector<qint64>{1}, {1});
    const std::string row = graph.add("row", model::Unsqueeze{}, {graph.input(), axis});
    const std::string d =
        graph.binary("difference", BinaryKind::Subtract, row, graph.constant("mean", common::floats(mean), shape));
    const std::string squared = graph.binary("squared", BinaryKind::Multiply, d, d);
    const std::string weighted = graph.binary("weighted", BinaryKind::Multiply, squared,
                                              graph.constant("weight", common::floats(weight), shape));
    const std::string axes = graph.constant("sum-axis", std::vector<qint64>{2}, {1});
    const std::string sum =
        graph.add("distance", model::Reduce{model::ReduceKind::Sum, {}, false, false}, {weighted, axes});
    const std::string scores = graph.binary("scores", BinaryKind::Subtract,
                                            graph.constant("constant", common::floats(constant), {classes.total}), sum);
    return std::move(graph).classifier(scores, {data.classNames, data.featureNames});
}

plugin::TrainerInfo gaussianInfo()
{
    plugin::TrainerInfo info;
    info.id = QStringLiteral("bayes.gaussian");
    info.name = QStringLiteral("Gaussian naive Bayes");
    info.summary = QStringLiteral("A normal distribution for each feature in each class; the likeliest class wins.");
    info.whenToUse = QStringLiteral("When data is scarce and features are nearly independent; trains at once.");
    info.tasks = {plugin::Task::Classification};
    info.parameters = {
        common::realParameter("smoothing", 1e-9, 0.0, 1.0, "Smoothing",
                              "Share of the largest variance that is added to every variance; more trusts features of "
                              "little variance less."),
        common::choiceParameter("priors", {QStringLiteral("shares"), QStringLiteral("equal")}, "Priors",
                                "How likely classes are beforehand: as their shares of the rows, or all the same.")};
    return info;
}

Result<model::Model> trainGaussian(const plugin::TrainingView& data, const QVariantMap& parameters,
                                   const plugin::TrainingContext&)
{
    const PresentClasses classes = PresentClasses::of(data);
    const GaussianBayes fitted = fitGaussian(common::rowsOf(data), classes, common::real(parameters, "smoothing"),
                                             common::choice(parameters, "priors") == QLatin1String("equal"));
    return toModel(fitted, classes, data);
}

} // namespace ember::bayes
