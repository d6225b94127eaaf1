// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/recording_store.h"

#include "core/dataset/block_store.h"
#include "core/dataset/recording_table.h"
#include "core/dataset/recording_writer.h"
#include "core/dataset/rows.h"
#include "core/dataset/run_table.h"
#include "core/dataset/sample_hash.h"
#include "core/signal/json.h"

namespace ember::dataset::detail {
namespace {

constexpr int kBlocksPerDelete = 256;

struct Owned
{
    qint64 id = 0;
    QString owner;
};

Result<std::vector<Owned>> owned(Database& database, const char* sql, int state)
{
    return readAll<Owned>(database.query(sql, state), [](const Statement& row) -> Result<Owned> {
        return Owned{row.integer(0), row.text(1)};
    });
}

// Of several programs that find the same recording, one gets it.
Result<bool> takeOver(Database& database, const Owned& recording, const Ownership& owner)
{
    EMBER_CHECK(database.change("UPDATE recordings SET owner = ? WHERE id = ? AND owner = ? AND state = ?",
                                owner.text(), recording.id, recording.owner,
                                static_cast<int>(RecordingState::Recording)));
    return database.changedRows() == 1;
}

Status recoverRecording(Database& database, const Owned& recording, Ownership::Kind kind)
{
    const Ownership owner(kind);
    EMBER_TRY(const bool ours, takeOver(database, recording, owner));
    if (!ours)
        return {};
    const RecordingId id{recording.id};
    if (kind == Ownership::Kind::Import)
        return discardRecording(database, id);
    return interruptRecording(database, id, RecordingWriter::kMaxLossMs, owner);
}

Status recoverRecordings(Database& database)
{
    EMBER_TRY(const auto open, owned(database, "SELECT id, owner FROM recordings WHERE state = ?",
                                     static_cast<int>(RecordingState::Recording)));
    for (const Owned& recording : open) {
        const OwnerNote owner = readOwner(recording.owner);
        if (owner.state == OwnerState::Gone)
            EMBER_CHECK(recoverRecording(database, recording, owner.kind));
    }
    return {};
}

Status recoverRuns(Database& database)
{
    EMBER_TRY(const auto running,
              owned(database, "SELECT id, owner FROM runs WHERE status = ?", static_cast<int>(RunStatus::Running)));
    for (const Owned& run : running) {
        if (stateOfProcess(run.owner) == OwnerState::Gone)
            EMBER_CHECK(database.change("UPDATE runs SET status = ?, reason = ?, owner = '' WHERE id = ? AND owner = ?",
                                        static_cast<int>(RunStatus::Failed),
                                        QStringLiteral("The program ended before the run did."), run.id, run.owner));
    }
    return {};
}

Status recoverAll(Database& database)
{
    EMBER_CHECK(recoverRecordings(database));
    return recoverRuns(database);
}

} // namespace

Result<RecordingId> insertRecording(Database& database, const NewRecording& about, const Ownership& owner)
{
    if (about.stream.channels.empty())
        return Error(ErrorKind::Usage, QStringLiteral("A recording needs a stream with at least one channel."));
    EMBER_TRY(Transaction transaction, Transaction::begin(database));
    EMBER_CHECK(database.change(
        "INSERT INTO recordings (name, stream, group_name, group_kind, metadata, created_ms, state, owner)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        about.name, signal::toJson(about.stream), about.group.name, static_cast<int>(about.group.kind), about.metadata,
        toMilliseconds({}), static_cast<int>(RecordingState::Recording), owner.text()));
    const RecordingId id{database.lastInsertId()};
    if (about.name.isEmpty())
        EMBER_CHECK(database.change("UPDATE recordings SET name = ? WHERE id = ?",
                                    QStringLiteral("Recording %1").arg(id.value), id));
    EMBER_CHECK(transaction.commit());
    return id;
}

Status confirmOwnership(Database& database, RecordingId recording, const Ownership& owner)
{
    const QString prefix = owner.prefix();
    EMBER_CHECK(database.change("UPDATE recordings SET owner = ? WHERE id = ? AND state = ?"
                                " AND substr(owner, 1, ?) = ?",
                                owner.text(), recording, static_cast<int>(RecordingState::Recording), prefix.size(),
                                prefix));
    if (database.changedRows() == 1)
        return {};
    return Error(ErrorKind::Failed,
                 QStringLiteral("Recording %1 was closed or deleted by another program.").arg(recording.value),
                 QStringLiteral("What it held by then is in the project; start a new recording."));
}

Status noteProgress(Database& database, RecordingId recording, const signal::StreamSpec& stream, qint64 rowCount,
                    qint64 endRow)
{
    EMBER_CHECK(
        database.change("UPDATE recordings SET row_count = ?, end_row = ? WHERE id = ?", rowCount, endRow, recording));
    if (database.changedRows() == 0)
        return noSuchRow(QStringLiteral("recording"), recording.value);
    EMBER_TRY(const qint64 sealed, database.integer("SELECT sealed_row FROM recordings WHERE id = ?", recording));
    const qint64 complete = endRow / kZoneRows * kZoneRows;
    if (complete > sealed)
        EMBER_CHECK(seal(database, recording, stream, sealed, complete));
    return {};
}

Status storeLedger(Database& database, RecordingId recording, const signal::Ledger& ledger)
{
    return database.change("UPDATE recordings SET ledger = ? WHERE id = ?", signal::toJson(ledger), recording);
}

Result<QString> sealAndHash(Database& database, RecordingId recording, const Ownership& owner)
{
    EMBER_TRY(const Recording stored, RecordingTable(database).get(recording));
    {
        EMBER_TRY(Transaction transaction, Transaction::begin(database));
        EMBER_CHECK(confirmOwnership(database, recording, owner));
        EMBER_TRY(const qint64 sealed, database.integer("SELECT sealed_row FROM recordings WHERE id = ?", recording));
        EMBER_CHECK(seal(database, recording, stored.stream, sealed, stored.endRow));
        EMBER_CHECK(transaction.commit());
    }
    // Nobody but the owner touches the blocks, so they need no lock to stay as they are.
    return hashSamples(database, recording, stored.stream);
}

Status setClosed(Database& database, RecordingId recording, RecordingState state, const QString& hash,
                 const Ownership& owner)
{
    EMBER_TRY(Transaction transaction, Transaction::begin(database));
    EMBER_CHECK(confirmOwnership(database, recording, owner));
    EMBER_CHECK(database.change("UPDATE recordings SET state = ?, owner = '', content_hash = ? WHERE id = ?",
                                static_cast<int>(state), hash, recording));
    return transaction.commit();
}

Status finishRecording(Database& database, RecordingId recording, const Ownership& owner)
{
    EMBER_TRY(const QString hash, sealAndHash(database, recording, owner));
    return setClosed(database, recording, RecordingState::Finished, hash, owner);
}

Status interruptRecording(Database& database, RecordingId recording, qint64 unknownTailMs, const Ownership& owner)
{
    EMBER_TRY(const QString hash, sealAndHash(database, recording, owner));
    EMBER_TRY(Transaction transaction, Transaction::begin(database));
    EMBER_TRY(Recording stored, RecordingTable(database).get(recording));
    stored.ledger.interruptedAtRow = stored.endRow;
    stored.ledger.unknownTailMs = unknownTailMs;
    EMBER_CHECK(storeLedger(database, recording, stored.ledger));
    EMBER_CHECK(setClosed(database, recording, RecordingState::Interrupted, hash, owner));
    return transaction.commit();
}

Result<signal::Ledger> ledgerAsFound(Database& database, const Recording& recording)
{
    signal::Ledger ledger = recording.ledger;
    if (recording.state != RecordingState::Recording)
        return ledger;
    EMBER_TRY(Statement statement, database.query("SELECT owner FROM recordings WHERE id = ?", recording.id));
    EMBER_TRY(const bool found, statement.step());
    if (found && readOwner(statement.text(0)).state == OwnerState::Gone) {
        ledger.interruptedAtRow = recording.endRow;
        ledger.unknownTailMs = RecordingWriter::kMaxLossMs;
    }
    return ledger;
}

Status discardRecording(Database& database, RecordingId recording)
{
    do {
        EMBER_CHECK(
            database.change("DELETE FROM blocks WHERE id IN (SELECT id FROM blocks WHERE recording = ? LIMIT ?)",
                            recording, kBlocksPerDelete));
    } while (database.changedRows() > 0);
    return database.change("DELETE FROM recordings WHERE id = ?", recording);
}

Status recoverInterrupted(Database& database)
{
    const Status recovered = recoverAll(database);
    return recovered || database.wasBusy() ? Status() : recovered;
}

} // namespace ember::dataset::detail
