// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <Eigen/Core>
#include <span>
#include <vector>

namespace ember::explore {

/// Rows of features: one for each window, row-major.
using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The place of each row on a map.
using Places = Eigen::Matrix<double, Eigen::Dynamic, 2, Eigen::RowMajor>;

/// Rows with every column at mean 0 and deviation 1 (over the population), so that none counts more for its unit.
struct Standardised
{
    Rows rows;
    Eigen::VectorXd mean;
    Eigen::VectorXd deviation; ///< 0 for a column that does not vary; its values are all 0
    qint64 replaced = 0;       ///< numbers that were not finite and became the mean of their column
};

/// `values` are rows x columns. Requires columns > 0.
Standardised standardise(std::span<const float> values, std::size_t columns);

/// `count` row numbers, or all when there are fewer, evenly spread over 0 .. rows-1 and ascending.
std::vector<Eigen::Index> spread(Eigen::Index rows, Eigen::Index count);

} // namespace ember::explore
