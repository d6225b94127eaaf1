// SPDX-License-Identifier: GPL-3.0-or-later
// Post-training quantisation to int8, or int8 weights with int16 activations, with the arithmetic of TensorFlow Lite.
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

struct QuantiseOptions
{
    CalibrationOptions calibration;
    ActivationWidth width = ActivationWidth::Int8;
    bool equalise = false;    ///< the channels between two layers first (quantise_equalise.h)
    bool correctBias = false; ///< of each layer at last (quantise_bias.h)
};

struct QuantisedModel
{
    Model model;
    std::vector<QuantisedValue> values;
    Graph reals;                              ///< what the integers stand for: the model in layer form
    std::map<std::string, ValueRange> ranges; ///< of `reals`: what the integers of each value can hold
    int equalisedPairs = 0;
};

/// Metadata key of quantised models: "int8" or "int16x8", the method, and what else was asked for.
inline constexpr char kQuantisationKey[] = "emberlab.quantisation";

/// Turns layers, and all between and behind them that integers can do, into int8: weights symmetric with a scale for
/// each output channel, activations asymmetric, biases int32, as the TensorFlow Lite 8-bit specification says; or into
/// int16 activations, symmetric, with the same weights and biases of 64 bits (its 16x8 specification). What is
/// in front of the first layer (scaling of features) and what chooses a label behind the last one stays as it is; so
/// inputs and outputs keep their types. The label is the largest of the values before a softmax, which its steps would
/// make equal. `rows`: one tensor for each input, calibration rows along the first dimension.
///
/// Errors: Unsupported, by name, for a model without layers and for an operation between or behind layers that would
/// need reals; those of calibrate().
Result<QuantisedModel> quantise(const Model& model, const std::vector<Tensor>& rows,
                                const QuantiseOptions& options = {});

} // namespace ember::model
