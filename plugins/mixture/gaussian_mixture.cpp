// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/mixture/gaussian_mixture.h"

#include "plugins/common/function_trainer.h"
#include "plugins/common/kmeans.h"

#include <Eigen/Cholesky>
#include <cmath>
#include <numbers>

namespace ember::mixture {

using common::Matrix;
using common::RowVector;
using common::Vector;

namespace {

// Log of weight times density, rows x components.
Matrix jointLogs(const std::vector<Component>& components, const Matrix& rows)
{
    Matrix logs(rows.rows(), static_cast<Eigen::Index>(components.size()));
    for (std::size_t k = 0; k < components.size(); ++k)
        logs.col(static_cast<Eigen::Index>(k)) =
            components[k].logConstant() - 0.5 * components[k].distances(rows).array();
    return logs;
}

Vector logSums(const Matrix& logs)
{
    const Vector highest = logs.rowwise().maxCoeff();
    return highest.array() + (logs.colwise() - highest).array().exp().rowwise().sum().log();
}

// Weighted scatter of the rows around their mean; its diagonal alone, as one row, where that is all that is asked for.
Matrix scatterOf(const Matrix& rows, const RowVector& mean, const Vector& weights, bool diagonal)
{
    const Matrix centred = rows.rowwise() - mean;
    if (diagonal)
        return weights.transpose() * centred.array().square().matrix();
    return centred.transpose() * (centred.array().colwise() * weights.array()).matrix();
}

Result<Matrix> factorOf(Matrix covariance, const MixtureOptions& options)
{
    if (options.covariance == Covariance::Spherical)
        covariance.setConstant(covariance.mean());
    if (covariance.rows() == 1 && options.covariance >= Covariance::Diagonal) {
        const Matrix variance = covariance.array() + options.regularisation;
        if (!(variance.minCoeff() > 0))
            return Error(ErrorKind::Failed, QStringLiteral("A feature has no variance within a component."),
                         QStringLiteral("Raise 'regularisation', or use fewer components."));
        return Matrix(variance.array().rsqrt());
    }
    covariance.diagonal().array() += options.regularisation;
    return whitening(covariance);
}

// Components that explain the rows best, given each one's share in each row.
Result<std::vector<Component>> maximise(const Matrix& rows, const Matrix& shares, const MixtureOptions& options)
{
    const bool diagonal = options.covariance >= Covariance::Diagonal;
    const RowVector counts = shares.colwise().sum().array() + 10 * std::numeric_limits<double>::epsilon();
    std::vector<Component> components(static_cast<std::size_t>(shares.cols()));
    Matrix common;
    for (Eigen::Index k = 0; k < shares.cols(); ++k) {
        Component& component = components[static_cast<std::size_t>(k)];
        component.logWeight = std::log(counts[k] / counts.sum());
        component.mean = shares.col(k).transpose() * rows / counts[k];
        const Matrix scatter = scatterOf(rows, component.mean, shares.col(k), diagonal);
        if (options.covariance == Covariance::Tied) {
            common = k == 0 ? scatter : Matrix(common + scatter);
        } else {
            EMBER_TRY(component.factor, factorOf(scatter / counts[k], options));
        }
    }
    if (options.covariance == Covariance::Tied) {
        EMBER_TRY(const Matrix factor, factorOf(common / counts.sum(), options));
        for (Component& component : components)
            component.factor = factor;
    }
    return components;
}

} // namespace

double Component::logConstant() const
{
    const double logs = isDiagonal() ? factor.array().log().sum() : factor.diagonal().array().log().sum();
    return logWeight + logs - 0.5 * static_cast<double>(mean.size()) * std::log(2 * std::numbers::pi);
}

Vector Component::distances(const Matrix& rows) const
{
    const Matrix centred = rows.rowwise() - mean;
    if (isDiagonal())
        return (centred.array().rowwise() * factor.row(0).array()).matrix().rowwise().squaredNorm();
    return (centred * factor).rowwise().squaredNorm();
}

Vector Mixture::logLikelihoods(const Matrix& rows) const
{
    return logSums(jointLogs(components, rows));
}

Result<Matrix> whitening(const Matrix& covariance)
{
    const Eigen::LLT<Eigen::MatrixXd> cholesky(covariance);
    if (cholesky.info() != Eigen::Success)
        return Error(ErrorKind::Failed, QStringLiteral("A covariance is not positive definite."),
                     QStringLiteral("Raise 'regularisation', use fewer components, or record more rows."));
    const Eigen::MatrixXd identity = Eigen::MatrixXd::Identity(covariance.rows(), covariance.cols());
    const Eigen::MatrixXd inverse = cholesky.matrixL().solve(identity);
    return Matrix(inverse.transpose());
}

Result<Mixture> fitMixture(const Matrix& rows, const MixtureOptions& options, const ProgressSink& progress,
                           const CancelToken& cancel)
{
    common::KMeansOptions start;
    start.clusters = options.components;
    start.restarts = 1;
    start.seed = options.seed;
    const common::Clusters clusters = common::fitKMeans(rows, start, cancel);
    Matrix shares = Matrix::Zero(rows.rows(), clusters.centres.rows());
    for (Eigen::Index row = 0; row < rows.rows(); ++row)
        shares(row, clusters.labels[static_cast<std::size_t>(row)]) = 1;

    Mixture mixture;
    EMBER_TRY(mixture.components, maximise(rows, shares, options));
    for (int i = 0; i < options.maxIterations; ++i) {
        if (cancel.isCancelled())
            return common::cancelled();
        const Matrix logs = jointLogs(mixture.components, rows);
        const Vector sums = logSums(logs);
        const double mean = sums.mean();
        report(progress, QStringLiteral("Fitting the mixture"), static_cast<double>(i) / options.maxIterations,
               QStringLiteral("log-likelihood=%1").arg(mean));
        const bool ended = !mixture.history.empty() && std::abs(mean - mixture.history.back()) < options.tolerance;
        mixture.history.push_back(mean);
        if (ended || mixture.components.size() == 1)
            break;
        shares = (logs.colwise() - sums).array().exp();
        EMBER_TRY(mixture.components, maximise(rows, shares, options));
    }
    return mixture;
}

} // namespace ember::mixture
