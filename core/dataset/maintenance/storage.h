// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"

#include <QString>

namespace ember::dataset {

class Project;

/// What the bytes of a project file are for. The parts do not add up to the file: what SQLite needs around them is left
/// out.
struct StorageSizes
{
    qint64 file = 0;      ///< the file itself
    qint64 log = 0;       ///< the write-ahead log beside it
    qint64 samples = 0;   ///< of recordings that are not in the trash
    qint64 trash = 0;     ///< samples of those that are
    qint64 summaries = 0; ///< minima and maxima for plots
    qint64 models = 0;
    qint64 cache = 0; ///< computed features; can be computed again
    qint64 free = 0;  ///< pages that hold nothing any more; compactProject() gives them back
};

/// Error Io, BadData.
Result<StorageSizes> storageSizes(const Project& project);

/// What compactProject() may throw away.
struct CompactOptions
{
    bool emptyTrash = false;
    bool dropCache = false;
};

/// Gives the room of what was deleted back to the disk: the file is written anew and takes the place of the old one at
/// its end; until then nothing is lost. Needs as much free disk as the file has. Returns by how many bytes file and log
/// shrank. Errors: Failed while another program works on the file, Io (disk full, read-only), Cancelled.
Result<qint64> compactProject(Project& project, const CompactOptions& options, const ProgressSink& progress = {},
                              const CancelToken& cancel = {});

/// Writes a copy of the project as it is now to `path`, also while a recorder is at work, and reads it back once. The
/// file appears under its name only when it is whole. Errors: Usage when `path` exists, Io, BadData (the project or the
/// copy is damaged), Cancelled.
Status backUpProject(const Project& project, const QString& path, const ProgressSink& progress = {},
                     const CancelToken& cancel = {});

} // namespace ember::dataset
