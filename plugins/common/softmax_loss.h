// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/common/rows.h"

namespace ember::common {

/// Mean of -log softmax at the labels. `scores` (rows x classes) becomes its gradient by the scores: the probabilities
/// less the truth, over the number of rows. Requires a label below the number of columns per row.
double softmaxLoss(Matrix& scores, const std::vector<int>& labels);

} // namespace ember::common
