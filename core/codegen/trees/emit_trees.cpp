// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/trees/emit_trees.h"

#include "core/features/emit_plan.h"

#include <QStringList>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <set>

namespace ember::codegen {
namespace {

// Compilers take more than proportional time for long functions, so a large forest becomes several.
constexpr int kNodesPerFunction = 1500;
// More than this and the packed counters no longer stay in registers.
constexpr int kMaxPackedWords = 3;

/// How full votes are counted: several targets to a 32-bit word, so that a leaf is one addition to a register.
struct Packing
{
    int bits = 0; ///< per target; 0: not packed

    bool isOn() const { return bits != 0; }
    int perWord() const { return 32 / bits; }
    int words(int targets) const { return (targets + perWord() - 1) / perWord(); }
};

Packing packingFor(int targets, int treesPerFunction)
{
    for (const int bits : {4, 8, 16}) {
        const Packing packing{bits};
        if (treesPerFunction < (1 << bits) && packing.words(targets) <= kMaxPackedWords)
            return packing;
    }
    return {};
}

/// The float whose comparable() image is `key`.
float floatOf(qint32 key)
{
    const auto bits = static_cast<quint32>(key < 0 ? key ^ 0x7FFFFFFF : key);
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

QString floatThreshold(qint32 key)
{
    const float value = floatOf(key);
    if (std::isinf(value))
        return value < 0 ? QStringLiteral("-__builtin_inff()") : QStringLiteral("__builtin_inff()");
    return features::floatLiteral(value);
}

QString integerLiteral(qint32 value)
{
    // The most negative number has no literal of its own type.
    if (value == std::numeric_limits<qint32>::min())
        return QStringLiteral("(-2147483647 - 1)");
    return QString::number(value);
}

QString cTypeOf(FeatureType type)
{
    switch (type) {
    case FeatureType::Int8:
        return QStringLiteral("int8_t");
    case FeatureType::Int16:
        return QStringLiteral("int16_t");
    case FeatureType::Int32:
        return QStringLiteral("int32_t");
    default:
        return QStringLiteral("float");
    }
}

/// One function: some trees of the forest.
class TreeFunction
{
public:
    TreeFunction(const LoweredForest& forest, FeatureType type, std::size_t firstTree, std::size_t lastTree)
        : m_forest(forest)
        , m_type(type)
        , m_first(firstTree)
        , m_last(lastTree)
    {
        if (forest.leafKind != LeafKind::Values)
            m_packing = packingFor(forest.targets, static_cast<int>(lastTree - firstTree));
    }

    QString print(const QString& name)
    {
        m_text = QStringLiteral("void %1(const %2* f, int32_t* votes)\n{\n").arg(name, cTypeOf(m_type));
        const int words = m_packing.isOn() ? m_packing.words(m_forest.targets) : 0;
        for (int i = 0; i < words; ++i)
            m_text += QStringLiteral("    uint32_t full%1 = 0;\n").arg(i);
        for (std::size_t tree = m_first; tree < m_last; ++tree) {
            m_text += QStringLiteral("    // tree %1\n").arg(tree);
            printChild(m_forest.roots[tree], 1);
        }
        if (m_packing.isOn())
            printUnpacking();
        return m_text + QStringLiteral("}\n");
    }

private:
    static QString indent(int depth) { return QString(std::min(depth, 12) * 4, QLatin1Char(' ')); }

    void printChild(qint32 child, int depth)
    {
        if (child < 0)
            m_text += indent(depth) + leafText(static_cast<quint32>(-1 - child)) + QLatin1Char('\n');
        else
            printNode(m_forest.nodes[static_cast<std::size_t>(child)], depth);
    }

    void printNode(const LoweredNode& node, int depth)
    {
        m_text += QStringLiteral("%1if (%2) {\n").arg(indent(depth), conditionText(node));
        printChild(node.whenTrue, depth + 1);
        m_text += indent(depth) + QStringLiteral("} else {\n");
        printChild(node.whenFalse, depth + 1);
        m_text += indent(depth) + QStringLiteral("}\n");
    }

    QString conditionText(const LoweredNode& node) const
    {
        if (m_type != FeatureType::Float32)
            return QStringLiteral("f[%1] <= %2").arg(node.feature).arg(integerLiteral(node.threshold));
        if (node.threshold == kNothingIsAtMost)
            return QStringLiteral("ember::runtime::isMissing(f[%1])").arg(node.feature);
        return QStringLiteral("ember::runtime::%1(f[%2], %3)")
            .arg(node.missingGoesTrue ? QStringLiteral("atMostOrMissing") : QStringLiteral("atMost"))
            .arg(node.feature)
            .arg(floatThreshold(node.threshold));
    }

    QString leafText(quint32 leaf) const
    {
        if (m_forest.leafKind == LeafKind::Values && m_forest.targets == 1)
            return QStringLiteral("votes[0] += %1;").arg(integerLiteral(m_forest.leafValues[leaf]));
        const bool isFull = m_forest.leafKind != LeafKind::Values && leaf < m_forest.targets;
        if (!isFull)
            return QStringLiteral("addLeaf(%1, votes);").arg(leaf);
        if (m_packing.isOn()) {
            const int target = static_cast<int>(leaf);
            return QStringLiteral("full%1 += 0x%2u;")
                .arg(target / m_packing.perWord())
                .arg(1u << (target % m_packing.perWord() * m_packing.bits), 0, 16);
        }
        return QStringLiteral("votes[%1] += %2;").arg(leaf).arg(fullVote());
    }

    QString fullVote() const
    {
        return m_forest.leafKind == LeafKind::Hard ? QStringLiteral("1") : QStringLiteral("ember::runtime::kFullVote");
    }

    void printUnpacking()
    {
        const quint32 mask = (1u << m_packing.bits) - 1;
        const QString factor =
            m_forest.leafKind == LeafKind::Hard ? QString() : QStringLiteral(" * ember::runtime::kFullVote");
        for (int target = 0; target < m_forest.targets; ++target) {
            const int word = target / m_packing.perWord();
            const int shift = target % m_packing.perWord() * m_packing.bits;
            const QString shifted =
                shift == 0 ? QStringLiteral("full%1").arg(word) : QStringLiteral("(full%1 >> %2)").arg(word).arg(shift);
            m_text += QStringLiteral("    votes[%1] += static_cast<int32_t>(%2 & 0x%3u)%4;\n")
                          .arg(target)
                          .arg(shifted)
                          .arg(mask, 0, 16)
                          .arg(factor);
        }
    }

    const LoweredForest& m_forest;
    FeatureType m_type;
    std::size_t m_first;
    std::size_t m_last;
    Packing m_packing;
    QString m_text;
};

/// Trees [cuts[i], cuts[i + 1]) go into function i.
std::vector<std::size_t> functionCuts(const LoweredForest& forest)
{
    std::vector<std::size_t> cuts = {0};
    for (std::size_t tree = 0; tree < forest.roots.size(); ++tree) {
        const auto end =
            tree + 1 < forest.roots.size() ? forest.roots[tree + 1] : static_cast<qint32>(forest.nodes.size());
        if (tree > cuts.back() && end - forest.roots[cuts.back()] > kNodesPerFunction)
            cuts.push_back(tree);
    }
    cuts.push_back(forest.roots.size());
    return cuts;
}

} // namespace

QString printTrees(const LoweredForest& forest, FeatureType type)
{
    const std::vector<std::size_t> cuts = functionCuts(forest);
    if (cuts.size() == 2)
        return TreeFunction(forest, type, 0, forest.roots.size()).print(QStringLiteral("addTrees"));
    QString text;
    QString calls;
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
        const QString name = QStringLiteral("addTrees%1").arg(i);
        text += TreeFunction(forest, type, cuts[i], cuts[i + 1]).print(name) + QLatin1Char('\n');
        calls += QStringLiteral("    %1(f, votes);\n").arg(name);
    }
    return text + QStringLiteral("void addTrees(const %1* f, int32_t* votes)\n{\n").arg(cTypeOf(type)) + calls +
           QStringLiteral("}\n");
}

bool treesNeedLeafTable(const LoweredForest& forest)
{
    switch (forest.leafKind) {
    case LeafKind::Hard:
        return false;
    case LeafKind::Shares:
        return forest.leafCount > forest.targets;
    case LeafKind::Values:
        return forest.targets != 1;
    }
    return true;
}

qint64 estimatedCodeBytes(const LoweredForest& forest, FeatureType type, bool fpu)
{
    // Fitted on linked images, gcc 12 with -Os; a leaf and its jump are in the figure of its comparison.
    const auto nodes = static_cast<double>(forest.nodes.size());
    double perNode = 12.3;
    if (type == FeatureType::Float32) {
        std::set<qint32> thresholds;
        std::set<quint16> features;
        for (const LoweredNode& node : forest.nodes) {
            thresholds.insert(node.threshold);
            features.insert(node.feature);
        }
        // Thresholds come out of literal pools, once each. Without an FPU every comparison is two, and with few
        // features the compiler copies code to save on the second.
        const double literals = static_cast<double>(thresholds.size()) / nodes;
        perNode = fpu ? 18.7 + 7 * literals : (features.size() <= 8 ? 48 : 22) + 5 * literals;
    }
    const double leaves = treesNeedLeafTable(forest) ? 100 : 0;
    return static_cast<qint64>(nodes * perNode + leaves) + 14 * forest.targets;
}

} // namespace ember::codegen
