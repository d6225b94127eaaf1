// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/recording_store.h"

#include "core/dataset/block_store.h"
#include "core/dataset/process_identity.h"
#include "core/dataset/recording_table.h"
#include "core/dataset/rows.h"
#include "core/dataset/run_table.h"
#include "core/dataset/sample_hash.h"
#include "core/signal/json.h"

namespace ember::dataset::detail {
namespace {

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

Status recoverRecordings(Database& database)
{
    EMBER_TRY(const auto open, owned(database, "SELECT id, owner FROM recordings WHERE state = ?",
                                     static_cast<int>(RecordingState::Recording)));
    for (const Owned& recording : open) {
        if (!processRuns(recording.owner))
            EMBER_CHECK(closeRecording(database, RecordingId{recording.id}, RecordingState::Interrupted));
    }
    return {};
}

Status recoverRuns(Database& database)
{
    EMBER_TRY(const auto running,
              owned(database, "SELECT id, owner FROM runs WHERE status = ?", static_cast<int>(RunStatus::Running)));
    for (const Owned& run : running) {
        if (!processRuns(run.owner))
            EMBER_CHECK(database.change("UPDATE runs SET status = ?, reason = ?, owner = '' WHERE id = ?",
                                        static_cast<int>(RunStatus::Failed),
                                        QStringLiteral("The program ended before the run did."), run.id));
    }
    return {};
}

} // namespace

Result<RecordingId> insertRecording(Database& database, const NewRecording& about)
{
    if (about.stream.channels.empty())
        return Error(ErrorKind::Usage, QStringLiteral("A recording needs a stream with at least one channel."));
    EMBER_TRY(Transaction transaction, Transaction::begin(database));
    EMBER_CHECK(database.change(
        "INSERT INTO recordings (name, stream, group_name, group_kind, metadata, created_ms, state, owner)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        about.name, signal::toJson(about.stream), about.group.name, static_cast<int>(about.group.kind), about.metadata,
        toMilliseconds({}), static_cast<int>(RecordingState::Recording), thisProcessIdentity()));
    const RecordingId id{database.lastInsertId()};
    if (about.name.isEmpty())
        EMBER_CHECK(database.change("UPDATE recordings SET name = ? WHERE id = ?",
                                    QStringLiteral("Recording %1").arg(id.value), id));
    EMBER_CHECK(transaction.commit());
    return id;
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

Status closeRecording(Database& database, RecordingId recording, RecordingState state)
{
    EMBER_TRY(Transaction transaction, Transaction::begin(database));
    EMBER_TRY(const Recording stored, RecordingTable(database).get(recording));
    EMBER_TRY(const qint64 sealed, database.integer("SELECT sealed_row FROM recordings WHERE id = ?", recording));
    EMBER_CHECK(seal(database, recording, stored.stream, sealed, stored.endRow));
    EMBER_TRY(const QString hash, hashSamples(database, recording, stored.stream));
    EMBER_CHECK(database.change("UPDATE recordings SET state = ?, owner = '', content_hash = ? WHERE id = ?",
                                static_cast<int>(state), hash, recording));
    return transaction.commit();
}

Status recoverInterrupted(Database& database)
{
    // Looking needs no lock; almost always there is nothing to repair.
    EMBER_TRY(const qint64 open, database.integer("SELECT (SELECT count(*) FROM recordings WHERE state = 0)"
                                                  " + (SELECT count(*) FROM runs WHERE status = 0)"));
    if (open == 0)
        return {};
    EMBER_TRY(Transaction transaction, Transaction::begin(database));
    EMBER_CHECK(recoverRecordings(database));
    EMBER_CHECK(recoverRuns(database));
    return transaction.commit();
}

} // namespace ember::dataset::detail
