// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/host_program.h"

namespace ember::codegen {

/// A float program on features encoded in the model's type, through the kernels that boards run.
InferenceOutput runProgram(const LoweredProgram& program, const LoweredModel& model, const QByteArray& features);

} // namespace ember::codegen
