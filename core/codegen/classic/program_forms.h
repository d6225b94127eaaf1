// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/classic/program.h"

#include <cstddef>

namespace ember::codegen {

/// How the kernel of a step is called.
struct StepForm
{
    const char* kernel;
    const char* shape;  ///< the struct of its numbers; empty: one plain number
    const char* header; ///< in device-agent/runtime
};

StepForm formOf(ProgramKernel kind);

/// Steps over images have an ImageWindow of so many numbers before their shape; 0 for others.
std::size_t windowNumbersOf(ProgramKernel kind);

/// The name in the runtime; empty for None.
const char* functionName(StepFunction function);

} // namespace ember::codegen
