// SPDX-License-Identifier: GPL-3.0-or-later
// Which values of a graph become integers, and which of them must share a scale. Private to this folder.
#pragma once

#include "core/base/result.h"
#include "core/model/calibrate.h"
#include "core/model/graph.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace ember::model::detail {

struct QuantisationPlan
{
    std::vector<bool> isInteger;               ///< for each node
    std::set<std::string> integers;            ///< values that become integers
    std::set<std::string> calibrated;          ///< values whose ranges are needed: those, and reals that layers read
    std::map<std::string, std::string> one;    ///< a value, and the one that stands for all with its scale
    std::map<std::string, Quantisation> fixed; ///< by that one: results of functions with a scale of their own
    std::map<std::string, std::string> larger; ///< probabilities, and the values with the same order that make them

    /// The value that stands for all with the scale of this one.
    std::string leader(const std::string& name) const;
    /// What an index of the largest is looked for in.
    const std::string& source(const std::string& name) const;
    /// Whether an input of an integer node is a number it computes with, not a shape, axis or index.
    bool isData(const Node& node, std::size_t input) const;
};

/// Dense layer or convolution: what integers begin with.
bool isLayer(const Operation& operation);
/// The dimension of a layer's weights that has a scale for each index.
std::size_t channelAxis(const Operation& operation);

/// Errors: Unsupported for a graph without layers, and for an operation that integers cannot do, by name.
Result<QuantisationPlan> planQuantisation(const Graph& graph, ActivationWidth width);

TensorType typeOf(ActivationWidth width);

/// Scale and zero point for a range, which is widened to hold zero. 16 bits have their zero in the middle.
Quantisation scaleFor(ValueRange range, ActivationWidth width);
ValueRange rangeOf(const Tensor& values);

/// Scales of all integer values, by the ranges of those that share one.
std::map<std::string, Quantisation> scalesOf(const QuantisationPlan& plan,
                                             const std::map<std::string, ValueRange>& ranges, ActivationWidth width);

} // namespace ember::model::detail
