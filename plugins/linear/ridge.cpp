// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/linear/ridge.h"

#include <Eigen/Cholesky>

namespace ember::linear {

using common::Matrix;
using common::RowVector;
using common::Vector;

Weights fitRidge(const Matrix& rows, const Matrix& targets, const Vector& rowWeights, double penalty)
{
    const double total = rowWeights.sum();
    const RowVector rowMean = (rowWeights.transpose() * rows) / total;
    const RowVector targetMean = (rowWeights.transpose() * targets) / total;
    const Matrix x = rows.rowwise() - rowMean;
    const Matrix weighted = x.array().colwise() * rowWeights.array();
    Eigen::MatrixXd gram = weighted.transpose() * x;
    // Without a penalty, columns that depend on each other need a little of it to have an answer at all.
    gram.diagonal().array() += std::max(penalty, 1e-10 * gram.diagonal().mean());
    const Matrix right = weighted.transpose() * (targets.rowwise() - targetMean);
    Weights weights;
    weights.coefficients = gram.ldlt().solve(right).transpose();
    weights.intercepts = (targetMean - rowMean * weights.coefficients.transpose()).transpose();
    return weights;
}

Matrix signsOf(const common::PresentClasses& classes)
{
    const bool two = classes.count() == 2;
    Matrix signs = Matrix::Constant(static_cast<Eigen::Index>(classes.labels.size()), two ? 1 : classes.count(), -1.0);
    for (std::size_t row = 0; row < classes.labels.size(); ++row) {
        const int label = classes.labels[row];
        if (!two || label == 1)
            signs(static_cast<Eigen::Index>(row), two ? 0 : label) = 1.0;
    }
    return signs;
}

} // namespace ember::linear
