// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The life of a recording's row in the project file: shared by writer, importers and recovery of this folder. No call
// holds the write lock for longer than a few blocks take, so that a recording elsewhere can commit in between.

#include "core/dataset/database.h"
#include "core/dataset/process_identity.h"
#include "core/dataset/recording.h"

namespace ember::dataset::detail {

/// Adds the row, in state Recording. Errors: Usage for a stream without channels.
Result<RecordingId> insertRecording(Database& database, const NewRecording& about, const Ownership& owner);

/// Gives a sign of life. Error Failed when the recording is not the owner's any more: another program took the owner
/// for dead and closed it, or deleted it. Belongs into every transaction that writes to the recording.
Status confirmOwnership(Database& database, RecordingId recording, const Ownership& owner);

/// Where the recording stands after more blocks were inserted; seals the zones that are complete by now.
Status noteProgress(Database& database, RecordingId recording, const signal::StreamSpec& stream, qint64 rowCount,
                    qint64 endRow);
Status storeLedger(Database& database, RecordingId recording, const signal::Ledger& ledger);

/// Seals what is left and computes the content hash, which reads all samples and therefore holds no lock.
Result<QString> sealAndHash(Database& database, RecordingId recording, const Ownership& owner);

/// Gives the recording its last state and its hash, and lets go of it.
Status setClosed(Database& database, RecordingId recording, RecordingState state, const QString& hash,
                 const Ownership& owner);

/// sealAndHash() and setClosed(). Not within a transaction.
Status finishRecording(Database& database, RecordingId recording, const Ownership& owner);

/// The same for one that was cut off, and a note in its ledger: it ends where the stored rows end, and at most
/// `unknownTailMs` of what came after is lost.
Status interruptRecording(Database& database, RecordingId recording, qint64 unknownTailMs, const Ownership& owner);

/// The ledger as recovery would leave it, should the recording's owner be gone: for files that can only be read.
Result<signal::Ledger> ledgerAsFound(Database& database, const Recording& recording);

/// Deletes a recording with its samples, in several transactions.
Status discardRecording(Database& database, RecordingId recording);

/// Recordings and runs whose owner is gone: interrupts the first (an unfinished import is taken back), fails the
/// second. What another program is locking out now is left to the next one that opens the project.
Status recoverInterrupted(Database& database);

} // namespace ember::dataset::detail
