// SPDX-License-Identifier: GPL-3.0-or-later
// Fitted mixtures as nodes of a graph.
#pragma once

#include "core/model/graph_builder.h"
#include "plugins/mixture/gaussian_mixture.h"

namespace ember::mixture {

/// Logarithms of densities [rows, groups] of x. Every group is a mixture of the same covariance kind; a group without
/// components never wins.
std::string addLogDensities(model::GraphBuilder& graph, const std::string& name, const std::string& x,
                            const std::vector<std::vector<Component>>& groups);

/// Negative squared distances [rows, groups] from the nearest centre of each group; a group without centres never wins.
std::string addNearness(model::GraphBuilder& graph, const std::string& name, const std::string& x,
                        const std::vector<common::Matrix>& groups, Eigen::Index columns);

} // namespace ember::mixture
