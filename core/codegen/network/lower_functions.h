// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/network/lower_layers.h"

namespace ember::codegen {

/// Operations without weights: pairs, functions of one value, softmax, means. Errors: Unsupported, with the
/// operation's name.
Result<std::optional<StepKind>> lowerFunction(const model::Operation& operation, const NodeValues& values);

} // namespace ember::codegen
