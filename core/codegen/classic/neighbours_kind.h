// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/kind.h"

namespace ember::codegen {

/// Nearest neighbours in integers. Made by programKind() where it fits.
const ModelKind& neighboursKind();

} // namespace ember::codegen
