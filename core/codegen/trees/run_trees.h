// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/host_program.h"

namespace ember::codegen {

/// The votes of a forest for features encoded in `type`, through the kernel that boards run on the same tables.
InferenceOutput runTrees(const LoweredForest& forest, FeatureType type, const QByteArray& features);

} // namespace ember::codegen
