// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/graph.h"

namespace ember::model {

/// Stores equal rows of leaf values once, in the order in which the nodes use them. Requires valid leaf indices.
void shareEqualLeaves(TreeEnsemble& ensemble);

/// Whether this is a two-class forest of shares: values summed, nothing added or transformed, and in every leaf the
/// first value equals 1/trees minus the second, in float32. Such an ensemble is written to ONNX in one column and comes
/// back unchanged.
bool isShareForest(const TreeEnsemble& ensemble);

/// Whether this is a two-class ensemble of margins, as boosting makes them: in every leaf, and in the base values if
/// there are any, the first value is the second with the opposite sign. Written in one column too.
bool isMarginForest(const TreeEnsemble& ensemble);

/// A classifier model around an ensemble: one float32 input "features", outputs "label" and "scores".
Model makeClassifier(TreeEnsemble ensemble, const QStringList& classNames, const QStringList& featureNames);

} // namespace ember::model
