// SPDX-License-Identifier: GPL-3.0-or-later
// Training data as matrices in double precision.
#pragma once

#include "core/plugin-api/trainer.h"

#include <Eigen/Core>
#include <span>
#include <vector>

namespace ember::common {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;
using RowVector = Eigen::RowVectorXd;

/// rows x columns.
Matrix rowsOf(const plugin::TrainingView& data);
Vector targetsOf(const plugin::TrainingView& data);

/// (x - mean) * scale per column.
struct Scaling
{
    RowVector mean;
    RowVector scale;

    /// To mean 0 and variance 1 (of the population); constant columns are only centred.
    static Scaling standard(const Matrix& rows);
    static Scaling none(Eigen::Index columns);

    bool isNone() const { return (mean.array() == 0).all() && (scale.array() == 1).all(); }
    Matrix apply(const Matrix& rows) const;
};

/// Classes without rows (in a fold of a cross-validation, say) are left out of the training and keep their place in the
/// model.
struct PresentClasses
{
    std::vector<qint32> classes;         ///< those with rows, ascending: their indices in the data
    std::vector<int> labels;             ///< one per row: index into `classes`
    std::vector<Eigen::Index> rowCounts; ///< per present class
    qint32 total = 0;                    ///< classes of the data

    static PresentClasses of(const plugin::TrainingView& data);
    int count() const { return static_cast<int>(classes.size()); }

    /// One weight per row: 1, or rows / (present classes x rows of the class).
    Vector rowWeights(bool balanced) const;

    /// The rows of one present class.
    Matrix select(const Matrix& rows, int present) const;
};

/// The score of a class that had no rows: so low that it never wins, and finite, as files and boards want it.
constexpr double kNeverWins = -1e30;

/// The q-quantile (0 <= q <= 1) with linear interpolation, as NumPy computes it. Requires values.
double quantile(std::vector<double> values, double q);

/// A converted copy in C order.
template <typename Values>
std::vector<float> floats(const Eigen::MatrixBase<Values>& values)
{
    std::vector<float> result;
    result.reserve(static_cast<std::size_t>(values.size()));
    for (Eigen::Index r = 0; r < values.rows(); ++r) {
        for (Eigen::Index c = 0; c < values.cols(); ++c)
            result.push_back(static_cast<float>(values(r, c)));
    }
    return result;
}

} // namespace ember::common
