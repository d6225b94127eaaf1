// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QtGlobal>

#include <vector>

namespace ember::codegen {

/// Balanced optimisation writes a forest as code when the estimate of that code's size is at most this, bytes.
constexpr qint64 kBalancedCodeBytes = 4096;

/// Threshold of a float comparison that only a missing value passes: below the image of minus infinity.
constexpr qint32 kNothingIsAtMost = -0x7F800002;

enum class CodeStyle : quint8
{
    Table,
    Code
};

/// One node of a lowered tree: `feature <= threshold`, both in the integers that the kernel compares (floats by their
/// order-preserving image). A negative child -1 - n is leaf n. Nodes of a tree are in pre-order, the true side first.
struct LoweredNode
{
    quint16 feature = 0;
    bool missingGoesTrue = false; ///< only float features can be missing (NaN)
    qint32 threshold = 0;
    qint32 whenTrue = -1;
    qint32 whenFalse = -1;
};

/// How a leaf is stored; see device-agent/runtime/forest.hpp.
enum class LeafKind : quint8
{
    Hard,   ///< leaf n is one vote for target n
    Shares, ///< non-negative class shares of equal sum: leaf n < targets is a full vote, the others are listed
    Values, ///< any values: dense rows of 32-bit numbers
};

/// A forest in integers: what the table kernel reads, and what the code writer prints as comparisons. Both compute the
/// same votes, bit for bit.
struct LoweredForest
{
    std::vector<LoweredNode> nodes; ///< tree after tree
    std::vector<qint32> roots;      ///< one node per tree
    quint16 targets = 0;            ///< votes
    LeafKind leafKind = LeafKind::Hard;
    quint32 leafCount = 0;
    /// What each leaf adds, leafCount x targets; empty for hard votes.
    std::vector<qint32> leafValues;
    std::vector<qint32> baseVotes; ///< one per target, or empty for zeros
    double voteScale = 1;          ///< a vote of `voteScale` is 1.0 of the model's own output; 1 for hard votes
    int maxDepth = 0;              ///< comparisons on the longest path
    bool missingValues = false;    ///< some node sends NaN to its true side

    // The same as tables.
    quint8 headBytes = 1;      ///< 1, 2
    quint8 thresholdBytes = 1; ///< 1, 2, 4
    quint8 rootBytes = 2;      ///< 2, 4
    QByteArray nodeTable;
    QByteArray rootTable;  ///< byte offsets into nodeTable, little-endian
    QByteArray leafTable;  ///< empty for hard votes
    QByteArray leafCounts; ///< Shares: u16 per size of mixed leaf

    /// Bytes of all constant tables.
    qint64 tableBytes() const;
};

} // namespace ember::codegen
