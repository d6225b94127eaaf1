// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/explore/rows.h"

namespace ember::explore {

/// What a feature says of the label, alone. Each is about this data and not about new subjects.
struct FeatureScore
{
    double variance = 0;          ///< over the population, in the feature's unit squared
    double fRatio = 0;            ///< variance between classes / within, each by its degrees of freedom (Fisher)
    double mutualInformation = 0; ///< with the label, bits, from kMutualBins bins with equally many windows each
};
inline constexpr int kMutualBins = 16;

/// One for each column. `values` are rows x columns, `labels` one per row: 0 and up, negative rows are left out.
/// Rows where a number is not finite are left out of that column. A ratio without scatter within classes is infinite,
/// or 0 when there is none between them either.
std::vector<FeatureScore> featureScores(std::span<const float> values, std::size_t columns,
                                        std::span<const qint32> labels);

/// Pearson's coefficients of all pairs of columns, from standardised rows; 0 with a column that does not vary.
Eigen::MatrixXf correlations(const Standardised& data);

/// A smooth histogram: the density of `values` at each of `at`, with Gaussian kernels of Silverman's width (1986),
/// 0.9 min(deviation, interquartile range / 1.34) n^(-1/5). `values` are sorted.
std::vector<double> density(std::span<const float> values, std::span<const double> at);

} // namespace ember::explore
