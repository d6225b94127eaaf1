// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/dataset/ids.h"

#include <QString>

#include <vector>

namespace ember::dataset {

class Project;

/// Something in the file that this program did not write so.
struct FileFault
{
    /// "pages" (SQLite's own structure), "references" (a row that names one that is not there), "blocks" (samples that
    /// do not fit their recording), "counts" (rows counted otherwise than stored), "samples" (other bytes than were
    /// recorded), "summaries" (what plots draw is not what is stored), "models" (other bytes than were stored).
    QString code;
    QString message;
    RecordingId recording; ///< invalid: of no single recording
};

/// What a look through the whole file found.
struct IntegrityReport
{
    qint64 recordings = 0; ///< looked at, trash included
    qint64 rows = 0;
    qint64 models = 0;
    qint64 inProgress = 0; ///< being recorded just now: their samples were not compared with a hash
    std::vector<FileFault> faults;

    bool isSound() const { return faults.empty(); }
};

/// Reads the whole file: the pages and indexes of SQLite, references between tables, every block of samples against its
/// recording and the hash that was taken when the recording ended, the summaries against the samples, and the bytes of
/// models against their hash. Takes as long as reading the file twice. Other programs may go on recording meanwhile.
/// Errors: Io, Cancelled; damage is no error but the answer.
Result<IntegrityReport> checkIntegrity(const Project& project, const ProgressSink& progress = {},
                                       const CancelToken& cancel = {});

} // namespace ember::dataset
