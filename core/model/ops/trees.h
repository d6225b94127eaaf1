// SPDX-License-Identifier: GPL-3.0-or-later
// Private to core/model.
#pragma once

#include "core/model/evaluator.h"

namespace ember::model::ops {

/// Appends scores and winners of whole rows. The ensemble has been validated.
void evaluateTrees(const TreeEnsemble& ensemble, std::span<const float> rows, Rounding rounding, Evaluation& result);

} // namespace ember::model::ops
