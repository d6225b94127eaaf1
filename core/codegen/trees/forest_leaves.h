// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/codegen/lower.h"

#include <vector>

namespace ember::codegen {

/// Turns the leaf values of `ensemble` into integers: fills the leaf fields, base votes and vote scale of `forest` and
/// returns which leaf of the forest each leaf of the ensemble became. Leaves that add the same are one.
/// The ensemble must be valid. Errors: Unsupported, Usage.
Result<std::vector<quint32>> lowerLeaves(const model::TreeEnsemble& ensemble, Vote vote, LoweredForest& forest);

} // namespace ember::codegen
