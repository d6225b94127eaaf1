// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/evaluator.h"

#include <vector>

namespace ember::workflow {

/// Shares of the classes for each row, rows x targets: the model's scores where they are shares (none below 0, each
/// row's add up to 1 within 0.001); otherwise 1 for the class that wins, because other scores say nothing more.
std::vector<float> classShares(const model::Evaluation& evaluation);

} // namespace ember::workflow
