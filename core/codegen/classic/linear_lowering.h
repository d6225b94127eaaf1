// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/lower.h"

#include <optional>

namespace ember::codegen {

struct IntegerLinear
{
    LoweredLinear model;
    double scoreScale = 1; ///< scores are so many times the model's
};

/// The float program of a linear model on whole numbers as integers; nothing for another program, or where the numbers
/// do not fit.
std::optional<IntegerLinear> integerLinear(const LoweredProgram& program, const LoweredModel& lowered);

} // namespace ember::codegen
