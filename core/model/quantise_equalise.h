// SPDX-License-Identifier: GPL-3.0-or-later
// Cross-layer equalisation. Private to this folder.
#pragma once

#include "core/model/graph.h"

namespace ember::model::detail {

/// Scales the channels between two layers, so that those of the first use their common range alike: w1 / s, b1 / s,
/// w2 * s with s = sqrt(r1 / r2) by the largest weights r1 of the channel in the first and r2 in the second (Nagel et
/// al., "Data-Free Quantization Through Weight Equalization and Bias Correction", ICCV 2019). Between them may be what
/// keeps factors: a rectifier, pools, the mean over all cells, a flattening. `graph` is in layer form; it stays the
/// same function but for rounding. Returns how many pairs of layers there were.
int equaliseLayers(Graph& graph);

} // namespace ember::model::detail
