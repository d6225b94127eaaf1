// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/classic/program.h"

#include <vector>

namespace ember::codegen {

/// Gives every buffer of the steps its place: results of element-wise steps where their operand was, if nobody reads it
/// later, and the others so that those alive together do not overlap. `buffers` are the sizes in floats; operands in
/// Scratch name them before, and are offsets afterwards.
void planProgram(LoweredProgram& program, const std::vector<qint64>& buffers);

} // namespace ember::codegen
