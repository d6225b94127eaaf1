// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/lower.h"

#include <QString>

namespace ember::codegen {

/// A forest as nested comparisons: the functions that add its votes, the last of them
/// `void addTrees(const Feature* f, int32_t* votes)`. Where leaves are stored in tables it calls
/// `addLeaf(unsigned leaf, int32_t* votes)`, which must be declared before.
QString printTrees(const LoweredForest& forest, FeatureType type);

/// Whether printTrees() calls addLeaf().
bool treesNeedLeafTable(const LoweredForest& forest);

/// What printTrees() will take as Thumb-2 machine code compiled for size, without the leaf tables: a fitted formula.
qint64 estimatedCodeBytes(const LoweredForest& forest, FeatureType type, bool fpu = true);

} // namespace ember::codegen
