// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "plugins/linear/linear_model.h"

namespace ember::linear {

struct LogisticProblem
{
    const common::Matrix& rows;
    const std::vector<int>& labels;   ///< one per row, below classes
    const common::Vector& rowWeights; ///< one per row
    int classes = 2;
    double penalty = 1; ///< of half the squared coefficients (intercepts are free), on the scale of the summed loss
};

/// Weighted mean of -log softmax at the labels plus penalty, and its gradient. `parameters` holds a row of coefficients
/// and an intercept for each class, class by class.
double logisticLoss(const LogisticProblem& problem, const common::Vector& parameters, common::Vector& gradient);

/// Multinomial logistic regression with an L2 penalty; convex, so the minimum does not depend on where it begins.
/// Errors: Cancelled.
Result<Weights> fitLogistic(const LogisticProblem& problem, int maxIterations, const ProgressSink& progress = {},
                            const CancelToken& cancel = {});

} // namespace ember::linear
