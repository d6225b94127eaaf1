// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/network/lower_layers.h"

namespace ember::codegen {

/// How input, weight and output scale become a multiplier: dense layers with one scale multiply the first two in
/// float32, as the reference does.
enum class ScaleProduct : quint8
{
    Double,
    Single
};

/// Bias, multipliers and range of a layer x, weights, [bias]; the weights are not packed yet. Errors: Unsupported for
/// computed weights, other types than int8, weights with a zero point.
Result<LayerTables> layerTables(const NodeValues& values, qint64 channels, model::Activation activation,
                                ScaleProduct product);

/// A channel whose result no input changes - its weights are tiny, and the quantiser made its bias as large as it
/// likes - gets a small bias and a plain scale that give the same, and no weights. `weights` as below.
void foldConstants(std::vector<qint8>& weights, LayerTables& tables, bool columns);

/// Checks that no sum of a layer leaves the range in which the kernels' arithmetic is the reference's. `weights` holds
/// `channels` rows, or columns when `columns`.
Status checkSums(std::span<const qint8> weights, const LayerTables& tables, bool columns);

/// A multiplier as the kernels take it.
ChannelScale channelScale(double real);

} // namespace ember::codegen
