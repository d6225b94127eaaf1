// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explore/pca.h"

#include <Eigen/Eigenvalues>
#include <algorithm>

namespace ember::explore {
namespace {

constexpr Eigen::Index kPcaBlock = 4096; ///< rows at a time, so that no second copy of all is needed in double

Eigen::MatrixXd covarianceOf(const Rows& rows, const Eigen::RowVectorXd& mean)
{
    Eigen::MatrixXd covariance = Eigen::MatrixXd::Zero(rows.cols(), rows.cols());
    for (Eigen::Index first = 0; first < rows.rows(); first += kPcaBlock) {
        const Eigen::Index count = std::min(kPcaBlock, rows.rows() - first);
        const Eigen::MatrixXd centred = rows.middleRows(first, count).cast<double>().rowwise() - mean;
        covariance.selfadjointView<Eigen::Lower>().rankUpdate(centred.transpose());
    }
    return covariance / static_cast<double>(rows.rows());
}

// An eigenvector may point either way; this makes it the same one every time.
void settleSigns(Eigen::MatrixXd& components)
{
    for (Eigen::Index i = 0; i < components.cols(); ++i) {
        Eigen::Index largest = 0;
        components.col(i).cwiseAbs().maxCoeff(&largest);
        if (components(largest, i) < 0)
            components.col(i) = -components.col(i);
    }
}

} // namespace

Result<Pca> fitPca(const Rows& rows, Eigen::Index count)
{
    if (rows.rows() < 2 || rows.cols() < 1)
        return Error(ErrorKind::Usage, QStringLiteral("Principal components need at least two windows."));
    if (rows.cols() > kMostPcaColumns)
        return Error(ErrorKind::Usage,
                     QStringLiteral("%1 features are more than principal components are computed for (%2).")
                         .arg(rows.cols())
                         .arg(kMostPcaColumns),
                     QStringLiteral("Choose two features, or a pipeline with fewer."));
    Pca pca;
    pca.mean = rows.cast<double>().colwise().mean();
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covarianceOf(rows, pca.mean));
    if (solver.info() != Eigen::Success)
        return Error(ErrorKind::Failed, QStringLiteral("The eigenvectors of the features did not converge."));
    count = std::min(count, rows.cols());
    // Ascending, and rounding may take a zero below it.
    pca.variances = solver.eigenvalues().tail(count).reverse().cwiseMax(0.0);
    pca.components = solver.eigenvectors().rightCols(count).rowwise().reverse();
    pca.totalVariance = solver.eigenvalues().cwiseMax(0.0).sum();
    settleSigns(pca.components);
    return pca;
}

Rows project(const Pca& pca, const Rows& rows)
{
    Rows projected(rows.rows(), pca.components.cols());
    for (Eigen::Index first = 0; first < rows.rows(); first += kPcaBlock) {
        const Eigen::Index count = std::min(kPcaBlock, rows.rows() - first);
        const Eigen::MatrixXd centred = rows.middleRows(first, count).cast<double>().rowwise() - pca.mean;
        projected.middleRows(first, count) = (centred * pca.components).cast<float>();
    }
    return projected;
}

Result<Rows> reduced(const Rows& rows, Eigen::Index most)
{
    if (rows.cols() <= most)
        return Rows(rows);
    EMBER_TRY(const Pca pca, fitPca(rows, most));
    return project(pca, rows);
}

} // namespace ember::explore
