// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/linear/logistic.h"

#include "plugins/common/function_trainer.h"
#include "plugins/common/lbfgs.h"

#include <cmath>

namespace ember::linear {

using common::Matrix;
using common::Vector;

namespace {

Eigen::Map<const Matrix> weightsIn(const LogisticProblem& problem, const Vector& parameters)
{
    return {parameters.data(), problem.classes, problem.rows.cols() + 1};
}

} // namespace

double logisticLoss(const LogisticProblem& problem, const Vector& parameters, Vector& gradient)
{
    const Eigen::Index columns = problem.rows.cols();
    const auto weights = weightsIn(problem, parameters);
    Matrix scores = problem.rows * weights.leftCols(columns).transpose();
    scores.rowwise() += weights.col(columns).transpose();
    double loss = 0;
    for (Eigen::Index row = 0; row < scores.rows(); ++row) { // scores become weight * (probability - truth)
        const int label = problem.labels[static_cast<std::size_t>(row)];
        const double highest = scores.row(row).maxCoeff();
        const double own = scores(row, label) - highest;
        scores.row(row) = (scores.row(row).array() - highest).exp();
        const double sum = scores.row(row).sum();
        loss += problem.rowWeights[row] * (std::log(sum) - own);
        scores.row(row) *= problem.rowWeights[row] / sum;
        scores(row, label) -= problem.rowWeights[row];
    }
    const double total = problem.rowWeights.sum();
    gradient.resize(parameters.size());
    Eigen::Map<Matrix> slope(gradient.data(), problem.classes, columns + 1);
    slope.leftCols(columns) = (scores.transpose() * problem.rows + problem.penalty * weights.leftCols(columns)) / total;
    slope.col(columns) = scores.colwise().sum().transpose() / total;
    return (loss + 0.5 * problem.penalty * weights.leftCols(columns).squaredNorm()) / total;
}

Result<Weights> fitLogistic(const LogisticProblem& problem, int maxIterations, const ProgressSink& progress,
                            const CancelToken& cancel)
{
    const Eigen::Index columns = problem.rows.cols();
    Vector parameters = Vector::Zero(problem.classes * (columns + 1));
    const auto objective = [&problem](const Vector& x, Vector& gradient) { return logisticLoss(problem, x, gradient); };
    const auto step = [&](const common::LbfgsReport& at) {
        report(progress, QStringLiteral("Fitting"), static_cast<double>(at.iterations) / maxIterations,
               QStringLiteral("loss=%1").arg(at.value));
        return !cancel.isCancelled();
    };
    common::minimise(objective, parameters, {maxIterations, 1e-6, 10}, step);
    if (cancel.isCancelled())
        return common::cancelled();
    const auto weights = weightsIn(problem, parameters);
    return Weights{weights.leftCols(columns), weights.col(columns)};
}

} // namespace ember::linear
