// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/codegen/network/network.h"
#include "core/model/graph.h"

namespace ember::codegen {

/// Lowers a graph of one input with a batch of one whose layers are int8, and plans its memory. What stands in front of
/// the first layer becomes part of its input; see network_ends.h for what may stand behind the last. Errors:
/// Unsupported, naming the operation and its place; BadData as model::analyse().
Result<LoweredNetwork> lowerNetwork(const model::Model& model, FeatureType featureType);

/// Gives every value and scratch a place in one arena. A result lies where its input did when the kernel allows it and
/// the input is not read again.
void planMemory(LoweredNetwork& network);

} // namespace ember::codegen
