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

} // namespace

Result<std::unique_ptr<RecordingWriter>> RecordingWriter::start(const QString& projectPath,
                                                                const NewRecording& recording)
{
    EMBER_TRY(Store store, openStore(projectPath, false));
    if (store.database->isReadOnly())
        return Error(ErrorKind::Io, QStringLiteral("Nothing can be recorded into '%1'.").arg(store.database->path()),
                     store.readOnlyReason);
    EMBER_TRY(const RecordingId id, detail::insertRecording(*store.database, recording));
    return std::unique_ptr<RecordingWriter>(new RecordingWriter(std::move(store.database), id, recording.stream));
}

RecordingWriter::RecordingWriter(std::unique_ptr<Database> database, RecordingId id, signal::StreamSpec stream)
    : m_database(std::move(database))
    , m_id(id)
    , m_stream(std::move(stream))
{
    m_sinceCommit.start();
}

RecordingWriter::~RecordingWriter()
{
    if (m_finished)
        return;
    // Nobody is left to hear of an error; the next one to open the project closes the recording then.
    if (!m_failed)
        (void)commit();
    (void)detail::closeRecording(*m_database, m_id, RecordingState::Interrupted);
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
    const qint64 expected = m_baseRow ? *m_baseRow + m_endRow : 0;
    if (block.firstRow < expected || block.firstRow > kMaxRow)
        return Error(
            ErrorKind::BadData,
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
    if (m_pendingBytes < kCommitBytes && m_sinceCommit.elapsed() < kCommitIntervalMs)
        return {};
    return commit();
}

Status RecordingWriter::commit()
{
    const auto write = [this]() -> Status {
        EMBER_TRY(Transaction transaction, Transaction::begin(*m_database));
        for (const signal::SampleBlock& block : m_pending)
            EMBER_CHECK(detail::insertBlock(*m_database, m_id, block));
        if (!m_pending.empty())
            EMBER_CHECK(detail::noteProgress(*m_database, m_id, m_stream, m_rowCount, m_endRow));
        if (m_ledgerChanged)
            EMBER_CHECK(detail::storeLedger(*m_database, m_id, m_ledger));
        return transaction.commit();
    };
    if (m_pending.empty() && !m_ledgerChanged)
        return {};
    if (const Status written = write(); !written)
        return fail(written.error().context(QStringLiteral("recording")));
    m_pending.clear();
    m_pendingBytes = 0;
    m_ledgerChanged = false;
    m_sinceCommit.restart();
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
    EMBER_CHECK(commit());
    EMBER_CHECK(detail::closeRecording(*m_database, m_id, RecordingState::Finished));
    m_finished = true;
    // From here on the recording also survives a power cut; when another program is reading, that comes a little later.
    (void)m_database->execute("PRAGMA wal_checkpoint(PASSIVE)");
    return RecordingTable(*m_database).get(m_id);
}

} // namespace ember::dataset
