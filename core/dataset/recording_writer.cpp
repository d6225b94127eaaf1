// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/recording_writer.h"

#include "core/dataset/block_store.h"
#include "core/dataset/recording_store.h"
#include "core/dataset/recording_table.h"
#include "core/dataset/schema.h"

namespace ember::dataset {
namespace {

// Row numbers stay far from the end of 64 bits, so that arithmetic on them cannot overflow.
constexpr qint64 kMaxRow = qint64{1} << 48;

// The acquisition thread must not wait for a lock while the link's buffers run over; it tries again soon.
constexpr int kRecordingBusyMs = 30;

} // namespace

Result<std::unique_ptr<RecordingWriter>> RecordingWriter::start(const QString& projectPath,
                                                                const NewRecording& recording, qint64 maxPendingBytes)
{
    EMBER_TRY(Store store, openStore(projectPath, false));
    if (store.database->isReadOnly())
        return Error(ErrorKind::Io, QStringLiteral("Nothing can be recorded into '%1'.").arg(store.database->path()),
                     store.readOnlyReason);
    auto owner = std::make_unique<Ownership>(Ownership::Kind::Capture);
    EMBER_TRY(const RecordingId id, detail::insertRecording(*store.database, recording, *owner));
    std::unique_ptr<RecordingWriter> writer(
        new RecordingWriter(std::move(store.database), std::move(owner), id, recording.stream));
    writer->m_maxPendingBytes = maxPendingBytes;
    return writer;
}

RecordingWriter::RecordingWriter(std::unique_ptr<Database> database, std::unique_ptr<Ownership> owner, RecordingId id,
                                 signal::StreamSpec stream)
    : m_database(std::move(database))
    , m_owner(std::move(owner))
    , m_id(id)
    , m_stream(std::move(stream))
    , m_file(FileIdentity::of(m_database->path()))
{
    m_database->setBusyTimeout(kRecordingBusyMs);
    m_sinceCommit.start();
}

RecordingWriter::~RecordingWriter()
{
    if (m_finished)
        return;
    // Nobody is left to hear of an error; the next one to open the project closes the recording then. Also after a
    // failure: what waits may find its place by now, and it is whole or not written at all.
    m_database->setBusyTimeout(Database::kBusyTimeoutMs);
    if (writePending())
        (void)detail::interruptRecording(*m_database, m_id, 0, *m_owner);
}

Status RecordingWriter::checkBlock(const signal::SampleBlock& block) const
{
    const auto bytesPerRow = static_cast<qint64>(m_stream.bytesPerRow());
    if (block.rowCount < 0 || block.rowCount > kMaxRow / bytesPerRow ||
        block.rows.size() != block.rowCount * bytesPerRow)
        return Error(ErrorKind::BadData, QStringLiteral("A block of %1 rows has %2 bytes; the stream has %3 in a row.")
                                             .arg(block.rowCount)
                                             .arg(block.rows.size())
                                             .arg(bytesPerRow));
    if (block.firstRow > kMaxRow)
        return Error(ErrorKind::BadData,
                     QStringLiteral("Row %1 is beyond the %2 rows of a recording.").arg(block.firstRow).arg(kMaxRow));
    const qint64 expected = m_baseRow ? *m_baseRow + m_endRow : 0;
    if (block.firstRow < expected)
        return Error(
            ErrorKind::Board,
            QStringLiteral("Row %1 came where row %2 or a later one was due.").arg(block.firstRow).arg(expected),
            QStringLiteral("The board was restarted; start a new recording."));
    return {};
}

Status RecordingWriter::append(const signal::SampleBlock& block)
{
    if (m_failed)
        return *m_failed;
    EMBER_CHECK(checkBlock(block));
    if (block.rowCount > 0) {
        if (!m_baseRow)
            m_baseRow = block.firstRow;
        takeIntoPending(block, block.firstRow - *m_baseRow);
    }
    return commitIfDue();
}

void RecordingWriter::takeIntoPending(const signal::SampleBlock& block, qint64 firstRow)
{
    signal::SampleBlock numbered = block;
    numbered.firstRow = firstRow;
    for (signal::SampleBlock& part : detail::splitAtZones(numbered, m_stream)) {
        m_pendingBytes += part.rows.size();
        const bool continues =
            !m_pending.empty() && m_pending.back().endRow() == part.firstRow && part.firstRow % detail::kZoneRows != 0;
        if (continues) {
            m_pending.back().rows += part.rows;
            m_pending.back().rowCount += part.rowCount;
        } else {
            m_pending.push_back(std::move(part));
        }
    }
    m_rowCount += block.rowCount;
    m_endRow = numbered.endRow();
}

Status RecordingWriter::updateLedger(const signal::Ledger& ledger)
{
    if (m_failed)
        return *m_failed;
    m_ledger = ledger;
    m_ledgerChanged = true;
    return commitIfDue();
}

Status RecordingWriter::commitIfDue()
{
    const bool much = m_pendingBytes >= kCommitBytes && !m_lockedOut;
    if (!much && m_sinceCommit.elapsed() < kCommitIntervalMs)
        return {};
    const Status committed = commit();
    if (committed || !m_lockedOut)
        return committed;
    return m_pendingBytes < m_maxPendingBytes ? Status() : fail(committed.error());
}

/// An open file that was deleted takes rows without complaint, and they are gone with the program.
Status RecordingWriter::confirmPlace() const
{
    if (FileIdentity::of(m_database->path()) == m_file)
        return {};
    return Error(
        ErrorKind::Io, QStringLiteral("'%1' was moved or deleted while it was recorded into.").arg(m_database->path()),
        QStringLiteral("If it was moved, bring it back beside its '-wal' file, which holds the newest rows, and "
                       "open it there. Record into a project that stays where it is."));
}

Status RecordingWriter::commit()
{
    if (const Status there = confirmPlace(); !there)
        return fail(there.error());
    const Status written = writePending();
    m_lockedOut = !written && m_database->wasBusy();
    m_sinceCommit.restart();
    if (written)
        return {};
    const Error error = written.error().context(QStringLiteral("recording"));
    return m_lockedOut ? Status(error) : fail(error);
}

Status RecordingWriter::writePending()
{
    if (m_pending.empty() && !m_ledgerChanged)
        return {};
    EMBER_TRY(Transaction transaction, Transaction::begin(*m_database));
    EMBER_CHECK(detail::confirmOwnership(*m_database, m_id, *m_owner));
    for (const signal::SampleBlock& block : m_pending)
        EMBER_CHECK(detail::insertBlock(*m_database, m_id, block));
    if (!m_pending.empty())
        EMBER_CHECK(detail::noteProgress(*m_database, m_id, m_stream, m_rowCount, m_endRow));
    if (m_ledgerChanged)
        EMBER_CHECK(detail::storeLedger(*m_database, m_id, m_ledger));
    EMBER_CHECK(transaction.commit());
    m_pending.clear();
    m_pendingBytes = 0;
    m_ledgerChanged = false;
    return {};
}

Status RecordingWriter::fail(Error error)
{
    m_failed = std::move(error);
    return *m_failed;
}

Result<Recording> RecordingWriter::finish()
{
    if (m_failed)
        return *m_failed;
    m_database->setBusyTimeout(kFinishTimeoutMs);
    EMBER_CHECK(commit());
    EMBER_CHECK(detail::finishRecording(*m_database, m_id, *m_owner));
    m_finished = true;
    // From here on the recording also survives a power cut; when another program is reading, that comes a little later.
    (void)m_database->execute("PRAGMA wal_checkpoint(PASSIVE)");
    return RecordingTable(*m_database).get(m_id);
}

} // namespace ember::dataset
