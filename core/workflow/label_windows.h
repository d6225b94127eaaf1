// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/edits.h"
#include "core/dataset/project.h"
#include "core/dataset/windows.h"

namespace ember::workflow {

/// The edit that gives the rows of these windows a label of the windows' label set, whatever they are labelled now; the
/// label is made when it is missing. Errors: Usage when nothing would change.
Result<dataset::Edit> labelWindows(const dataset::Project& project, const std::vector<dataset::Window>& windows,
                                   const dataset::WindowSpec& spec, const QString& label);

} // namespace ember::workflow
