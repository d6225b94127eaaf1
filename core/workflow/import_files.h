// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/archive.h"
#include "core/dataset/import_preview.h"
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

/// Puts files, all files below folders, and all files in archives (dataset::unpackArchive) into a project, each as a
/// whole or not at all; one that cannot be read is skipped with its reason, an archive that is refused as a whole.
/// Files of archives are named "archive.zip/folder/file.csv"; `limits` are those of all archives together. An
/// alignment.csv of an export lines its recordings up; one that cannot be read is skipped as a file is. Errors: that of
/// the last file when none could be read; Cancelled, with what was imported until then in the project and lined up; as
/// Project::open.
Result<ImportFilesOutcome> importFiles(const QString& project, const QStringList& filesAndFolders,
                                       const dataset::ImportOptions& options = {}, const Hooks& hooks = {},
                                       const dataset::ArchiveLimits& limits = {});

struct PreviewedFile
{
    QString file;
    dataset::ImportPreview preview;
};

struct PreviewFilesOutcome
{
    std::vector<PreviewedFile> files;
    std::vector<SkippedFile> skipped; ///< with the reason for which import would skip them
    qsizetype more = 0;               ///< files that were not looked at
};

/// What importFiles() would make of the first `most` files, without a project. Errors: Cancelled; as importableFiles.
Result<PreviewFilesOutcome> previewFiles(const QStringList& filesAndFolders, const dataset::ImportOptions& options = {},
                                         qsizetype most = 1'000'000, const Hooks& hooks = {});

} // namespace ember::workflow
