// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/checks.h"
#include "core/dataset/recording.h"

namespace ember::dataset::detail {

/// Adds what is wrong with the samples of one recording. Reads it stretch by stretch, so that long ones fit.
Status checkSamples(const Project& project, const Recording& recording, std::vector<Finding>& findings);

} // namespace ember::dataset::detail
