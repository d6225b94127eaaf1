// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/tree_tools.h"

#include <QRandomGenerator>

namespace ember::model::test {

struct RandomTreesOptions
{
    int trees = 3;
    int targets = 3;
    int features = 5;
    int maxDepth = 4;
    bool classifier = true;
    bool allModes = true;
};

class RandomTrees
{
public:
    explicit RandomTrees(quint32 seed)
        : m_random(seed)
    {}

    /// A valid ensemble in walking order with shared leaves: what a reader would make of it.
    TreeEnsemble make(const RandomTreesOptions& options)
    {
        TreeEnsemble e;
        e.classifier = options.classifier;
        e.targets = options.targets;
        e.featureCount = options.features;
        for (int t = 0; t < options.trees; ++t)
            e.roots.push_back(grow(e, options, 0));
        shareEqualLeaves(e);
        return e;
    }

    float number() { return static_cast<float>(m_random.bounded(-40, 41)) * 0.25f; }
    QRandomGenerator& generator() { return m_random; }

private:
    qint32 grow(TreeEnsemble& e, const RandomTreesOptions& options, int depth)
    {
        const auto index = static_cast<qint32>(e.nodes.size());
        e.nodes.emplace_back();
        TreeNode node;
        if (depth >= options.maxDepth || m_random.bounded(4) == 0) {
            node.leaf = static_cast<qint32>(e.leafValues.size()) / options.targets;
            for (int t = 0; t < options.targets; ++t)
                e.leafValues.push_back(m_random.bounded(3) == 0 ? 0.0f : number());
        } else {
            node.mode = options.allModes ? static_cast<BranchMode>(m_random.bounded(6)) : BranchMode::LessOrEqual;
            node.missingGoesTrue = options.allModes && m_random.bounded(2) == 0;
            node.feature = m_random.bounded(options.features);
            node.threshold = number();
            node.whenTrue = grow(e, options, depth + 1);
            node.whenFalse = grow(e, options, depth + 1);
        }
        e.nodes[static_cast<std::size_t>(index)] = node;
        return index;
    }

    QRandomGenerator m_random;
};

inline bool sameNode(const TreeNode& a, const TreeNode& b)
{
    if (a.leaf >= 0 || b.leaf >= 0)
        return a.leaf == b.leaf;
    return a.mode == b.mode && a.missingGoesTrue == b.missingGoesTrue && a.feature == b.feature &&
           a.threshold == b.threshold && a.whenTrue == b.whenTrue && a.whenFalse == b.whenFalse;
}

inline bool sameEnsemble(const TreeEnsemble& a, const TreeEnsemble& b)
{
    return a.classifier == b.classifier && a.featureCount == b.featureCount && a.targets == b.targets &&
           a.roots == b.roots && a.leafValues == b.leafValues && a.baseValues == b.baseValues &&
           a.aggregate == b.aggregate && a.postTransform == b.postTransform &&
           std::equal(a.nodes.begin(), a.nodes.end(), b.nodes.begin(), b.nodes.end(), sameNode);
}

inline const TreeEnsemble& treesOf(const Model& model)
{
    return std::get<TreeEnsemble>(model.graph.nodes.front().operation);
}

} // namespace ember::model::test
