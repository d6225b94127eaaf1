// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/kind.h"

namespace ember::codegen {

/// Gaussian naive Bayes in integers. Made by programKind() where it fits.
const ModelKind& gaussianKind();

} // namespace ember::codegen
