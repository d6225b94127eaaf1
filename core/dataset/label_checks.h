// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/checks.h"
#include "core/dataset/recording.h"

namespace ember::dataset::detail {

/// Adds what is wrong with the labels of the recordings, per label set.
Status checkLabels(const Project& project, const std::vector<Recording>& recordings, std::vector<Finding>& findings);

} // namespace ember::dataset::detail
