// SPDX-License-Identifier: GPL-3.0-or-later
// Tree operators of ONNX to TreeEnsemble. Private to this folder.
#pragma once

#include "core/model/onnx_format.h"

namespace ember::model::detail {

struct TreesOfNode
{
    TreeEnsemble ensemble;
    QStringList classNames;
};

/// Whether the operator is one that readTrees() takes.
bool isTreeOperator(const pb::NodeProto& node);

/// Reads a tree operator. `declaredFeatures` is what the graph says of its input's width, or -1. The ensemble is in
/// walking order with equal leaves shared, and has been validated.
Result<TreesOfNode> readTrees(const pb::NodeProto& node, qint64 declaredFeatures);

/// TreeEnsemble of ai.onnx.ml version 5: a layout of its own. Nodes are in the file's order, leaf rows not shared.
Result<TreeEnsemble> readTreesV5(const Attributes& attributes);

/// The float32 that splits float32 values exactly as the double `threshold` does.
Result<float> narrowThreshold(double threshold, BranchMode mode);

/// Checks counts against the limits before anything is allocated for them.
Status checkTreeSizes(std::size_t nodes, std::size_t leaves, std::int64_t targets);

} // namespace ember::model::detail
