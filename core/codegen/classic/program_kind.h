// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/kind.h"

namespace ember::codegen {

/// Any small float graph, as a list of steps.
const ModelKind& programKind();

} // namespace ember::codegen
