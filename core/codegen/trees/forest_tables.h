// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/codegen/lower.h"

namespace ember::codegen {

/// Chooses the narrowest shape that holds the forest's nodes and fills its tables, as device-agent/runtime/forest.hpp
/// describes them. Errors: Unsupported when a feature number is too large for any shape.
Status encodeTables(LoweredForest& forest);

} // namespace ember::codegen
