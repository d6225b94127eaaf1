// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/linear/linear_model.h"

namespace ember::linear {

/// SEFR (Keshavarz, Abadeh and Rawassizadeh, "SEFR: A Fast Linear-Time Classifier for Ultra-Low Power Devices", 2020):
/// a weight is the difference of the feature's means inside and outside the class over their sum; the threshold lies
/// between the mean scores, each weighted with the other side's number of rows. Several classes: one against the rest,
/// the score farthest above its threshold wins. `rows` must not be negative. One row of weights per present class.
Weights fitSefr(const common::Matrix& rows, const common::PresentClasses& classes);

} // namespace ember::linear
