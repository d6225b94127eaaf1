// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The life of a recording's row in the project file: shared by writer, importers and recovery of this folder.

#include "core/dataset/database.h"
#include "core/dataset/recording.h"

namespace ember::dataset::detail {

/// Adds the row, in state Recording and owned by this process. Errors: Usage for a stream without channels.
Result<RecordingId> insertRecording(Database& database, const NewRecording& about);

/// Where the recording stands after more blocks were inserted; seals the zones that are complete by now.
Status noteProgress(Database& database, RecordingId recording, const signal::StreamSpec& stream, qint64 rowCount,
                    qint64 endRow);
Status storeLedger(Database& database, RecordingId recording, const signal::Ledger& ledger);

/// Seals what is left, computes the content hash and gives the recording its last state.
Status closeRecording(Database& database, RecordingId recording, RecordingState state);

/// Recordings and runs whose process is gone: closes the first as Interrupted, the second as Failed.
Status recoverInterrupted(Database& database);

} // namespace ember::dataset::detail
