// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/result.h"
#include "plugins/common/rows.h"

#include <functional>

namespace ember::kernel {

/// A sparse linear model: the columns of the design that are kept, and their weights.
struct SparseWeights
{
    std::vector<Eigen::Index> columns;
    common::Vector weights;    ///< posterior mean, one per kept column
    common::Vector precisions; ///< of the weights' priors
    double noise = 0;          ///< variance of the targets around the model; regression
    int steps = 0;
};

struct RvmOptions
{
    int maxSteps = 200;
    double tolerance = 1e-2; ///< the least gain in twice the log evidence that is worth a step
};

/// Sparse Bayesian learning by adding, re-estimating and deleting one column at a time (Tipping and Faul, "Fast
/// Marginal Likelihood Maximisation for Sparse Bayesian Models", AISTATS 2003). `design` is rows x columns. Regression:
/// targets with Gaussian noise, whose variance is learnt.
Result<SparseWeights> sparseRegression(const common::Matrix& design, const common::Vector& targets,
                                       const RvmOptions& options = {}, const CancelToken& cancel = {});

/// Targets are 0 or 1; the logistic likelihood is approximated by Laplace's method.
Result<SparseWeights> sparseClassification(const common::Matrix& design, const common::Vector& targets,
                                           const RvmOptions& options = {}, const CancelToken& cancel = {});

/// exp(-gamma |row - centre|^2), rows x centres, and a last column of ones.
common::Matrix rbfDesign(const common::Matrix& rows, const common::Matrix& centres, double gamma);

/// Log marginal likelihood of `targets` under weights with the given prior precisions and noise, from the definition:
/// N(targets; 0, noise I + Phi diag(1/precisions) Phi'). For tests and reports; cubic in the rows.
double logEvidence(const common::Matrix& kept, const common::Vector& precisions, double noise,
                   const common::Vector& targets);

} // namespace ember::kernel
