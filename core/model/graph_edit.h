// SPDX-License-Identifier: GPL-3.0-or-later
// Steps that several changes of graphs have in common. Private to this folder.
#pragma once

#include "core/model/analysis.h"
#include "core/model/graph.h"

#include <map>
#include <string>

namespace ember::model::detail {

/// Orders of dimensions for Transpose: channels first to last, last to first, and the first dimension to the end.
std::vector<qint64> lastOrder(std::size_t rank);
std::vector<qint64> firstOrder(std::size_t rank);
std::vector<qint64> rotatedOrder(std::size_t rank);

/// A constant with its dimensions in another order (the order of Transpose); its scales go along.
Constant transposed(const Constant& constant, const std::vector<qint64>& order);

/// Who makes and reads the values of a graph that does not change meanwhile.
class GraphUses
{
public:
    explicit GraphUses(const Graph& graph);

    /// The node that makes a value, or null.
    const Node* maker(const std::string& name) const;
    int count(const std::string& name) const;
    bool isOnlyUse(const std::string& name) const { return count(name) == 1; }

private:
    const Graph& m_graph;
    std::map<std::string, std::size_t> m_makers;
    std::map<std::string, int> m_uses; ///< outputs of the graph count too
};

/// What a value is after a clamp: the activation, and the value it is applied to. None: the value itself.
struct Clamped
{
    Activation activation = Activation::None;
    std::string of;
};

/// Recognises Relu, and the largest and smallest with constants that a Clip becomes. `tanh`: that too.
Clamped clampOf(const Graph& graph, const GraphUses& uses, const std::string& name, bool tanh);

/// Replaces what can be computed without data by constants, for any size of the batch. Errors: as analyse().
Result<Graph> foldShapes(const Graph& graph);

/// Puts clamps into the layer, sum or product before them.
void fuseClamps(Graph& graph);

/// Drops nodes and constants that no output depends on.
void dropUnread(Graph& graph);

} // namespace ember::model::detail
