// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/graph.h"
#include "core/model/onnx_format.h"

namespace ember::model::detail {

/// Metadata key and value of models whose integers follow TensorFlow Lite Micro to the last bit, though the file says
/// the same in reals between DequantizeLinear and QuantizeLinear.
inline constexpr char kArithmeticKey[] = "emberlab.arithmetic";
inline constexpr char kIntegerArithmetic[] = "tflite-micro";

/// Turns what the writer makes of operations on quantised integers back into these: an operator between
/// DequantizeLinear and QuantizeLinear, with the Transpose nodes around it and the activation behind it, becomes one
/// operation on stored numbers. Scales of values come from the file's quantisation annotations.
/// Errors: BadData where an annotation does not fit.
Status fuseIntegers(const pb::GraphProto& proto, Graph& graph);

} // namespace ember::model::detail
