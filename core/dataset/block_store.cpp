// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/block_store.h"

#include "core/dataset/rows.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace ember::dataset::detail {
namespace {

qint64 chunkRows(int level)
{
    return kBucketsPerChunk * signal::rowsPerBucket(level);
}

Error damagedBlock(qint64 firstRow)
{
    return Error(ErrorKind::BadData, QStringLiteral("The samples from row %1 on are damaged.").arg(firstRow),
                 QStringLiteral("Restore the project from a copy, or discard the recording."));
}

template <typename T>
void appendBytes(QByteArray& out, const std::vector<T>& values)
{
    out.append(reinterpret_cast<const char*>(values.data()), static_cast<qsizetype>(values.size() * sizeof(T)));
}

QByteArray encodeChunk(const signal::Envelope& envelope)
{
    QByteArray out;
    appendBytes(out, envelope.counts);
    appendBytes(out, envelope.minimum);
    appendBytes(out, envelope.maximum);
    return out;
}

Result<signal::Envelope> decodeChunk(const QByteArray& bytes, qint64 chunk, int level, std::size_t channels)
{
    const std::size_t perBucket = sizeof(quint32) + 2 * sizeof(float) * channels;
    const std::size_t buckets = static_cast<std::size_t>(bytes.size()) / perBucket;
    if (buckets * perBucket != static_cast<std::size_t>(bytes.size()) || buckets > kBucketsPerChunk)
        return damagedBlock(chunk * chunkRows(level));
    const qint64 begin = chunk * chunkRows(level);
    const qint64 bucketRows = signal::rowsPerBucket(level);
    signal::Envelope envelope =
        signal::emptyEnvelope(begin, begin + static_cast<qint64>(buckets) * bucketRows, bucketRows, channels);
    const char* at = bytes.constData();
    const auto take = [&at](auto& values) {
        const std::size_t size = values.size() * sizeof(values[0]);
        if (size != 0)
            std::memcpy(values.data(), at, size);
        at += size;
    };
    take(envelope.counts);
    take(envelope.minimum);
    take(envelope.maximum);
    return envelope;
}

Status writeChunk(Database& database, RecordingId recording, int level, qint64 chunk, const signal::Envelope& envelope)
{
    return database.change("INSERT OR REPLACE INTO summaries (recording, level, chunk, data) VALUES (?, ?, ?, ?)",
                           recording, level, chunk, encodeChunk(envelope));
}

// The chunk of a higher level that `finest` lies in grows to the end of `finest`.
Status mergeIntoLevel(Database& database, RecordingId recording, int level, const signal::Envelope& finest)
{
    const qint64 chunk = finest.firstRow() / chunkRows(level);
    EMBER_TRY(Statement statement,
              database.query("SELECT data FROM summaries WHERE recording = ? AND level = ? AND chunk = ?", recording,
                             level, chunk));
    EMBER_TRY(const bool exists, statement.step());
    const QByteArray stored = exists ? statement.blob(0) : QByteArray();
    statement.reset();
    EMBER_TRY(const signal::Envelope before, decodeChunk(stored, chunk, level, finest.channels));
    signal::Envelope after = signal::emptyEnvelope(chunk * chunkRows(level), std::max(before.endRow(), finest.endRow()),
                                                   signal::rowsPerBucket(level), finest.channels);
    signal::addEnvelope(after, before);
    signal::addEnvelope(after, finest);
    return writeChunk(database, recording, level, chunk, after);
}

// Replaces several blocks that follow each other by one with the times of the first.
Status joinBlocks(Database& database, std::span<const BlockPosition> blocks, const QByteArray& rows)
{
    if (blocks.size() < 2)
        return {};
    for (const BlockPosition& block : blocks.subspan(1))
        EMBER_CHECK(database.change("DELETE FROM blocks WHERE id = ?", block.id));
    return database.change("UPDATE blocks SET row_count = ?, data = ? WHERE id = ?",
                           blocks.back().endRow() - blocks.front().firstRow, rows, blocks.front().id);
}

Status sealZone(Database& database, RecordingId recording, const signal::StreamSpec& stream, qint64 zone)
{
    const qint64 begin = zone * kZoneRows;
    EMBER_TRY(const auto blocks, blockPositions(database, recording, begin, begin + kZoneRows));
    if (blocks.empty())
        return {};
    signal::Envelope finest =
        signal::emptyEnvelope(begin, blocks.back().endRow(), signal::kPyramidFactor, stream.channels.size());
    for (std::size_t first = 0; first < blocks.size();) {
        std::size_t next = first;
        QByteArray rows;
        do {
            EMBER_TRY(const QByteArray bytes, blockBytes(database, blocks[next], stream.bytesPerRow()));
            rows += bytes;
            ++next;
        } while (next < blocks.size() && blocks[next].firstRow == blocks[next - 1].endRow());
        EMBER_CHECK(joinBlocks(database, std::span(blocks).subspan(first, next - first), rows));
        signal::addRows(finest, blocks[first].firstRow, signal::toPhysical(rows, stream));
        first = next;
    }
    EMBER_CHECK(writeChunk(database, recording, 1, zone, finest));
    for (int level = 2; level <= signal::kPyramidLevels; ++level)
        EMBER_CHECK(mergeIntoLevel(database, recording, level, finest));
    return {};
}

} // namespace

std::vector<signal::SampleBlock> splitAtZones(const signal::SampleBlock& block, const signal::StreamSpec& stream)
{
    std::vector<signal::SampleBlock> parts;
    const auto bytesPerRow = static_cast<qint64>(stream.bytesPerRow());
    for (qint64 row = block.firstRow; row < block.endRow();) {
        const qint64 end = std::min(block.endRow(), (row / kZoneRows + 1) * kZoneRows);
        signal::SampleBlock part = block;
        part.firstRow = row;
        part.rowCount = end - row;
        part.rows = block.rows.mid((row - block.firstRow) * bytesPerRow, part.rowCount * bytesPerRow);
        if (stream.rateHz > 0)
            part.deviceMicros += std::llround(static_cast<double>(row - block.firstRow) * 1e6 / stream.rateHz);
        parts.push_back(std::move(part));
        row = end;
    }
    return parts;
}

Status insertBlock(Database& database, RecordingId recording, const signal::SampleBlock& block)
{
    return database.change(
        "INSERT INTO blocks (recording, first_row, row_count, device_micros, host_nanos, dropped, data)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        recording, block.firstRow, block.rowCount, block.deviceMicros, block.hostNanos, block.droppedOnDevice,
        block.rows);
}

Result<std::vector<BlockPosition>> blockPositions(Database& database, RecordingId recording, qint64 begin, qint64 end)
{
    // A block is at most one zone long, so one that begins earlier than that cannot reach into the range.
    return readAll<BlockPosition>(
        database.query("SELECT id, first_row, row_count FROM blocks WHERE recording = ? AND first_row > ?"
                       " AND first_row < ? AND first_row + row_count > ? ORDER BY first_row",
                       recording, begin - kZoneRows, end, begin),
        [](const Statement& row) -> Result<BlockPosition> {
            BlockPosition block{row.integer(0), row.integer(1), row.integer(2)};
            if (block.firstRow < 0 || block.rowCount < 1 || block.rowCount > kZoneRows)
                return damagedBlock(block.firstRow);
            return block;
        });
}

Result<QByteArray> blockBytes(Database& database, const BlockPosition& block, std::size_t bytesPerRow)
{
    EMBER_TRY(Statement statement, database.query("SELECT data FROM blocks WHERE id = ?", block.id));
    EMBER_TRY(const bool found, statement.step());
    const QByteArray bytes = found ? statement.blob(0) : QByteArray();
    if (bytes.size() != block.rowCount * static_cast<qint64>(bytesPerRow))
        return damagedBlock(block.firstRow);
    return bytes;
}

Status seal(Database& database, RecordingId recording, const signal::StreamSpec& stream, qint64 begin, qint64 end)
{
    // By the blocks there are, not by counting: a gap may be many zones long.
    EMBER_TRY(const auto zones,
              readAll<qint64>(database.query("SELECT DISTINCT first_row / ? AS zone FROM blocks WHERE recording = ?"
                                             " AND first_row >= ? AND first_row < ? ORDER BY zone",
                                             kZoneRows, recording, begin, end),
                              [](const Statement& row) -> Result<qint64> { return row.integer(0); }));
    for (const qint64 zone : zones)
        EMBER_CHECK(sealZone(database, recording, stream, zone));
    return database.change("UPDATE recordings SET sealed_row = ? WHERE id = ?", end, recording);
}

Status addStoredSummaries(Database& database, RecordingId recording, int level, signal::Envelope& envelope)
{
    const qint64 rows = chunkRows(level);
    EMBER_TRY(
        Statement statement,
        database.query("SELECT chunk, data FROM summaries WHERE recording = ? AND level = ? AND chunk BETWEEN ? AND ?",
                       recording, level, envelope.firstRow() / rows, (envelope.endRow() - 1) / rows));
    for (;;) {
        EMBER_TRY(const bool more, statement.step());
        if (!more)
            return {};
        EMBER_TRY(const auto chunk, decodeChunk(statement.blob(1), statement.integer(0), level, envelope.channels));
        signal::addEnvelope(envelope, chunk);
    }
}

} // namespace ember::dataset::detail
