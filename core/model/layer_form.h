// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/graph.h"

namespace ember::model {

/// The same function in the form that integer kernels have: dense layers with weights [out, in], convolutions and pools
/// with channels last, batch normalisation in the weights of the layer before it, clamps at the end of the layer before
/// them, shapes as constants. What is not among these stays as it is. Results differ by the rounding of float32 only.
/// Errors: as analyse().
Result<Graph> layerForm(const Graph& graph);

} // namespace ember::model
