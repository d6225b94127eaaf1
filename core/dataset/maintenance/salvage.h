// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"

#include <QString>
#include <QStringList>

#include <vector>

namespace ember::dataset {

/// What was carried over of one recording.
struct SalvagedRecording
{
    QString name;
    qint64 rows = 0;
    qint64 lostRows = 0;  ///< stored once, not readable now; they are gaps of the new recording
    bool altered = false; ///< no row is lost, but the bytes are not those that were recorded
};

struct SalvageReport
{
    std::vector<SalvagedRecording> recordings;
    qint64 segments = 0;
    qint64 runs = 0;
    qint64 models = 0;
    /// What is not in the new project, a line each, for a person: tables in which something could not be read, and
    /// rows that belonged to something that is lost.
    QStringList lost;

    bool isComplete() const;
};

/// Makes a new project at `to` of everything that can still be read of the one at `from`, which is not changed: row by
/// row around damaged pages, with summaries, counts and hashes made anew. The feature cache is left behind.
/// Errors: NotFound, Usage (`to` exists), BadData when nothing can be read (no project, or its first page is gone),
/// Unsupported (made by a newer program), Io, Cancelled.
Result<SalvageReport> salvageProject(const QString& from, const QString& to, const ProgressSink& progress = {},
                                     const CancelToken& cancel = {});

} // namespace ember::dataset
