// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/onnx_trees.h"

#include "core/model/tree_tools.h"
#include "core/model/validate.h"

#include <QHash>
#include <QPair>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ember::model::detail {
namespace {

// The parallel lists of versions 1 to 3, with their lengths checked.
struct NodeLists
{
    std::span<const std::int64_t> trees, ids, features, whenTrue, whenFalse, missingTrue;
    std::vector<std::string> modes;
    std::vector<double> values;
};

using NodeKey = QPair<qint64, qint64>;
using NodeIndex = QHash<NodeKey, qint32>;

Result<NodeLists> readLists(const Attributes& a)
{
    NodeLists lists{a.ints("nodes_treeids"),      a.ints("nodes_nodeids"),
                    a.ints("nodes_featureids"),   a.ints("nodes_truenodeids"),
                    a.ints("nodes_falsenodeids"), a.ints("nodes_missing_value_tracks_true"),
                    a.strings("nodes_modes"),     {}};
    EMBER_TRY(lists.values, a.numbers("nodes_values"));
    const std::size_t n = lists.trees.size();
    const bool agree = lists.ids.size() == n && lists.features.size() == n && lists.whenTrue.size() == n &&
                       lists.whenFalse.size() == n && lists.modes.size() == n && lists.values.size() == n &&
                       (lists.missingTrue.empty() || lists.missingTrue.size() == n);
    if (!agree || n == 0)
        return damaged(QStringLiteral("the lists that describe its tree nodes have different lengths, or none"));
    return lists;
}

Result<NodeIndex> indexNodes(const NodeLists& lists)
{
    NodeIndex index;
    index.reserve(static_cast<qsizetype>(lists.ids.size()));
    for (std::size_t i = 0; i < lists.ids.size(); ++i) {
        const NodeKey key(lists.trees[i], lists.ids[i]);
        if (index.contains(key))
            return damaged(QStringLiteral("node %1 of tree %2 is there twice").arg(key.second).arg(key.first));
        index.insert(key, static_cast<qint32>(i));
    }
    return index;
}

Result<TreeNode> readInnerNode(const NodeLists& lists, const NodeIndex& index, std::size_t i)
{
    const auto mode = valueFor(kBranchModes, lists.modes[i]);
    if (!mode)
        return unsupported(QStringLiteral("the comparison '%1'").arg(QString::fromStdString(lists.modes[i]).left(40)));
    TreeNode node;
    node.mode = *mode;
    node.missingGoesTrue = !lists.missingTrue.empty() && lists.missingTrue[i] != 0;
    if (lists.features[i] < 0 || lists.features[i] >= kMaxFeatures)
        return damaged(QStringLiteral("a node reads feature %1").arg(lists.features[i]));
    node.feature = static_cast<qint32>(lists.features[i]);
    EMBER_TRY(node.threshold, narrowThreshold(lists.values[i], node.mode));
    const auto childOf = [&](std::int64_t id) { return index.value(NodeKey(lists.trees[i], id), -1); };
    node.whenTrue = childOf(lists.whenTrue[i]);
    node.whenFalse = childOf(lists.whenFalse[i]);
    if (node.whenTrue < 0 || node.whenFalse < 0)
        return damaged(
            QStringLiteral("node %1 of tree %2 has a child that is not there").arg(lists.ids[i]).arg(lists.trees[i]));
    return node;
}

// The root of a tree is the node that no other points to; trees keep the order in which they first appear.
Result<std::vector<qint32>> findRoots(const NodeLists& lists, const std::vector<TreeNode>& nodes)
{
    std::vector<bool> hasParent(nodes.size(), false);
    for (const TreeNode& node : nodes) {
        if (node.leaf < 0) {
            hasParent[static_cast<std::size_t>(node.whenTrue)] = true;
            hasParent[static_cast<std::size_t>(node.whenFalse)] = true;
        }
    }
    std::vector<qint32> roots;
    QHash<qint64, std::size_t> places;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const auto place = places.constFind(lists.trees[i]);
        const std::size_t tree = place == places.constEnd() ? roots.size() : *place;
        if (tree == roots.size()) {
            places.insert(lists.trees[i], tree);
            roots.push_back(-1);
        }
        if (hasParent[i])
            continue;
        if (roots[tree] >= 0)
            return damaged(QStringLiteral("tree %1 has two roots").arg(lists.trees[i]));
        roots[tree] = static_cast<qint32>(i);
    }
    if (std::find(roots.begin(), roots.end(), -1) != roots.end())
        return damaged(QStringLiteral("a tree has no root: its nodes form a circle"));
    return roots;
}

Result<TreeEnsemble> readNodes(const Attributes& attributes, std::int64_t targets, NodeIndex& index)
{
    EMBER_TRY(const NodeLists lists, readLists(attributes));
    const auto leaves = static_cast<std::size_t>(std::count(lists.modes.begin(), lists.modes.end(), kLeafMode));
    EMBER_CHECK(checkTreeSizes(lists.ids.size(), leaves, targets));
    EMBER_TRY(index, indexNodes(lists));

    TreeEnsemble ensemble;
    ensemble.targets = static_cast<qint32>(targets);
    ensemble.leafValues.assign(leaves * static_cast<std::size_t>(targets), 0.0f);
    qint32 nextLeaf = 0;
    for (std::size_t i = 0; i < lists.ids.size(); ++i) {
        TreeNode node;
        if (lists.modes[i] == kLeafMode) {
            node.leaf = nextLeaf++;
        } else {
            EMBER_TRY(node, readInnerNode(lists, index, i));
        }
        ensemble.nodes.push_back(node);
    }
    EMBER_TRY(ensemble.roots, findRoots(lists, ensemble.nodes));
    return ensemble;
}

// Adds the weights of class_* or target_* to the leaf rows. Weights of inner nodes mean nothing and are skipped.
Status addWeights(const Attributes& a, const std::string& prefix, const NodeIndex& index, TreeEnsemble& ensemble)
{
    const auto trees = a.ints(prefix + "treeids");
    const auto nodes = a.ints(prefix + "nodeids");
    const auto ids = a.ints(prefix + "ids");
    EMBER_TRY(const std::vector<double> weights, a.numbers(prefix + "weights"));
    if (trees.size() != weights.size() || nodes.size() != weights.size() || ids.size() != weights.size())
        return damaged(QStringLiteral("the lists of leaf weights have different lengths"));
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const qint32 node = index.value(NodeKey(trees[i], nodes[i]), -1);
        if (node < 0 || ids[i] < 0 || ids[i] >= ensemble.targets)
            return damaged(
                QStringLiteral("leaf weight %1 belongs to node %2 of tree %3 and target %4, which is not there")
                    .arg(i)
                    .arg(nodes[i])
                    .arg(trees[i])
                    .arg(ids[i]));
        const qint32 leaf = ensemble.nodes[static_cast<std::size_t>(node)].leaf;
        if (leaf >= 0)
            ensemble.leafValues[static_cast<std::size_t>(leaf) * static_cast<std::size_t>(ensemble.targets) +
                                static_cast<std::size_t>(ids[i])] += static_cast<float>(weights[i]);
    }
    return {};
}

// Version 5 writes a tree that is one leaf with nodes that are not needed.
enum class Leftovers
{
    Refused,
    Dropped
};

// Children after parents, the true branch first; a node that is reached twice is a circle or a shared branch.
Status putInWalkingOrder(TreeEnsemble& ensemble, Leftovers leftovers)
{
    std::vector<qint32> place(ensemble.nodes.size(), -1);
    std::vector<TreeNode> ordered;
    ordered.reserve(ensemble.nodes.size());
    std::vector<qint32> pending;
    for (qint32& root : ensemble.roots) {
        const auto newRoot = static_cast<qint32>(ordered.size());
        pending.push_back(root);
        while (!pending.empty()) {
            const auto at = static_cast<std::size_t>(pending.back());
            pending.pop_back();
            if (place[at] >= 0)
                return damaged(QStringLiteral("a tree node is reached in more than one way"));
            place[at] = static_cast<qint32>(ordered.size());
            const TreeNode& node = ensemble.nodes[at];
            ordered.push_back(node);
            if (node.leaf < 0) {
                pending.push_back(node.whenFalse);
                pending.push_back(node.whenTrue);
            }
        }
        root = newRoot;
    }
    if (leftovers == Leftovers::Refused && ordered.size() != ensemble.nodes.size())
        return damaged(QStringLiteral("%1 tree nodes belong to no tree").arg(ensemble.nodes.size() - ordered.size()));
    for (TreeNode& node : ordered) {
        if (node.leaf < 0) {
            node.whenTrue = place[static_cast<std::size_t>(node.whenTrue)];
            node.whenFalse = place[static_cast<std::size_t>(node.whenFalse)];
        }
    }
    ensemble.nodes = std::move(ordered);
    return {};
}

Status settleFeatureCount(TreeEnsemble& ensemble, qint64 declared)
{
    qint32 used = 1;
    for (const TreeNode& node : ensemble.nodes) {
        if (node.leaf < 0)
            used = std::max(used, node.feature + 1);
    }
    if (declared > kMaxFeatures || (declared > 0 && declared < used))
        return damaged(QStringLiteral("its input has %1 features but its trees read %2").arg(declared).arg(used));
    ensemble.featureCount = declared > 0 ? static_cast<qint32>(declared) : used;
    return {};
}

Status readBaseValues(const Attributes& a, TreeEnsemble& ensemble)
{
    EMBER_TRY(const std::vector<double> base, a.numbers("base_values"));
    for (const double value : base)
        ensemble.baseValues.push_back(static_cast<float>(value));
    return {};
}

Status readTransform(const Attributes& a, TreeEnsemble& ensemble)
{
    const std::string name = a.text("post_transform", "NONE");
    const auto transform = valueFor(kPostTransforms, name);
    if (!transform)
        return unsupported(QStringLiteral("the transform '%1'").arg(QString::fromStdString(name).left(40)));
    ensemble.postTransform = *transform;
    return {};
}

// Two classes may be written with weights for one class only, the second. What the first gets follows from the weights,
// as the runtimes read them: shares when none is negative (the winner has more than one half), margins around zero
// otherwise. Both are written out here, so that nobody else has to know.
void expandSecondClass(TreeEnsemble& e, qint64 usedId)
{
    const std::size_t used = static_cast<std::size_t>(usedId);
    bool noneNegative = true;
    float largest = 0;
    for (std::size_t i = 0; i < e.leafValues.size(); i += 2) {
        noneNegative = noneNegative && e.leafValues[i + used] >= 0;
        largest = std::max(largest, e.leafValues[i + used]);
    }
    const bool shares = noneNegative && e.postTransform == PostTransform::None;
    const float whole = 1.0f / static_cast<float>(e.roots.size());
    const bool perTree = shares && e.baseValues.empty() && largest <= whole;
    for (std::size_t i = 0; i < e.leafValues.size(); i += 2) {
        const float second = e.leafValues[i + used];
        e.leafValues[i + 1] = second;
        e.leafValues[i] = perTree ? whole - second : -second;
    }
    if (perTree || (!shares && e.baseValues.empty()))
        return;
    const float base = e.baseValues.empty() ? 0.0f : e.baseValues.back();
    e.baseValues = {shares ? 1.0f - base : -base, base};
}

bool usesOneClass(std::span<const std::int64_t> ids)
{
    return !ids.empty() && std::all_of(ids.begin(), ids.end(), [&ids](std::int64_t id) { return id == ids.front(); });
}

QStringList readClassNames(const Attributes& a)
{
    QStringList names;
    for (const std::string& label : a.strings("classlabels_strings"))
        names << QString::fromStdString(label);
    if (names.isEmpty()) {
        for (const std::int64_t label : a.ints("classlabels_int64s"))
            names << QString::number(label);
    }
    return names;
}

Result<TreesOfNode> readClassifier(const Attributes& a)
{
    TreesOfNode result;
    result.classNames = readClassNames(a);
    if (result.classNames.isEmpty())
        return damaged(QStringLiteral("its classifier has no class labels"));
    NodeIndex index;
    EMBER_TRY(result.ensemble, readNodes(a, result.classNames.size(), index));
    TreeEnsemble& ensemble = result.ensemble;
    ensemble.classifier = true;
    EMBER_CHECK(addWeights(a, "class_", index, ensemble));
    EMBER_CHECK(readBaseValues(a, ensemble));
    EMBER_CHECK(readTransform(a, ensemble));
    const auto ids = a.ints("class_ids");
    if (ensemble.targets == 2 && usesOneClass(ids))
        expandSecondClass(ensemble, ids.front());
    return result;
}

Result<TreesOfNode> readRegressor(const Attributes& a)
{
    TreesOfNode result;
    NodeIndex index;
    EMBER_TRY(result.ensemble, readNodes(a, a.integer("n_targets", 1), index));
    TreeEnsemble& ensemble = result.ensemble;
    ensemble.classifier = false;
    EMBER_CHECK(addWeights(a, "target_", index, ensemble));
    EMBER_CHECK(readBaseValues(a, ensemble));
    EMBER_CHECK(readTransform(a, ensemble));
    const std::string name = a.text("aggregate_function", "SUM");
    const auto aggregate = valueFor(kAggregates, name);
    if (!aggregate)
        return unsupported(QStringLiteral("the aggregation '%1'").arg(QString::fromStdString(name).left(40)));
    ensemble.aggregate = *aggregate;
    return result;
}

Result<TreesOfNode> readByOperator(const pb::NodeProto& node)
{
    const Attributes attributes(node);
    if (node.op_type() == "TreeEnsembleClassifier")
        return readClassifier(attributes);
    if (node.op_type() == "TreeEnsembleRegressor")
        return readRegressor(attributes);
    EMBER_TRY(TreeEnsemble ensemble, readTreesV5(attributes));
    return TreesOfNode{std::move(ensemble), {}};
}

} // namespace

bool isTreeOperator(const pb::NodeProto& node)
{
    return node.domain() == kMlDomain &&
           (node.op_type() == "TreeEnsembleClassifier" || node.op_type() == "TreeEnsembleRegressor" ||
            node.op_type() == "TreeEnsemble");
}

Result<TreesOfNode> readTrees(const pb::NodeProto& node, qint64 declaredFeatures)
{
    EMBER_TRY(TreesOfNode result, readByOperator(node));
    const bool dropsNodes = node.op_type() == "TreeEnsemble";
    EMBER_CHECK(putInWalkingOrder(result.ensemble, dropsNodes ? Leftovers::Dropped : Leftovers::Refused));
    EMBER_CHECK(settleFeatureCount(result.ensemble, declaredFeatures));
    shareEqualLeaves(result.ensemble);
    EMBER_CHECK(validate(result.ensemble));
    return result;
}

Result<float> narrowThreshold(double threshold, BranchMode mode)
{
    const auto nearest = static_cast<float>(threshold);
    if (std::isnan(threshold))
        return damaged(QStringLiteral("a threshold is not a number"));
    if (static_cast<double>(nearest) == threshold)
        return nearest;
    switch (mode) {
    case BranchMode::LessOrEqual: // x <= t for float32 x is x <= the largest float32 below t
    case BranchMode::Greater:
        return nearest < threshold ? nearest : std::nextafter(nearest, -std::numeric_limits<float>::infinity());
    case BranchMode::Less:
    case BranchMode::GreaterOrEqual:
        return nearest > threshold ? nearest : std::nextafter(nearest, std::numeric_limits<float>::infinity());
    default:
        return unsupported(QStringLiteral("it compares a feature for equality with %1, which float32 cannot hold")
                               .arg(threshold, 0, 'g', 17));
    }
}

Status checkTreeSizes(std::size_t nodes, std::size_t leaves, std::int64_t targets)
{
    if (targets < 1 || targets > kMaxTargets)
        return damaged(QStringLiteral("it has %1 targets").arg(targets));
    if (nodes > std::size_t(kMaxTreeNodes) || leaves > std::size_t(kMaxLeafValues / targets))
        return unsupported(
            QStringLiteral("%1 nodes and %2 leaves of %3 values are too many").arg(nodes).arg(leaves).arg(targets));
    return {};
}

} // namespace ember::model::detail
