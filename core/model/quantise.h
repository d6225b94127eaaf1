// SPDX-License-Identifier: GPL-3.0-or-later
// Post-training quantisation to int8, with the arithmetic of TensorFlow Lite.
#pragma once

#include "core/base/result.h"
#include "core/model/calibrate.h"
#include "core/model/graph.h"

#include <QString>

#include <vector>

namespace ember::model {

/// One value that became integers.
struct QuantisedValue
{
    QString name;
    QString operation; ///< that makes it
    ValueRange range;  ///< on the calibration rows, after clipping
    Quantisation quantisation;
};

struct QuantisedModel
{
    Model model;
    std::vector<QuantisedValue> values;
};

/// Metadata key of quantised models: "int8, " and the method.
inline constexpr char kQuantisationKey[] = "emberlab.quantisation";

/// Turns layers, and all between and behind them that integers can do, into int8: weights symmetric with a scale for
/// each output channel, activations asymmetric, biases int32, as the TensorFlow Lite 8-bit specification says. What is
/// in front of the first layer (scaling of features) and what chooses a label behind the last one stays as it is; so
/// inputs and outputs keep their types. The label is the largest of the values before a softmax, which its steps would
/// make equal. `rows`: one tensor for each input, calibration rows along the first dimension.
///
/// Errors: Unsupported, by name, for a model without layers and for an operation between or behind layers that would
/// need reals; those of calibrate().
Result<QuantisedModel> quantise(const Model& model, const std::vector<Tensor>& rows,
                                const CalibrationOptions& options = {});

} // namespace ember::model
