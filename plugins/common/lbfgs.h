// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/common/rows.h"

#include <functional>

namespace ember::common {

struct LbfgsOptions
{
    int maxIterations = 1000;
    double tolerance = 1e-6; ///< on the largest component of the gradient
    int history = 10;
};

struct LbfgsReport
{
    double value = 0;
    int iterations = 0;
    bool converged = false;
};

/// Value of a function at x; fills the gradient.
using Objective = std::function<double(const Vector& x, Vector& gradient)>;

/// Limited-memory BFGS (Nocedal and Wright, Numerical Optimization, algorithm 7.5) with a weak Wolfe line search by
/// bisection (Lewis and Overton 2013). Begins at x and leaves the minimum there. `step` is told after each iteration
/// and may end the search by returning false.
LbfgsReport minimise(const Objective& objective, Vector& x, const LbfgsOptions& options,
                     const std::function<bool(const LbfgsReport&)>& step = {});

} // namespace ember::common
