// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/common/rows.h"

namespace ember::bayes {

/// One normal distribution per class and feature, features independent given the class.
struct GaussianBayes
{
    common::Matrix mean;     ///< classes x columns
    common::Matrix variance; ///< classes x columns, smoothed, positive
    common::Vector logPrior; ///< per class
};

/// Means and variances of the rows of each class; `smoothing` times the largest variance of a feature is added to every
/// variance. Priors are the classes' shares of the rows, or equal.
GaussianBayes fitGaussian(const common::Matrix& rows, const common::PresentClasses& classes, double smoothing,
                          bool equalPriors);

/// Log-likelihoods of the classes of the data as a graph: constant - sum of w (x - mean)^2, w = 1 / (2 variance).
model::Model toModel(const GaussianBayes& fitted, const common::PresentClasses& classes,
                     const plugin::TrainingView& data);

plugin::TrainerInfo gaussianInfo();
Result<model::Model> trainGaussian(const plugin::TrainingView& data, const QVariantMap& parameters,
                                   const plugin::TrainingContext& context);

} // namespace ember::bayes
