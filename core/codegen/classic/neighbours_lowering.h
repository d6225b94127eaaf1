// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/lower.h"

#include <optional>

namespace ember::codegen {

struct IntegerNeighbours
{
    LoweredNeighbours model;
    double voteScale = 1; ///< votes are so many times the model's shares
};

/// The float program of nearest neighbours that vote alike, on whole numbers of 8 or 16 bits, as integers; nothing for
/// another program, or for stored points that are no such numbers.
/// `learns`: rows of the features' type come to the points.
std::optional<IntegerNeighbours> integerNeighbours(const LoweredProgram& program, const LoweredModel& lowered,
                                                   bool learns);

} // namespace ember::codegen
