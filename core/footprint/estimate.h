// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/codegen/lower.h"
#include "core/features/cost.h"
#include "core/footprint/cost.h"

namespace ember::device {
struct Board;
}

namespace ember::footprint {

/// What decides the price of feature extraction on the board. Errors: Unsupported, as estimate().
Result<features::CpuClass> cpuClassOf(const device::Board& board);

/// What the model will cost on the board, by formula: no compiler, no emulator, microseconds of work. Coefficients were
/// fitted on linked images and emulated runs (tests/bench/bench_estimate prints the errors). Errors: Unsupported for a
/// board whose processor has no coefficients.
Result<ModelCost> estimate(const codegen::LoweredModel& model, const device::Board& board);

} // namespace ember::footprint
