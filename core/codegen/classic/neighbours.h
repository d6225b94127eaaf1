// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <vector>

namespace ember::codegen {

/// Nearest neighbours on whole-number features, in the integers of device-agent/runtime/fixed_neighbours.hpp. Where all
/// features weigh the same, distances are exact; else weights are rounded, and a label can differ from the float
/// model's: verification counts. Votes are exact with both, but for those that weigh by nearness, in 16 bits.
struct LoweredNeighbours
{
    quint16 features = 0;
    quint16 pointCount = 0;
    quint16 classes = 0;
    quint16 k = 0;
    bool cityBlocks = false;
    bool byNearness = false;      ///< votes weigh 1 / distance, and outputs are shares of all
    bool wideSums = false;        ///< distances of 64 bits
    bool widePoints = false;      ///< points of 16 bits, else 8
    std::vector<qint16> points;   ///< pointCount x features
    std::vector<quint32> weights; ///< of squared or plain differences; empty: ones
    std::vector<quint16> labels;  ///< class of each point
};

} // namespace ember::codegen
