// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/codegen/lower.h"

namespace ember::codegen {

/// A forest in integers, tables included, of a valid ensemble whose features come as `type` (not Auto). With codes they
/// come as these, and thresholds are compared with what the codes stand for: exactly so.
/// Errors: Unsupported with the reason.
Result<LoweredForest> lowerForest(const model::TreeEnsemble& ensemble, FeatureType type, Vote vote,
                                  const std::optional<LoweredCodes>& codes = std::nullopt);

} // namespace ember::codegen
