// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/kind.h"

namespace ember::codegen {

/// Graphs of one tree ensemble and nothing else.
const ModelKind& treeKind();

} // namespace ember::codegen
