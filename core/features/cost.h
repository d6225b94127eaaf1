// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/features/emit_plan.h"

namespace ember::features {

/// What decides the price of float arithmetic.
enum class CpuClass
{
    FloatHardware,     ///< single-precision FPU: Cortex-M4F, M7, M33
    FloatLibrary,      ///< every float operation is a call: Cortex-M3
    FloatLibraryArmV6, ///< the same on a core with the short instructions only: Cortex-M0, M0+
    FloatLibraryRv32,  ///< the same on RV32IMAC
    FloatLibraryAvr,   ///< the same on an 8-bit AVR, whose work is counted in cycles
};

/// Estimated cost of feature extraction for one window: formulas fitted to counts on emulated boards (-Os); the source
/// of these numbers is always "estimated".
struct ExtractionCost
{
    double instructions = 0; ///< cycles on an AVR
    int codeBytes = 0;       ///< kernels (each once) and the calls
    int libraryBytes = 0;    ///< float functions of the tool-chain; free where the firmware links them anyway
    int constantBytes = 0;   ///< tables
    int scratchBytes = 0;    ///< RAM that is only used while extracting

    int flashBytes() const { return codeBytes + libraryBytes + constantBytes; }
};

/// Of the whole plan.
ExtractionCost estimateExtraction(const ExtractionPlan& plan, CpuClass cpu);

/// What each block of the pipeline costs when it is alone, in the order of the pipeline. Their sum is more than the
/// cost of the whole, because blocks share loads, kernels and scratch. Errors: as validate().
Result<std::vector<ExtractionCost>> blockCosts(const Pipeline& pipeline, CpuClass cpu);

} // namespace ember::features
