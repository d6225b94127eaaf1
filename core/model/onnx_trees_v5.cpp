// SPDX-License-Identifier: GPL-3.0-or-later
// The TreeEnsemble operator of ai.onnx.ml version 5: inner nodes and leaves in lists of their own, numbers for names,
// one target per leaf. It is always a regressor.
#include "core/model/onnx_trees.h"
#include "core/model/validate.h"

#include <cmath>
#include <limits>

namespace ember::model::detail {
namespace {

struct Lists
{
    std::span<const std::int64_t> features, whenTrue, whenFalse, trueIsLeaf, falseIsLeaf, missingTrue, leafTargets,
        roots;
    std::vector<double> modes, splits, leafWeights;
    std::vector<double> members; ///< of all sets, each ends with a value that is no number
};

/// The comparison behind those of kBranchModes: whether the feature is one of a set.
constexpr std::size_t kMember = kBranchModes.size();
constexpr qint32 kNoSet = -1;

Result<Lists> readLists(const Attributes& a)
{
    Lists lists{a.ints("nodes_featureids"),
                a.ints("nodes_truenodeids"),
                a.ints("nodes_falsenodeids"),
                a.ints("nodes_trueleafs"),
                a.ints("nodes_falseleafs"),
                a.ints("nodes_missing_value_tracks_true"),
                a.ints("leaf_targetids"),
                a.ints("tree_roots"),
                {},
                {},
                {},
                {}};
    EMBER_TRY(lists.modes, a.tensor("nodes_modes"));
    EMBER_TRY(lists.splits, a.tensor("nodes_splits"));
    EMBER_TRY(lists.leafWeights, a.tensor("leaf_weights"));
    if (a.has("membership_values")) {
        EMBER_TRY(lists.members, a.tensor("membership_values"));
    }
    const std::size_t n = lists.features.size();
    const bool agree = lists.whenTrue.size() == n && lists.whenFalse.size() == n && lists.trueIsLeaf.size() == n &&
                       lists.falseIsLeaf.size() == n && lists.modes.size() == n && lists.splits.size() == n &&
                       (lists.missingTrue.empty() || lists.missingTrue.size() == n) &&
                       lists.leafTargets.size() == lists.leafWeights.size();
    if (!agree || n == 0 || lists.leafTargets.empty())
        return damaged(QStringLiteral("the lists that describe its trees have different lengths, or none"));
    return lists;
}

// Builds nodes in the order of the file: first the inner ones, then one node for each use of a leaf.
class Builder
{
public:
    Builder(const Lists& lists, TreeEnsemble& ensemble)
        : m_lists(lists)
        , m_ensemble(ensemble)
        , m_setOfNode(lists.features.size(), kNoSet)
    {}

    Status addInner(std::size_t i)
    {
        TreeNode node;
        // Numbers that are no byte become one past every mode there is.
        const double number = m_lists.modes[i];
        const std::size_t mode = number >= 0 && number < 256 ? static_cast<std::size_t>(number) : 256;
        if (mode > kMember)
            return unsupported(QStringLiteral("comparison number %1").arg(mode));
        node.mode = mode == kMember ? BranchMode::Equal : kBranchModes[mode].value;
        node.missingGoesTrue = !m_lists.missingTrue.empty() && m_lists.missingTrue[i] != 0;
        if (m_lists.features[i] < 0 || m_lists.features[i] >= kMaxFeatures)
            return damaged(QStringLiteral("a node reads feature %1").arg(m_lists.features[i]));
        node.feature = static_cast<qint32>(m_lists.features[i]);
        if (mode != kMember) {
            EMBER_TRY(node.threshold, narrowThreshold(m_lists.splits[i], node.mode));
        }
        EMBER_TRY(node.whenTrue, child(m_lists.whenTrue[i], m_lists.trueIsLeaf[i] != 0));
        EMBER_TRY(node.whenFalse, child(m_lists.whenFalse[i], m_lists.falseIsLeaf[i] != 0));
        m_ensemble.nodes[i] = node;
        if (mode == kMember)
            m_setOfNode[i] = m_sets++;
        return {};
    }

    /// Membership becomes a comparison with each member: the first that is equal decides. What follows such a node is
    /// there once for each member, and may ask for membership too.
    Status expandSets()
    {
        EMBER_TRY(const std::vector<std::vector<double>> sets, membersOfSets());
        m_setOfNode.resize(m_ensemble.nodes.size(), kNoSet);
        for (std::size_t i = 0; m_sets > 0 && i < m_ensemble.nodes.size(); ++i) {
            if (m_setOfNode[i] != kNoSet)
                EMBER_CHECK(expand(i, sets[static_cast<std::size_t>(m_setOfNode[i])]));
        }
        return {};
    }

private:
    Result<qint32> child(std::int64_t id, bool isLeaf)
    {
        const std::size_t limit = isLeaf ? m_lists.leafTargets.size() : m_lists.features.size();
        if (id < 0 || static_cast<std::size_t>(id) >= limit)
            return damaged(QStringLiteral("a node has a child that is not there"));
        if (!isLeaf)
            return static_cast<qint32>(id);
        TreeNode leaf;
        leaf.leaf = static_cast<qint32>(id);
        m_ensemble.nodes.push_back(leaf);
        return static_cast<qint32>(m_ensemble.nodes.size() - 1);
    }

    Result<std::vector<std::vector<double>>> membersOfSets() const
    {
        std::vector<std::vector<double>> sets(1);
        for (std::size_t i = 0; i < m_lists.members.size(); ++i) {
            if (!std::isnan(m_lists.members[i]))
                sets.back().push_back(m_lists.members[i]);
            else if (i + 1 < m_lists.members.size()) // the last set may end with one or without
                sets.emplace_back();
        }
        if (m_sets > 0 && (m_lists.members.empty() || static_cast<qint32>(sets.size()) != m_sets))
            return damaged(QStringLiteral("%1 sets of members for %2 comparisons")
                               .arg(m_lists.members.empty() ? 0 : sets.size())
                               .arg(m_sets));
        return sets;
    }

    Status expand(std::size_t place, const std::vector<double>& members)
    {
        m_setOfNode[place] = kNoSet;
        if (members.empty()) { // nothing is less than everything
            m_ensemble.nodes[place].mode = BranchMode::Less;
            m_ensemble.nodes[place].threshold = -std::numeric_limits<float>::infinity();
            return {};
        }
        const TreeNode first = m_ensemble.nodes[place];
        for (std::size_t i = 0; i < members.size(); ++i) {
            EMBER_TRY(m_ensemble.nodes[place].threshold, narrowThreshold(members[i], BranchMode::Equal));
            if (i + 1 == members.size())
                break;
            EMBER_TRY(const qint32 again, copyOf(first.whenTrue));
            TreeNode next = first;
            next.missingGoesTrue = false; // the first comparison has decided about what is missing
            next.whenTrue = again;
            EMBER_TRY(const qint32 at, append(next, kNoSet));
            m_ensemble.nodes[place].whenFalse = at;
            place = static_cast<std::size_t>(at);
        }
        return {};
    }

    Result<qint32> append(const TreeNode& node, qint32 set)
    {
        if (static_cast<qint64>(m_ensemble.nodes.size()) >= kMaxTreeNodes)
            return unsupported(QStringLiteral("comparisons with sets that need more than %1 nodes").arg(kMaxTreeNodes));
        m_ensemble.nodes.push_back(node);
        m_setOfNode.push_back(set);
        return static_cast<qint32>(m_ensemble.nodes.size() - 1);
    }

    // Copies in breadth; a circle, which nothing has excluded yet, ends at the limit of nodes.
    Result<qint32> copyOf(qint32 root)
    {
        const auto copied = [this](qint32 from) {
            const auto at = static_cast<std::size_t>(from);
            const TreeNode node = m_ensemble.nodes[at];
            return append(node, m_setOfNode[at]);
        };
        EMBER_TRY(const qint32 to, copied(root));
        for (auto at = static_cast<std::size_t>(to); at < m_ensemble.nodes.size(); ++at) {
            if (m_ensemble.nodes[at].leaf >= 0)
                continue;
            EMBER_TRY(const qint32 yes, copied(m_ensemble.nodes[at].whenTrue));
            m_ensemble.nodes[at].whenTrue = yes;
            EMBER_TRY(const qint32 no, copied(m_ensemble.nodes[at].whenFalse));
            m_ensemble.nodes[at].whenFalse = no;
        }
        return to;
    }

    const Lists& m_lists;
    TreeEnsemble& m_ensemble;
    std::vector<qint32> m_setOfNode; ///< which set a node asks for, or none
    qint32 m_sets = 0;
};

Status readLeaves(const Lists& lists, TreeEnsemble& ensemble)
{
    const auto targets = static_cast<std::size_t>(ensemble.targets);
    ensemble.leafValues.assign(lists.leafTargets.size() * targets, 0.0f);
    for (std::size_t leaf = 0; leaf < lists.leafTargets.size(); ++leaf) {
        const std::int64_t target = lists.leafTargets[leaf];
        if (target < 0 || target >= ensemble.targets)
            return damaged(QStringLiteral("a leaf belongs to target %1 of %2").arg(target).arg(targets));
        ensemble.leafValues[leaf * targets + static_cast<std::size_t>(target)] =
            static_cast<float>(lists.leafWeights[leaf]);
    }
    return {};
}

// A tree that is a single leaf is written as a node whose two children are that leaf.
void collapseLoneLeaf(TreeEnsemble& ensemble, qint32& root)
{
    const TreeNode node = ensemble.nodes[static_cast<std::size_t>(root)];
    const qint32 yes = ensemble.nodes[static_cast<std::size_t>(node.whenTrue)].leaf;
    const qint32 no = ensemble.nodes[static_cast<std::size_t>(node.whenFalse)].leaf;
    if (yes >= 0 && yes == no)
        root = node.whenTrue;
}

Status readRoots(const Lists& lists, TreeEnsemble& ensemble)
{
    for (const std::int64_t root : lists.roots) {
        if (root < 0 || static_cast<std::size_t>(root) >= lists.features.size())
            return damaged(QStringLiteral("a tree begins at node %1").arg(root));
        ensemble.roots.push_back(static_cast<qint32>(root));
        collapseLoneLeaf(ensemble, ensemble.roots.back());
    }
    return {};
}

} // namespace

Result<TreeEnsemble> readTreesV5(const Attributes& attributes)
{
    EMBER_TRY(const Lists lists, readLists(attributes));
    const std::int64_t targets = attributes.integer("n_targets", 1);
    EMBER_CHECK(checkTreeSizes(lists.features.size(), lists.leafTargets.size(), targets));

    TreeEnsemble ensemble;
    ensemble.classifier = false;
    ensemble.targets = static_cast<qint32>(targets);
    const std::int64_t aggregate = attributes.integer("aggregate_function", 1);
    const std::int64_t transform = attributes.integer("post_transform", 0);
    if (aggregate < 0 || aggregate >= std::int64_t(kAggregates.size()) || transform < 0 ||
        transform >= std::int64_t(kPostTransforms.size()))
        return unsupported(QStringLiteral("aggregation %1 with transform %2").arg(aggregate).arg(transform));
    ensemble.aggregate = kAggregates[static_cast<std::size_t>(aggregate)].value;
    ensemble.postTransform = kPostTransforms[static_cast<std::size_t>(transform)].value;

    ensemble.nodes.resize(lists.features.size());
    Builder builder(lists, ensemble);
    for (std::size_t i = 0; i < lists.features.size(); ++i)
        EMBER_CHECK(builder.addInner(i));
    EMBER_CHECK(builder.expandSets());
    EMBER_CHECK(readLeaves(lists, ensemble));
    EMBER_CHECK(readRoots(lists, ensemble));
    return ensemble;
}

} // namespace ember::model::detail
