// SPDX-License-Identifier: GPL-3.0-or-later
// Private to this folder.
#pragma once

#include "core/model/feature_codes.h"

#include <string>

namespace ember::model::detail {

/// Moves stored rows that coded features are compared with (of neighbours, and support vectors) to where codes are, so
/// that differences are whole numbers too. `features` is the name of the coded features; what scales them on the way is
/// followed. Returns how many numbers were moved.
int snapPoints(Graph& graph, const std::string& features, const FeatureCodes& codes);

} // namespace ember::model::detail
