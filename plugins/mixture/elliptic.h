// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/result.h"
#include "plugins/mixture/gaussian_mixture.h"

namespace ember::mixture {

struct EllipticOptions
{
    bool robust = true;
    double regularisation = 1e-6; ///< added to every variance
    int starts = 30;              ///< of the robust search
    quint64 seed = 1;
};

/// Mean and covariance of the rows. Robust: of that half of the rows ((rows + columns + 1) / 2) whose covariance has
/// the least determinant, searched for by concentration steps from random starts (Rousseeuw and Van Driessen, "A Fast
/// Algorithm for the Minimum Covariance Determinant Estimator", 1999), so that outliers among the rows do not hide
/// themselves. Errors: Cancelled; Failed for a covariance that is none.
Result<Component> fitEllipse(const common::Matrix& rows, const EllipticOptions& options,
                             const CancelToken& cancel = {});

} // namespace ember::mixture
