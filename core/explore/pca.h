// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/explore/rows.h"

namespace ember::explore {

/// Principal components: directions of the largest variance, each orthogonal to those before it.
struct Pca
{
    Eigen::RowVectorXd mean;
    Eigen::MatrixXd components; ///< one column for each, of length 1, its largest entry positive
    Eigen::VectorXd variances;  ///< along each component, descending, over the population
    double totalVariance = 0;   ///< of all directions

    /// 0..1; 0 when nothing varies.
    double share(Eigen::Index component) const
    {
        return totalVariance > 0 ? variances[component] / totalVariance : 0.0;
    }
};

/// The first `count` components, fewer where the rows have fewer columns, from the eigenvectors of the covariance
/// matrix (Pearson 1901, Hotelling 1933). Errors: Usage for fewer than two rows or more than kMostPcaColumns columns.
inline constexpr Eigen::Index kMostPcaColumns = 4096;
Result<Pca> fitPca(const Rows& rows, Eigen::Index count);

/// The rows in the coordinates of the components: rows x components.
Rows project(const Pca& pca, const Rows& rows);

/// The rows themselves when they have at most `most` columns, otherwise their first `most` components: distances of
/// neighbours hardly change, and take less to compute.
Result<Rows> reduced(const Rows& rows, Eigen::Index most);

} // namespace ember::explore
