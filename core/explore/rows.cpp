// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explore/rows.h"

#include <algorithm>
#include <cmath>

namespace ember::explore {
namespace {

struct Moments
{
    double mean = 0;
    double deviation = 0;
};

Moments momentsOf(std::span<const float> values, std::size_t column, std::size_t columns)
{
    double sum = 0;
    qint64 count = 0;
    for (std::size_t i = column; i < values.size(); i += columns) {
        if (std::isfinite(values[i])) {
            sum += values[i];
            ++count;
        }
    }
    Moments moments;
    if (count == 0)
        return moments;
    moments.mean = sum / static_cast<double>(count);
    double squares = 0;
    for (std::size_t i = column; i < values.size(); i += columns) {
        if (std::isfinite(values[i]))
            squares += (values[i] - moments.mean) * (values[i] - moments.mean);
    }
    moments.deviation = std::sqrt(squares / static_cast<double>(count));
    // What is left of a constant after rounding is not a deviation.
    if (moments.deviation <= 1e-7 * std::abs(moments.mean))
        moments.deviation = 0;
    return moments;
}

} // namespace

Standardised standardise(std::span<const float> values, std::size_t columns)
{
    Standardised made;
    const std::size_t rows = values.size() / columns;
    made.rows.resize(static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns));
    made.mean.resize(static_cast<Eigen::Index>(columns));
    made.deviation.resize(static_cast<Eigen::Index>(columns));
    for (std::size_t column = 0; column < columns; ++column) {
        const auto at = static_cast<Eigen::Index>(column);
        const Moments moments = momentsOf(values, column, columns);
        made.mean[at] = moments.mean;
        made.deviation[at] = moments.deviation;
        const double scale = moments.deviation > 0 ? 1 / moments.deviation : 0;
        for (std::size_t row = 0; row < rows; ++row) {
            const float value = values[row * columns + column];
            const bool finite = std::isfinite(value);
            made.replaced += finite ? 0 : 1;
            made.rows(static_cast<Eigen::Index>(row), at) =
                finite ? static_cast<float>((value - moments.mean) * scale) : 0.0f;
        }
    }
    return made;
}

std::vector<Eigen::Index> spread(Eigen::Index rows, Eigen::Index count)
{
    count = std::min(rows, count);
    std::vector<Eigen::Index> chosen(static_cast<std::size_t>(std::max<Eigen::Index>(count, 0)));
    for (std::size_t i = 0; i < chosen.size(); ++i)
        chosen[i] = static_cast<Eigen::Index>(i) * rows / count;
    return chosen;
}

} // namespace ember::explore
