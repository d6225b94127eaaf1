// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <vector>

namespace ember::model {

/// How an inner node compares the feature with its threshold (ai.onnx.ml TreeEnsemble "nodes_modes").
enum class BranchMode : quint8
{
    LessOrEqual,
    Less,
    GreaterOrEqual,
    Greater,
    Equal,
    NotEqual
};

/// One node of a tree: an inner node when `leaf` is negative. Children are indices into TreeEnsemble::nodes and always
/// larger than the node's own index, so that no walk can be endless; validate() checks it.
struct TreeNode
{
    BranchMode mode = BranchMode::LessOrEqual;
    bool missingGoesTrue = false; ///< NaN takes the true branch
    qint32 feature = 0;
    float threshold = 0.0f;
    qint32 whenTrue = 0;
    qint32 whenFalse = 0;
    qint32 leaf = -1; ///< index of a leaf: leaf values are at leafValues[leaf * targets ...]
};

enum class Aggregate : quint8
{
    Sum,
    Average,
    Minimum,
    Maximum
};
enum class PostTransform : quint8
{
    None,
    Softmax,
    Logistic,
    SoftmaxZero,
    Probit
};

/// A decision tree, forest or boosted ensemble. A classifier's targets are the classes; leaf values are summed (or
/// averaged) per target over all trees, base values added, post transform applied; the largest wins, the first on a
/// tie.
struct TreeEnsemble
{
    bool classifier = true;
    qint32 featureCount = 0;
    qint32 targets = 0;
    std::vector<qint32> roots; ///< one per tree
    std::vector<TreeNode> nodes;
    std::vector<float> leafValues; ///< leaves x targets
    std::vector<float> baseValues; ///< empty or one per target
    Aggregate aggregate = Aggregate::Sum;
    PostTransform postTransform = PostTransform::None;
};

} // namespace ember::model
