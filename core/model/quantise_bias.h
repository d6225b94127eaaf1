// SPDX-License-Identifier: GPL-3.0-or-later
// Bias correction. Private to this folder.
#pragma once

#include "core/base/result.h"
#include "core/model/graph.h"

#include <vector>

namespace ember::model::detail {

/// One layer in both graphs.
struct LayerPair
{
    std::string real;   ///< the value that the node of the graph of reals makes
    std::string stored; ///< and that of the graph of integers
};

/// Moves the biases of quantised layers so that the mean of each output channel over the rows, before the clamp at its
/// end, is what it was with reals: layer after layer, each with what the corrected ones before it give (Nagel et al.,
/// "Data-Free Quantization Through Weight Equalization and Bias Correction", ICCV 2019, empirical form). Layers without
/// a bias get one. Errors: as Interpreter::run().
Status correctBiases(const Graph& reals, Graph& stored, const std::vector<LayerPair>& layers,
                     const std::vector<Tensor>& rows);

} // namespace ember::model::detail
