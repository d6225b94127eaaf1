// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/recording_reader.h"

#include "core/dataset/block_store.h"
#include "core/dataset/project.h"

#include <algorithm>
#include <limits>

namespace ember::dataset {
namespace {

// More values than this in one answer is a mistake, or a file that lies about its length.
constexpr qint64 kMaxValues = qint64{1} << 28;

struct Extent
{
    qint64 endRow = 0;
    qint64 sealedRow = 0;
};

Result<Extent> readExtent(Database& database, RecordingId id)
{
    EMBER_TRY(Statement statement, database.query("SELECT end_row, sealed_row FROM recordings WHERE id = ?", id));
    EMBER_TRY(const bool found, statement.step());
    if (!found)
        return Error(ErrorKind::NotFound, QStringLiteral("Recording %1 has been deleted.").arg(id.value));
    return Extent{statement.integer(0), statement.integer(1)};
}

Status checkSize(qint64 rows, qint64 valuesPerRow)
{
    if (rows > kMaxValues / std::max<qint64>(valuesPerRow, 1))
        return Error(ErrorKind::Usage, QStringLiteral("%1 rows are too many for one answer.").arg(rows),
                     QStringLiteral("Ask for a shorter range, or for larger buckets."));
    return {};
}

} // namespace

RecordingReader::RecordingReader(Database& database, Recording recording)
    : m_database(&database)
    , m_recording(std::move(recording))
{}

Result<RecordingReader> RecordingReader::open(const Project& project, RecordingId id)
{
    EMBER_TRY(Recording recording, project.recordings().get(id));
    return RecordingReader(project.database(), std::move(recording));
}

Result<std::vector<RowInterval>> RecordingReader::runs() const
{
    EMBER_TRY(const auto blocks, detail::blockPositions(*m_database, m_recording.id, 0,
                                                        std::numeric_limits<qint64>::max() - detail::kZoneRows));
    std::vector<RowInterval> runs;
    for (const auto& block : blocks) {
        if (!runs.empty() && runs.back().end == block.firstRow)
            runs.back().end = block.endRow();
        else
            runs.push_back({block.firstRow, block.endRow()});
    }
    return runs;
}

Result<std::vector<RecordingReader::StoredBlock>> RecordingReader::blocksIn(qint64 begin, qint64 end) const
{
    if (m_lastBlock.rowCount > 0 && begin >= m_lastBlock.firstRow && end <= m_lastBlock.firstRow + m_lastBlock.rowCount)
        return std::vector<StoredBlock>{m_lastBlock};
    EMBER_TRY(const Transaction snapshot, Transaction::beginReading(*m_database));
    EMBER_TRY(const auto positions, detail::blockPositions(*m_database, m_recording.id, begin, end));
    std::vector<StoredBlock> blocks;
    for (const auto& position : positions) {
        const bool known = position.firstRow == m_lastBlock.firstRow && position.rowCount == m_lastBlock.rowCount;
        if (!known) {
            EMBER_TRY(QByteArray bytes, detail::blockBytes(*m_database, position, m_recording.stream.bytesPerRow()));
            m_lastBlock = {position.firstRow, position.rowCount, std::move(bytes)};
        }
        blocks.push_back(m_lastBlock);
    }
    return blocks;
}

Result<std::vector<RowRun>> RecordingReader::rows(qint64 begin, qint64 end) const
{
    begin = std::max<qint64>(begin, 0);
    std::vector<RowRun> runs;
    if (begin >= end)
        return runs;
    EMBER_TRY(const auto blocks, blocksIn(begin, end));
    const auto bytesPerRow = static_cast<qint64>(m_recording.stream.bytesPerRow());
    for (const StoredBlock& block : blocks) {
        const qint64 from = std::max(begin, block.firstRow);
        const qint64 to = std::min(end, block.firstRow + block.rowCount);
        const QByteArray bytes = block.rows.mid((from - block.firstRow) * bytesPerRow, (to - from) * bytesPerRow);
        if (!runs.empty() && runs.back().firstRow + runs.back().rowCount == from) {
            runs.back().rows += bytes;
            runs.back().rowCount += to - from;
        } else {
            runs.push_back({from, to - from, bytes});
        }
    }
    return runs;
}

Result<QByteArray> RecordingReader::window(qint64 begin, qint64 count) const
{
    EMBER_TRY(auto found, rows(begin, begin + count));
    if (found.size() != 1 || found.front().firstRow != begin || found.front().rowCount != count)
        return Error(ErrorKind::BadData, QStringLiteral("Rows are missing between %1 and %2 of recording '%3'.")
                                             .arg(begin)
                                             .arg(begin + count)
                                             .arg(m_recording.name));
    return std::move(found.front().rows);
}

Result<std::vector<float>> RecordingReader::channel(qint64 begin, qint64 end, std::size_t channel) const
{
    const std::size_t channels = m_recording.stream.channels.size();
    if (channel >= channels)
        return Error(ErrorKind::Usage,
                     QStringLiteral("Recording '%1' has no channel %2.").arg(m_recording.name).arg(channel));
    EMBER_CHECK(checkSize(end - begin, 1));
    std::vector<float> values(static_cast<std::size_t>(std::max<qint64>(end - begin, 0)),
                              std::numeric_limits<float>::quiet_NaN());
    EMBER_TRY(const auto runs, rows(begin, end));
    for (const RowRun& run : runs) {
        const std::vector<float> physical = signal::toPhysical(run.rows, m_recording.stream);
        for (qint64 row = 0; row < run.rowCount; ++row)
            values[static_cast<std::size_t>(run.firstRow - begin + row)] =
                physical[static_cast<std::size_t>(row) * channels + channel];
    }
    return values;
}

Result<signal::Envelope> RecordingReader::envelope(qint64 begin, qint64 end, qint64 wantedRowsPerBucket) const
{
    const int level = signal::levelFor(wantedRowsPerBucket);
    const std::size_t channels = m_recording.stream.channels.size();
    const qint64 bucketRows = signal::rowsPerBucket(level);
    // Summaries and tail as of one moment: a zone that is sealed in between would count twice, or not at all.
    EMBER_TRY(const Transaction snapshot, Transaction::beginReading(*m_database));
    EMBER_TRY(const Extent extent, readExtent(*m_database, m_recording.id));
    begin = std::clamp<qint64>(begin, 0, extent.endRow);
    end = std::clamp<qint64>(end, begin, extent.endRow);
    EMBER_CHECK(checkSize((end - begin) / bucketRows, static_cast<qint64>(channels)));
    signal::Envelope envelope = signal::emptyEnvelope(begin, end, bucketRows, channels);
    if (envelope.buckets() == 0)
        return envelope;
    if (level == 0) {
        EMBER_CHECK(addRawRows(envelope, begin, end));
        return envelope;
    }
    EMBER_CHECK(detail::addStoredSummaries(*m_database, m_recording.id, level, envelope));
    EMBER_CHECK(addRawRows(envelope, std::max(extent.sealedRow, envelope.firstRow()), envelope.endRow()));
    return envelope;
}

Status RecordingReader::addRawRows(signal::Envelope& envelope, qint64 begin, qint64 end) const
{
    EMBER_TRY(const auto runs, rows(begin, end));
    for (const RowRun& run : runs)
        signal::addRows(envelope, run.firstRow, signal::toPhysical(run.rows, m_recording.stream));
    return {};
}

} // namespace ember::dataset
