// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/codegen/network/network.h"
#include "core/model/graph.h"

namespace ember::codegen {

/// Lowers an int8 graph of one input and one output with a batch of one, and plans its memory. Errors: Unsupported,
/// naming the operation and its place; BadData as model::analyse().
Result<LoweredNetwork> lowerNetwork(const model::Model& model);

/// Gives every value and scratch a place in one arena. A result lies where its input did when the kernel allows it and
/// the input is not read again.
void planMemory(LoweredNetwork& network);

} // namespace ember::codegen
