// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explore/feature_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace ember::explore {
namespace {

/// One feature with the classes of its rows.
struct Column
{
    std::vector<float> values;
    std::vector<qint32> labels;
};

Column columnOf(std::span<const float> values, std::size_t column, std::size_t columns, std::span<const qint32> labels)
{
    Column made;
    for (std::size_t row = 0; row < labels.size(); ++row) {
        const float value = values[row * columns + column];
        if (labels[row] >= 0 && std::isfinite(value)) {
            made.values.push_back(value);
            made.labels.push_back(labels[row]);
        }
    }
    return made;
}

struct ClassSum
{
    double count = 0;
    double mean = 0;
};

double meanOf(std::span<const float> values)
{
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

void addVariances(FeatureScore& score, const Column& column, std::size_t classes)
{
    const double n = static_cast<double>(column.values.size());
    const double mean = meanOf(column.values);
    std::vector<ClassSum> sums(classes);
    for (std::size_t i = 0; i < column.values.size(); ++i) {
        ClassSum& sum = sums[static_cast<std::size_t>(column.labels[i])];
        sum.count += 1;
        sum.mean += column.values[i];
    }
    double between = 0;
    double present = 0;
    for (ClassSum& sum : sums) {
        if (sum.count == 0)
            continue;
        sum.mean /= sum.count;
        between += sum.count * (sum.mean - mean) * (sum.mean - mean);
        present += 1;
    }
    double within = 0;
    double total = 0;
    for (std::size_t i = 0; i < column.values.size(); ++i) {
        const double value = column.values[i];
        within += std::pow(value - sums[static_cast<std::size_t>(column.labels[i])].mean, 2);
        total += (value - mean) * (value - mean);
    }
    score.variance = total / n;
    // Less than rounding leaves of a constant.
    const double nothing = 1e-14 * (total + mean * mean * n);
    if (present < 2 || n <= present || between <= nothing)
        score.fRatio = 0;
    else if (within <= nothing)
        score.fRatio = std::numeric_limits<double>::infinity();
    else
        score.fRatio = (between / (present - 1)) / (within / (n - present));
}

/// Bin of each value; equal values share one, so that there may be fewer bins.
std::vector<int> binsOf(const std::vector<float>& values)
{
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
    std::vector<int> bins(values.size());
    int bin = 0;
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
        if (rank > 0 && values[order[rank]] != values[order[rank - 1]])
            bin = static_cast<int>(rank * kMutualBins / order.size());
        bins[order[rank]] = bin;
    }
    return bins;
}

double mutualInformationOf(const Column& column, std::size_t classes)
{
    const std::vector<int> bins = binsOf(column.values);
    std::vector<double> joint(classes * kMutualBins, 0.0);
    std::vector<double> ofClass(classes, 0.0);
    std::vector<double> ofBin(kMutualBins, 0.0);
    const double share = 1 / static_cast<double>(column.values.size());
    for (std::size_t i = 0; i < bins.size(); ++i) {
        const auto klass = static_cast<std::size_t>(column.labels[i]);
        const auto bin = static_cast<std::size_t>(bins[i]);
        joint[klass * kMutualBins + bin] += share;
        ofClass[klass] += share;
        ofBin[bin] += share;
    }
    double bits = 0;
    for (std::size_t klass = 0; klass < classes; ++klass) {
        for (std::size_t bin = 0; bin < kMutualBins; ++bin) {
            const double p = joint[klass * kMutualBins + bin];
            if (p > 0)
                bits += p * std::log2(p / (ofClass[klass] * ofBin[bin]));
        }
    }
    return std::max(0.0, bits);
}

/// Linear between ranks.
double quantile(std::span<const float> sorted, double share)
{
    const double at = share * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

double kernelWidth(std::span<const float> sorted)
{
    const double mean = meanOf(sorted);
    double squares = 0;
    for (const float value : sorted)
        squares += (value - mean) * (value - mean);
    const double deviation = std::sqrt(squares / static_cast<double>(sorted.size()));
    const double middle = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 1.34;
    const double spread = middle > 0 ? std::min(deviation, middle) : deviation;
    return 0.9 * spread * std::pow(static_cast<double>(sorted.size()), -0.2);
}

} // namespace

std::vector<FeatureScore> featureScores(std::span<const float> values, std::size_t columns,
                                        std::span<const qint32> labels)
{
    std::vector<FeatureScore> scores(columns);
    const qint32 last = labels.empty() ? -1 : *std::max_element(labels.begin(), labels.end());
    for (std::size_t i = 0; i < columns; ++i) {
        const Column column = columnOf(values, i, columns, labels);
        if (column.values.empty())
            continue;
        addVariances(scores[i], column, static_cast<std::size_t>(last + 1));
        scores[i].mutualInformation = mutualInformationOf(column, static_cast<std::size_t>(last + 1));
    }
    return scores;
}

Eigen::MatrixXf correlations(const Standardised& data)
{
    Eigen::MatrixXf matrix = Eigen::MatrixXf::Zero(data.rows.cols(), data.rows.cols());
    if (data.rows.rows() > 0)
        matrix = data.rows.transpose() * data.rows / static_cast<float>(data.rows.rows());
    return matrix.cwiseMax(-1.0f).cwiseMin(1.0f);
}

std::vector<double> density(std::span<const float> values, std::span<const double> at)
{
    std::vector<double> made(at.size(), 0.0);
    if (values.empty() || at.empty())
        return made;
    // A class of equal values still is a peak, as narrow as can be drawn.
    const double narrowest = at.size() > 1 ? (at.back() - at.front()) / static_cast<double>(at.size() - 1) : 1.0;
    const double width = std::max(kernelWidth(values), narrowest);
    const double reach = 5 * width; // beyond it a kernel adds less than 4e-6 of its top
    const double scale = 1 / (static_cast<double>(values.size()) * width * std::sqrt(2 * std::numbers::pi));
    for (std::size_t i = 0; i < at.size(); ++i) {
        const auto first = std::lower_bound(values.begin(), values.end(), static_cast<float>(at[i] - reach));
        const auto last = std::upper_bound(first, values.end(), static_cast<float>(at[i] + reach));
        for (auto value = first; value != last; ++value) {
            const double z = (*value - at[i]) / width;
            made[i] += std::exp(-z * z / 2) * scale;
        }
    }
    return made;
}

} // namespace ember::explore
