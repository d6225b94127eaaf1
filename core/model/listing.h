// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/graph.h"

#include <QString>
#include <QStringList>

#include <vector>

namespace ember::model {

/// The graph as text: inputs, one line for each node with the types, shapes and scales of what it reads and makes, and
/// outputs. Long names are shortened to what tells them apart. For people; nothing parses it.
QString listing(const Model& model);

/// One operation of the graph: for programs with names in full, for tables with short ones.
struct ListedNode
{
    QString operation;
    QString parameters; ///< as the listing has them: "stride=2,2 pad=same +relu"
    QStringList inputs; ///< empty: an optional input that is absent
    std::vector<ValueInfo> outputs;
    QString reads;     ///< short names of what is no constant
    QString constants; ///< types and shapes: "int8 64x10x4x1, int32 64"
    QString makes;     ///< short names
};
std::vector<ListedNode> listedNodes(const Model& model);

} // namespace ember::model
