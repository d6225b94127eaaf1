// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/lower.h"

#include <optional>

namespace ember::codegen {

/// The float program of a Gaussian naive Bayes model, or a mixture, on whole numbers of a type as integers, with the
/// scale of its scores; nothing for another program, or where the numbers do not fit.
struct IntegerGaussian
{
    LoweredGaussian model;
    double scoreScale = 1; ///< scores are so many times the model's
};
/// `learns`: means will move, so that sums need more room.
std::optional<IntegerGaussian> integerGaussian(const LoweredProgram& program, std::size_t features, FeatureType type,
                                               bool learns);

} // namespace ember::codegen
