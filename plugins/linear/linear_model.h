// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/common/rows.h"

namespace ember::linear {

/// score = coefficients x + intercept, one row per score.
struct Weights
{
    common::Matrix coefficients; ///< scores x columns
    common::Vector intercepts;

    /// The same function of rows that are not scaled yet.
    Weights unscaled(const common::Scaling& scaling) const;

    /// A row for each class of the data; one score for two present classes is that of the second, and gives the first
    /// its negative half.
    Weights forClasses(const common::PresentClasses& classes) const;
};

/// Scores of the classes of the data, the largest wins.
model::Model classifierOf(const Weights& weights, model::PostTransform transform, const plugin::TrainingView& data);

/// One number.
model::Model regressorOf(const Weights& weights, const plugin::TrainingView& data);

} // namespace ember::linear
