// SPDX-License-Identifier: GPL-3.0-or-later
// Weights and biases as integers. Private to this folder.
#pragma once

#include "core/base/result.h"
#include "core/model/graph.h"

namespace ember::model::detail {

struct QuantisedWeights
{
    Constant weights; ///< int8, -127 to 127, a scale for each index of the axis
    Constant bias;    ///< in steps of the input's scale times the channel's; empty without a bias
};

/// `axis`: the dimension of the output channels; the last one when it is beyond them. `wideBias`: int64 instead of
/// int32, and zeros where there is none, as kernels of 16-bit activations want it. Errors: BadData for weights that are
/// not finite.
Result<QuantisedWeights> quantiseWeights(const Tensor& weights, const Tensor* bias, float inputScale, std::size_t axis,
                                         bool wideBias);

/// Any constant as int8 or int16 with the given scale, rounded half away from zero.
Constant quantisedConstant(const Tensor& values, const Quantisation& quantisation, TensorType type);

} // namespace ember::model::detail
