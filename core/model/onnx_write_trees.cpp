// SPDX-License-Identifier: GPL-3.0-or-later
// Tree ensembles as ONNX writes them: parallel lists.
#include "core/model/onnx_write.h"
#include "core/model/tree_tools.h"

#include <algorithm>

namespace ember::model::detail {
namespace {

// The parallel lists of the standard: one entry per node, and one per weight of a leaf.
struct NodeLists
{
    std::vector<qint64> trees, ids, features, whenTrue, whenFalse, missingTrue;
    std::vector<std::string> modes;
    std::vector<float> values;
    bool anyMissing = false;
};

struct WeightLists
{
    std::vector<qint64> trees, nodes, ids;
    std::vector<float> weights;
};

// Which tree a node is in; nodes of a tree lie between its root and the next one only in models we made, so ask the
// trees.
std::vector<qint32> treeOfNodes(const TreeEnsemble& e)
{
    std::vector<qint32> tree(e.nodes.size(), 0);
    for (std::size_t t = 0; t < e.roots.size(); ++t)
        tree[static_cast<std::size_t>(e.roots[t])] = static_cast<qint32>(t);
    for (std::size_t i = 0; i < e.nodes.size(); ++i) { // children come after their parents
        if (e.nodes[i].leaf < 0) {
            tree[static_cast<std::size_t>(e.nodes[i].whenTrue)] = tree[i];
            tree[static_cast<std::size_t>(e.nodes[i].whenFalse)] = tree[i];
        }
    }
    return tree;
}

// Nodes tree by tree, because readers take the trees in the order in which they appear. Ids count within a tree.
struct NodeOrder
{
    std::vector<std::size_t> nodes; // indices into the ensemble, in file order
    std::vector<qint64> idInTree;   // by index in the ensemble
};

NodeOrder orderNodes(const TreeEnsemble& e, const std::vector<qint32>& treeOf)
{
    NodeOrder order;
    order.nodes.resize(e.nodes.size());
    for (std::size_t i = 0; i < e.nodes.size(); ++i)
        order.nodes[i] = i;
    std::stable_sort(order.nodes.begin(), order.nodes.end(),
                     [&treeOf](std::size_t a, std::size_t b) { return treeOf[a] < treeOf[b]; });
    order.idInTree.resize(e.nodes.size());
    std::vector<qint64> next(e.roots.size(), 0);
    for (const std::size_t i : order.nodes)
        order.idInTree[i] = next[static_cast<std::size_t>(treeOf[i])]++;
    return order;
}

NodeLists listNodes(const TreeEnsemble& e, const std::vector<qint32>& treeOf, const NodeOrder& order)
{
    NodeLists lists;
    for (const std::size_t i : order.nodes) {
        const TreeNode& node = e.nodes[i];
        const bool leaf = node.leaf >= 0;
        lists.trees.push_back(treeOf[i]);
        lists.ids.push_back(order.idInTree[i]);
        lists.features.push_back(leaf ? 0 : node.feature);
        lists.values.push_back(leaf ? 0.0f : node.threshold);
        lists.modes.push_back(leaf ? std::string(kLeafMode) : textFor(kBranchModes, node.mode));
        lists.whenTrue.push_back(leaf ? 0 : order.idInTree[static_cast<std::size_t>(node.whenTrue)]);
        lists.whenFalse.push_back(leaf ? 0 : order.idInTree[static_cast<std::size_t>(node.whenFalse)]);
        lists.missingTrue.push_back(!leaf && node.missingGoesTrue ? 1 : 0);
        lists.anyMissing = lists.anyMissing || lists.missingTrue.back() != 0;
    }
    return lists;
}

bool isOneColumn(const TreeEnsemble& e)
{
    return isShareForest(e) || isMarginForest(e);
}

// Zeros need no entry, but a leaf must have one. Two classes get every entry: with entries for one class only, readers
// would take the ensemble for the one-column form.
WeightLists listWeights(const TreeEnsemble& e, const std::vector<qint32>& treeOf, const NodeOrder& order)
{
    const bool oneColumn = isOneColumn(e);
    const auto targets = static_cast<std::size_t>(e.targets);
    WeightLists lists;
    const auto add = [&](std::size_t node, std::int64_t id, float weight) {
        lists.trees.push_back(treeOf[node]);
        lists.nodes.push_back(order.idInTree[node]);
        lists.ids.push_back(id);
        lists.weights.push_back(weight);
    };
    for (const std::size_t i : order.nodes) {
        if (e.nodes[i].leaf < 0)
            continue;
        const float* row = e.leafValues.data() + static_cast<std::size_t>(e.nodes[i].leaf) * targets;
        if (oneColumn) {
            add(i, 1, row[1]);
            continue;
        }
        const std::size_t before = lists.ids.size();
        for (std::size_t t = 0; t < targets; ++t) {
            if (row[t] != 0.0f || targets == 2)
                add(i, static_cast<std::int64_t>(t), row[t]);
        }
        if (lists.ids.size() == before)
            add(i, 0, 0.0f);
    }
    return lists;
}

void writeWeights(AttributeWriter& out, const WeightLists& weights, bool classifier)
{
    out.ints(classifier ? "class_ids" : "target_ids", weights.ids);
    out.ints(classifier ? "class_nodeids" : "target_nodeids", weights.nodes);
    out.ints(classifier ? "class_treeids" : "target_treeids", weights.trees);
    out.floats(classifier ? "class_weights" : "target_weights", weights.weights);
}

void writeNodes(AttributeWriter& out, const NodeLists& nodes)
{
    out.ints("nodes_falsenodeids", nodes.whenFalse);
    out.ints("nodes_featureids", nodes.features);
    if (nodes.anyMissing)
        out.ints("nodes_missing_value_tracks_true", nodes.missingTrue);
    out.strings("nodes_modes", nodes.modes);
    out.ints("nodes_nodeids", nodes.ids);
    out.ints("nodes_treeids", nodes.trees);
    out.ints("nodes_truenodeids", nodes.whenTrue);
    out.floats("nodes_values", nodes.values);
}

} // namespace

void writeEnsemble(const TreeEnsemble& e, const std::vector<std::string>& classNames,
                   const std::vector<qint64>& classNumbers, pb::NodeProto& node)
{
    const std::vector<qint32> treeOf = treeOfNodes(e);
    const NodeOrder order = orderNodes(e, treeOf);
    node.set_domain(kMlDomain);
    node.set_op_type(e.classifier ? "TreeEnsembleClassifier" : "TreeEnsembleRegressor");
    AttributeWriter out(node);
    if (!e.classifier)
        out.text("aggregate_function", textFor(kAggregates, e.aggregate));
    if (!e.baseValues.empty())
        out.floats("base_values", isOneColumn(e) ? std::vector<float>{e.baseValues.back()} : e.baseValues);
    if (e.classifier) {
        writeWeights(out, listWeights(e, treeOf, order), true);
        if (classNumbers.empty())
            out.strings("classlabels_strings", classNames);
        else
            out.ints("classlabels_int64s", classNumbers);
    } else {
        out.integer("n_targets", e.targets);
    }
    writeNodes(out, listNodes(e, treeOf, order));
    out.text("post_transform", textFor(kPostTransforms, e.postTransform));
    if (!e.classifier)
        writeWeights(out, listWeights(e, treeOf, order), false);
}

} // namespace ember::model::detail
