// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/leak_check.h"

#include "core/base/random.h"
#include "core/learn/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

namespace ember::learn {
namespace {

constexpr std::size_t kMostRows = 1'200;
constexpr std::size_t kMostSteps = 400'000'000;

std::vector<qsizetype> sampleOf(const Matrix& matrix, quint64 seed)
{
    std::vector<qsizetype> rows(matrix.rows());
    std::iota(rows.begin(), rows.end(), qsizetype(0));
    const auto affordable =
        static_cast<std::size_t>(std::sqrt(static_cast<double>(kMostSteps) / static_cast<double>(matrix.columns)));
    Random random(seed);
    random.shuffle(rows);
    rows.resize(std::min({rows.size(), kMostRows, affordable}));
    std::sort(rows.begin(), rows.end());
    return rows;
}

void standardise(Matrix& matrix)
{
    const auto rows = static_cast<double>(matrix.rows());
    for (std::size_t c = 0; c < matrix.columns; ++c) {
        double sum = 0, squares = 0;
        for (std::size_t i = c; i < matrix.features.size(); i += matrix.columns)
            sum += static_cast<double>(matrix.features[i]);
        for (std::size_t i = c; i < matrix.features.size(); i += matrix.columns)
            squares += std::pow(static_cast<double>(matrix.features[i]) - sum / rows, 2);
        const double deviation = std::sqrt(squares / rows);
        for (std::size_t i = c; i < matrix.features.size(); i += matrix.columns)
            matrix.features[i] =
                deviation > 0 ? static_cast<float>((static_cast<double>(matrix.features[i]) - sum / rows) / deviation)
                              : 0.0f;
    }
}

float squaredDistance(std::span<const float> a, std::span<const float> b, float limit)
{
    float sum = 0;
    for (std::size_t i = 0; i < a.size() && sum < limit; ++i)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

} // namespace

std::optional<LeakCheck> checkLeak(const Matrix& matrix, quint64 seed)
{
    if (matrix.labels.empty() || matrix.groups.empty())
        return std::nullopt;
    Matrix part = matrix.select(sampleOf(matrix, seed));
    if (std::set<qint32>(part.groups.begin(), part.groups.end()).size() < 2 ||
        std::set<qint32>(part.labels.begin(), part.labels.end()).size() < 2)
        return std::nullopt;
    standardise(part);
    const auto classes = static_cast<int>(part.classNames.size());
    Confusion any(classes), other(classes);
    for (std::size_t row = 0; row < part.rows(); ++row) {
        float nearest = std::numeric_limits<float>::infinity(), nearestOther = nearest;
        qint32 label = 0, labelOther = 0;
        for (std::size_t i = 0; i < part.rows(); ++i) {
            if (i == row)
                continue;
            const float distance = squaredDistance(part.row(row), part.row(i), nearestOther);
            if (distance < nearest) {
                nearest = distance;
                label = part.labels[i];
            }
            if (distance < nearestOther && part.groups[i] != part.groups[row]) {
                nearestOther = distance;
                labelOther = part.labels[i];
            }
        }
        any.add(part.labels[row], label);
        other.add(part.labels[row], labelOther);
    }
    return LeakCheck{metricsOf(any).macroF1, metricsOf(other).macroF1, part.rows()};
}

} // namespace ember::learn
