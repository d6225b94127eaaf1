// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/importer.h"
#include "core/workflow/hooks.h"

#include <vector>

namespace ember::workflow {

struct SkippedFile
{
    QString file;
    Error why;
};

struct ImportFilesOutcome
{
    std::vector<dataset::ImportReport> imported;
    std::vector<SkippedFile> skipped;
};

/// Puts files, and all files below folders, into a project, each as a whole or not at all; one that cannot be read is
/// skipped with its reason. Errors: that of the last file when none could be read; Cancelled, with what was imported
/// until then in the project; as Project::open.
Result<ImportFilesOutcome> importFiles(const QString& project, const QStringList& filesAndFolders,
                                       const dataset::ImportOptions& options = {}, const Hooks& hooks = {});

} // namespace ember::workflow
