// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/kind.h"

namespace ember::codegen {

/// Fills the body and what else a kind fills, for a model of one float row. Errors: those of the shape inference.
Result<WhyNot> lowerProgram(const model::Model& model, LoweredModel& lowered);

} // namespace ember::codegen
