// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/rows.h"

#include <algorithm>
#include <cmath>

namespace ember::common {

Matrix rowsOf(const plugin::TrainingView& data)
{
    using Floats = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const Eigen::Map<const Floats> view(data.features.data(), static_cast<Eigen::Index>(data.rows()),
                                        static_cast<Eigen::Index>(data.columns));
    return view.cast<double>();
}

Vector targetsOf(const plugin::TrainingView& data)
{
    const Eigen::Map<const Eigen::VectorXf> view(data.targets.data(), static_cast<Eigen::Index>(data.targets.size()));
    return view.cast<double>();
}

Scaling Scaling::standard(const Matrix& rows)
{
    Scaling scaling;
    scaling.mean = rows.colwise().mean();
    const RowVector variance = (rows.rowwise() - scaling.mean).array().square().colwise().mean();
    // What is left of the variance of a constant column is rounding.
    const RowVector largest = rows.cwiseAbs().colwise().maxCoeff();
    scaling.scale.resize(variance.size());
    for (Eigen::Index c = 0; c < variance.size(); ++c) {
        const double deviation = std::sqrt(variance[c]);
        scaling.scale[c] = deviation > 1e-12 * std::max(1.0, largest[c]) ? 1.0 / deviation : 1.0;
    }
    return scaling;
}

Scaling Scaling::none(Eigen::Index columns)
{
    return {RowVector::Zero(columns), RowVector::Ones(columns)};
}

Matrix Scaling::apply(const Matrix& rows) const
{
    return (rows.rowwise() - mean).array().rowwise() * scale.array();
}

PresentClasses PresentClasses::of(const plugin::TrainingView& data)
{
    PresentClasses present;
    present.total = static_cast<qint32>(data.classNames.size());
    std::vector<Eigen::Index> counts(static_cast<std::size_t>(present.total), 0);
    for (const qint32 label : data.labels)
        ++counts[static_cast<std::size_t>(label)];
    std::vector<int> place(counts.size(), -1);
    for (std::size_t c = 0; c < counts.size(); ++c) {
        if (counts[c] == 0)
            continue;
        place[c] = present.count();
        present.classes.push_back(static_cast<qint32>(c));
        present.rowCounts.push_back(counts[c]);
    }
    present.labels.reserve(data.labels.size());
    for (const qint32 label : data.labels)
        present.labels.push_back(place[static_cast<std::size_t>(label)]);
    return present;
}

Vector PresentClasses::rowWeights(bool balanced) const
{
    Vector weights = Vector::Ones(static_cast<Eigen::Index>(labels.size()));
    for (std::size_t row = 0; balanced && row < labels.size(); ++row)
        weights[static_cast<Eigen::Index>(row)] =
            static_cast<double>(labels.size()) /
            (count() * static_cast<double>(rowCounts[static_cast<std::size_t>(labels[row])]));
    return weights;
}

Matrix PresentClasses::select(const Matrix& rows, int wanted) const
{
    Matrix chosen(rowCounts[static_cast<std::size_t>(wanted)], rows.cols());
    Eigen::Index next = 0;
    for (std::size_t row = 0; row < labels.size(); ++row) {
        if (labels[row] == wanted)
            chosen.row(next++) = rows.row(static_cast<Eigen::Index>(row));
    }
    return chosen;
}

double quantile(std::vector<double> values, double q)
{
    std::sort(values.begin(), values.end());
    const double at = std::clamp(q, 0.0, 1.0) * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    return values[below] + (values[above] - values[below]) * (at - static_cast<double>(below));
}

} // namespace ember::common
