// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/linear/linear_model.h"

namespace ember::linear {

/// Least squares with an L2 penalty on the coefficients, in closed form: (X'WX + penalty I) w = X'Wy on centred data.
/// `targets` is rows x scores.
Weights fitRidge(const common::Matrix& rows, const common::Matrix& targets, const common::Vector& rowWeights,
                 double penalty);

/// 1 for the row's own class and -1 for the others; for two classes one column, 1 for the second.
common::Matrix signsOf(const common::PresentClasses& classes);

} // namespace ember::linear
