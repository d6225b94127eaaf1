// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugin-api/trainer.h"
#include "plugins/trees/forest.h"

namespace ember::trees {

/// The trainers of this plugin differ in defaults and in which parameters make sense.
enum class Kind
{
    DecisionTree,
    RandomForest,
    ExtraTrees
};

QList<plugin::ParameterSpec> parameterSpecs(Kind kind);

/// Errors: Usage for a "max-features" that is neither a word nor a number that fits.
Result<ForestOptions> readOptions(Kind kind, const QVariantMap& parameters, std::size_t columns);

} // namespace ember::trees
