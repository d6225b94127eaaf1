// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/dataset_diff.h"
#include "core/dataset/project.h"
#include "core/dataset/snapshot_table.h"

#include <QStringList>

#include <vector>

namespace ember::workflow {

/// A kept version with the runs that were trained on it.
struct DatasetVersion
{
    dataset::Snapshot snapshot;
    QStringList runs; ///< names
    bool isNow = false;
};

/// Oldest first.
Result<std::vector<DatasetVersion>> datasetVersions(const dataset::Project& project);

/// "now", "run:3", the name of a version, or the beginning of its hash. Errors: NotFound, Usage, BadData.
Result<dataset::DatasetContent> contentOfVersion(const dataset::Project& project, const QString& name);

/// What has changed, a line for each recording and segment, for a person; one line when nothing has.
QStringList describe(const dataset::DatasetDiff& diff);

} // namespace ember::workflow
