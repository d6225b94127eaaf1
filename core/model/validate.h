// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/graph.h"

namespace ember::model {

// Beyond these a file is damaged or hostile: no microcontroller model comes near them.
constexpr qint64 kMaxFeatures = 1'000'000;
constexpr qint64 kMaxTargets = 65'536;
constexpr qint64 kMaxTreeNodes = 500'000;
constexpr qint64 kMaxLeafValues = 8'000'000;
constexpr std::size_t kMaxNodes = 10'000;
constexpr std::size_t kMaxNodeEnds = 1'000; ///< inputs, and outputs, of one node

/// Checks everything that evaluation and code generation rely on: at least one node, names that connect, sizes that
/// agree, finite numbers, children after their parents (so no walk is endless), every tree node in one tree only. The
/// shapes within a graph of other operations are checked by analyse() and by every run.
/// Errors: BadData, naming the node and the field.
Status validate(const Model& model);

/// The same for one ensemble.
Status validate(const TreeEnsemble& ensemble);

} // namespace ember::model
