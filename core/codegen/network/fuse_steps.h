// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/network/network.h"

namespace ember::codegen {

/// Puts a sum, or a dense layer of few outputs, into the convolution before it where nothing else reads what that
/// makes: then two pixels of it are in memory, not all. Results are the same.
void fuseSteps(LoweredNetwork& network);

} // namespace ember::codegen
