// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "plugins/common/rows.h"

namespace ember::mixture {

/// What the covariances of the components may be.
enum class Covariance
{
    Full,      ///< any
    Tied,      ///< any, the same for all components
    Diagonal,  ///< features are independent within a component
    Spherical, ///< and have the same variance
};

/// One normal distribution of a mixture. `factor` turns (x - mean) into independent numbers of variance 1: for full
/// covariances columns x columns, upper triangular, for diagonal ones a single row of 1 / deviation.
struct Component
{
    double logWeight = 0;
    common::RowVector mean;
    common::Matrix factor;

    bool isDiagonal() const { return factor.rows() == 1; }

    /// logWeight + log N(x; mean, covariance) without the squared part.
    double logConstant() const;

    /// (x - mean) factor, squared and summed: the squared Mahalanobis distance of each row.
    common::Vector distances(const common::Matrix& rows) const;
};

struct MixtureOptions
{
    int components = 1; ///< at most one per row
    Covariance covariance = Covariance::Full;
    double regularisation = 1e-6; ///< added to every variance
    int maxIterations = 100;
    double tolerance = 1e-3; ///< least gain of the mean log-likelihood
    quint64 seed = 1;
};

struct Mixture
{
    std::vector<Component> components;
    std::vector<double> history; ///< mean log-likelihood of the rows before each step

    /// Of each row.
    common::Vector logLikelihoods(const common::Matrix& rows) const;
};

/// Expectation maximisation from the clusters of k-means. The mean log-likelihood never falls (but for what
/// regularisation adds). Errors: Cancelled; Failed for a covariance that is no covariance, which more regularisation
/// cures.
Result<Mixture> fitMixture(const common::Matrix& rows, const MixtureOptions& options, const ProgressSink& progress = {},
                           const CancelToken& cancel = {});

/// The factor of a covariance: L^-T of covariance = L L^T. Errors: Failed.
Result<common::Matrix> whitening(const common::Matrix& covariance);

} // namespace ember::mixture
