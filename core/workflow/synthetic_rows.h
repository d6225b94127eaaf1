// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/options.h"
#include "core/footprint/inputs.h"
#include "core/model/graph.h"

namespace ember::workflow {

/// Feature vectors made from the model's own thresholds: each value is one of its feature's thresholds or just above
/// it, so that both branches of many nodes are taken. Whole numbers for integer features. The same model gives the same
/// rows.
footprint::FeatureRows syntheticRows(const model::Model& model, codegen::FeatureType type, qint64 rows);

/// Numbers from -128 to 127, each as likely as the next; for floats divided by 128. The same call gives the same rows.
footprint::FeatureRows randomRows(std::size_t columns, codegen::FeatureType type, qint64 rows);

} // namespace ember::workflow
