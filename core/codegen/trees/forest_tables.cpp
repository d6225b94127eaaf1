// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/trees/forest_tables.h"

#include <algorithm>
#include <limits>

namespace ember::codegen {
namespace {

constexpr quint32 kTrueIsLeaf = 1;
constexpr quint32 kFalseIsLeaf = 2;
constexpr quint32 kMissingGoesTrue = 4;
constexpr quint32 kLeafFollows = 15;

void appendLittleEndian(QByteArray& bytes, quint32 value, int width)
{
    for (int i = 0; i < width; ++i)
        bytes += static_cast<char>(value >> (8 * i));
}

/// Seven bits a byte, most significant first, the high bit on all but the last.
QByteArray varint(quint32 value)
{
    QByteArray bytes(1, static_cast<char>(value & 0x7F));
    while ((value >>= 7) != 0)
        bytes.prepend(static_cast<char>(0x80 | (value & 0x7F)));
    return bytes;
}

quint32 leafOf(qint32 child)
{
    return static_cast<quint32>(-1 - child);
}

QByteArray leafPair(quint32 whenTrue, quint32 whenFalse)
{
    const quint32 low = std::min(whenTrue, kLeafFollows);
    const quint32 high = std::min(whenFalse, kLeafFollows);
    QByteArray bytes(1, static_cast<char>(low | (high << 4)));
    if (low == kLeafFollows)
        bytes += varint(whenTrue - kLeafFollows);
    if (high == kLeafFollows)
        bytes += varint(whenFalse - kLeafFollows);
    return bytes;
}

class NodeTable
{
public:
    explicit NodeTable(LoweredForest& forest)
        : m_forest(forest)
        , m_size(forest.nodes.size(), 0)
    {}

    /// Nodes are in pre-order, the true side first, which is the order of the table.
    void encode()
    {
        measure();
        m_forest.nodeTable.clear();
        std::vector<quint32> offsets;
        std::size_t tree = 0;
        for (std::size_t i = 0; i < m_forest.nodes.size(); ++i) {
            if (tree < m_forest.roots.size() && m_forest.roots[tree] == static_cast<qint32>(i)) {
                offsets.push_back(static_cast<quint32>(m_forest.nodeTable.size()));
                ++tree;
            }
            appendHead(m_forest.nodes[i]);
            m_forest.nodeTable += link(m_forest.nodes[i]);
        }
        m_forest.rootBytes = m_forest.nodeTable.size() <= 65536 ? 2 : 4;
        m_forest.rootTable.clear();
        for (const quint32 offset : offsets)
            appendLittleEndian(m_forest.rootTable, offset, m_forest.rootBytes);
    }

private:
    /// Children come after their parents: sizes of subtrees from the back.
    void measure()
    {
        for (std::size_t i = m_forest.nodes.size(); i-- > 0;) {
            const LoweredNode& node = m_forest.nodes[i];
            m_size[i] = m_forest.headBytes + m_forest.thresholdBytes + static_cast<quint32>(link(node).size());
            for (const qint32 child : {node.whenTrue, node.whenFalse})
                m_size[i] += child >= 0 ? m_size[static_cast<std::size_t>(child)] : 0;
        }
    }

    void appendHead(const LoweredNode& node)
    {
        quint32 head = static_cast<quint32>(node.feature) << (m_forest.missingValues ? 3 : 2);
        head |= node.whenTrue < 0 ? kTrueIsLeaf : 0;
        head |= node.whenFalse < 0 ? kFalseIsLeaf : 0;
        head |= node.missingGoesTrue ? kMissingGoesTrue : 0;
        appendLittleEndian(m_forest.nodeTable, head, m_forest.headBytes);
        appendLittleEndian(m_forest.nodeTable, static_cast<quint32>(node.threshold), m_forest.thresholdBytes);
    }

    QByteArray link(const LoweredNode& node) const
    {
        if (node.whenTrue < 0 && node.whenFalse < 0)
            return leafPair(leafOf(node.whenTrue), leafOf(node.whenFalse));
        if (node.whenTrue < 0 || node.whenFalse < 0)
            return varint(leafOf(std::min(node.whenTrue, node.whenFalse)));
        return varint(m_size[static_cast<std::size_t>(node.whenTrue)]);
    }

    LoweredForest& m_forest;
    std::vector<quint32> m_size; ///< of each subtree, bytes
};

Status chooseShape(LoweredForest& forest)
{
    quint32 largestFeature = 0;
    qint32 least = 0;
    qint32 most = 0;
    for (const LoweredNode& node : forest.nodes) {
        largestFeature = std::max<quint32>(largestFeature, node.feature);
        least = std::min(least, node.threshold);
        most = std::max(most, node.threshold);
    }
    const quint32 featureLimit8 = forest.missingValues ? 32 : 64;
    if (largestFeature >= featureLimit8 * 256)
        return Error(ErrorKind::Unsupported, QStringLiteral("The forest uses feature %1; tables hold numbers below %2.")
                                                 .arg(largestFeature)
                                                 .arg(featureLimit8 * 256));
    const auto fits = [&](auto example) {
        using Limits = std::numeric_limits<decltype(example)>;
        return least >= Limits::min() && most <= Limits::max();
    };
    forest.headBytes = largestFeature < featureLimit8 ? 1 : 2;
    forest.thresholdBytes = fits(qint8{}) ? 1 : fits(qint16{}) ? 2 : 4;
    return {};
}

void encodeShares(LoweredForest& forest)
{
    const std::size_t targets = forest.targets;
    std::vector<quint32> counts(targets < 2 ? 0 : targets - 1, 0);
    for (std::size_t leaf = targets; leaf < forest.leafCount; ++leaf) {
        const auto row = forest.leafValues.begin() + static_cast<qptrdiff>(leaf * targets);
        std::vector<std::size_t> sharing;
        for (std::size_t t = 0; t < targets; ++t) {
            if (row[static_cast<qptrdiff>(t)] != 0)
                sharing.push_back(t);
        }
        ++counts[sharing.size() - 2];
        for (const std::size_t t : sharing) {
            forest.leafTable += static_cast<char>(t);
            if (t != sharing.back())
                appendLittleEndian(forest.leafTable, static_cast<quint32>(row[static_cast<qptrdiff>(t)]), 2);
        }
    }
    while (!counts.empty() && counts.back() == 0)
        counts.pop_back();
    for (const quint32 count : counts)
        appendLittleEndian(forest.leafCounts, count, 2);
}

void encodeValues(LoweredForest& forest)
{
    for (const qint32 value : forest.leafValues)
        appendLittleEndian(forest.leafTable, static_cast<quint32>(value), 4);
}

} // namespace

Status encodeTables(LoweredForest& forest)
{
    EMBER_CHECK(chooseShape(forest));
    NodeTable(forest).encode();
    forest.leafTable.clear();
    forest.leafCounts.clear();
    if (forest.leafKind == LeafKind::Shares)
        encodeShares(forest);
    else if (forest.leafKind == LeafKind::Values)
        encodeValues(forest);
    return {};
}

} // namespace ember::codegen
