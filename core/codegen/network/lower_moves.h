// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/network/lower_layers.h"

namespace ember::codegen {

/// Whether an operation only puts numbers at other places.
bool isMove(const model::Operation& operation);

/// Where they go is found by running the operation on numbered elements. Errors: Unsupported, by name, for values of
/// unlike scales, constants among them, and places that are not a few blocks of rows.
Result<std::optional<StepKind>> lowerMove(const model::Operation& operation, const NodeValues& values);

} // namespace ember::codegen
