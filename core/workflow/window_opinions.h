// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workflow/label_suggestions.h"

namespace ember::workflow {

/// What all windows of some recordings say, by recording and row.
struct Opinions
{
    dataset::WindowSpec spec;
    QStringList classNames;
    std::vector<dataset::RecordingId> recordings; ///< of each window
    std::vector<WindowOpinion> windows;
    qint64 unlike = 0;
    QString by;
};

// Both look at windows without a gap of the recordings that the request names and whose stream fits. Errors: see
// suggestLabels().
Result<Opinions> opinionsOfModel(const dataset::Project& project, const SuggestionRequest& request, const Hooks& hooks);
Result<Opinions> opinionsOfNeighbours(const dataset::Project& project, const SuggestionRequest& request,
                                      const Hooks& hooks);

} // namespace ember::workflow
