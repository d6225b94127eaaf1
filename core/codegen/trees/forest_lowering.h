// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/codegen/lower.h"

namespace ember::codegen {

/// A forest in integers, tables included, of a valid ensemble whose features come as `type` (not Auto).
/// Errors: Unsupported with the reason.
Result<LoweredForest> lowerForest(const model::TreeEnsemble& ensemble, FeatureType type, Vote vote);

} // namespace ember::codegen
