// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/kind.h"

namespace ember::codegen {

/// int8 networks.
const ModelKind& networkKind();

} // namespace ember::codegen
