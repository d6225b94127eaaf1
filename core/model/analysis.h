// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/graph.h"

#include <map>
#include <string>

namespace ember::model {

/// What is known of a graph without running it.
struct Analysis
{
    std::map<std::string, ValueInfo> values; ///< every value that is not a constant, with its shape and type
    std::map<std::string, Tensor> folded;    ///< values that nodes compute from constants alone
    qint64 macs = 0;                         ///< multiplications with accumulation in one run
    /// The most bytes of values that are alive together when nodes run in order and share no memory: inputs, results
    /// and states, without constants. No plan of the memory for this order needs less.
    qint64 liveBytes = 0;
};

/// Infers every shape; dimensions of inputs that are not known (-1) are taken as `batch`. Errors: BadData where nodes
/// do not fit together, Unsupported for shapes that depend on the data or are beyond the limits; both name the node.
Result<Analysis> analyse(const Graph& graph, qint64 batch = 1);

} // namespace ember::model
