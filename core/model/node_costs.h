// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/graph.h"

#include <vector>

namespace ember::model {

/// What one node is to the whole. Counted from the graph, the same for every board.
struct NodeCost
{
    qint64 macs = 0;          ///< multiplications with accumulation in one run with a batch of 1
    qint64 constantBytes = 0; ///< of what it alone or first reads: weights, tables, shapes
    qint64 resultBytes = 0;   ///< of what it makes
    Shape result;             ///< shape of the first result
};

/// One for each node, in order. Errors: as analyse().
Result<std::vector<NodeCost>> nodeCosts(const Graph& graph);

} // namespace ember::model
