// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/lower.h"

#include <optional>

namespace ember::codegen {

struct IntegerSupport
{
    LoweredSupport model;
    double decisionScale = 1; ///< decisions are so many times the model's
};

/// The float program of a support vector classifier on whole numbers as integers; nothing for another program, or where
/// the numbers do not fit: support vectors that are no bytes around a centre.
std::optional<IntegerSupport> integerSupport(const LoweredProgram& program, std::size_t features);

} // namespace ember::codegen
