// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/maintenance/integrity.h"

#include "core/dataset/block_store.h"
#include "core/dataset/project.h"
#include "core/dataset/rows.h"
#include "core/dataset/sample_hash.h"

#include <QCryptographicHash>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

namespace ember::dataset {
namespace {

using detail::BlockPosition;
using detail::kBucketsPerChunk;
using detail::kMostRows;
using detail::kZoneRows;

// More lines than this help nobody; the first ones say where to look.
constexpr int kMostPageFaults = 20;

bool sameValues(const std::vector<float>& a, const std::vector<float>& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](float x, float y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

bool sameEnvelope(const signal::Envelope& a, const signal::Envelope& b)
{
    return a.counts == b.counts && sameValues(a.minimum, b.minimum) && sameValues(a.maximum, b.maximum);
}

/// Compares the stored summaries of a recording with those of its samples, chunk by chunk, so that no more than one
/// chunk of each level is in memory whatever the file claims.
class SummaryComparison
{
public:
    SummaryComparison(Database& database, RecordingId recording, std::size_t channels)
        : m_database(database)
        , m_recording(recording)
        , m_channels(channels)
    {}

    /// Physical values of rows that follow each other; in order of rows.
    Status add(qint64 firstRow, std::span<const float> rows)
    {
        for (int level = 1; level <= signal::kPyramidLevels; ++level) {
            std::optional<signal::Envelope>& chunk = m_chunks[static_cast<std::size_t>(level - 1)];
            if (chunk && firstRow >= chunk->endRow())
                EMBER_CHECK(settle(level));
            if (!chunk)
                chunk = emptyChunk(firstRow, level);
            signal::addRows(*chunk, firstRow, rows);
        }
        return {};
    }

    /// Whether all of them agree.
    Result<bool> finish()
    {
        for (int level = 1; level <= signal::kPyramidLevels; ++level)
            EMBER_CHECK(settle(level));
        return m_agree;
    }

private:
    signal::Envelope emptyChunk(qint64 row, int level) const
    {
        const qint64 rows = kBucketsPerChunk * signal::rowsPerBucket(level);
        const qint64 begin = row / rows * rows;
        return signal::emptyEnvelope(begin, begin + rows, signal::rowsPerBucket(level), m_channels);
    }

    Status settle(int level)
    {
        std::optional<signal::Envelope>& chunk = m_chunks[static_cast<std::size_t>(level - 1)];
        if (!chunk)
            return {};
        signal::Envelope stored = emptyChunk(chunk->firstRow(), level);
        const Status read = detail::addStoredSummaries(m_database, m_recording, level, stored);
        if (!read && read.error().kind != ErrorKind::BadData)
            return read;
        m_agree = m_agree && read && sameEnvelope(stored, *chunk);
        chunk.reset();
        return {};
    }

    Database& m_database;
    const RecordingId m_recording;
    const std::size_t m_channels;
    std::array<std::optional<signal::Envelope>, signal::kPyramidLevels> m_chunks;
    bool m_agree = true;
};

class Inspection
{
public:
    Inspection(Database& database, const ProgressSink& progress, const CancelToken& cancel)
        : m_database(database)
        , m_progress(progress)
        , m_cancel(cancel)
    {}

    Result<IntegrityReport> run()
    {
        report(m_progress, QStringLiteral("Looking through the pages"));
        EMBER_CHECK(guarded(checkPages()));
        EMBER_CHECK(guarded(checkReferences()));
        EMBER_CHECK(guarded(checkRecordings()));
        EMBER_CHECK(guarded(checkModels()));
        return std::move(m_report);
    }

private:
    void add(const QString& code, const QString& message, RecordingId recording = {})
    {
        m_report.faults.push_back({code, message, recording});
    }

    /// Damage that ends one look is a fault, and the next look goes on.
    Status guarded(const Status& looked)
    {
        if (looked || looked.error().kind != ErrorKind::BadData)
            return looked;
        add(QStringLiteral("pages"), looked.error().message);
        return {};
    }

    Status stopIfCancelled() const
    {
        if (m_cancel.isCancelled())
            return Error(ErrorKind::Cancelled, QStringLiteral("The check was cancelled."));
        return {};
    }

    Status checkPages()
    {
        const QByteArray sql = "PRAGMA integrity_check(" + QByteArray::number(kMostPageFaults) + ")";
        EMBER_TRY(Statement statement, m_database.query(sql.constData()));
        for (;;) {
            EMBER_TRY(const bool more, statement.step());
            if (!more)
                return {};
            if (const QString line = statement.text(0); line != QLatin1String("ok"))
                add(QStringLiteral("pages"), line);
        }
    }

    Status checkReferences()
    {
        EMBER_TRY(Statement statement, m_database.query("SELECT \"table\", parent, count(*) FROM"
                                                        " pragma_foreign_key_check GROUP BY 1, 2"));
        for (;;) {
            EMBER_TRY(const bool more, statement.step());
            if (!more)
                return {};
            add(QStringLiteral("references"),
                QStringLiteral("%1 row(s) of '%2' belong to rows of '%3' that are not there.")
                    .arg(statement.integer(2))
                    .arg(statement.text(0), statement.text(1)));
        }
    }

    Status checkRecordings()
    {
        EMBER_TRY(const std::vector<Recording> recordings, RecordingTable(m_database).list(true));
        for (std::size_t i = 0; i < recordings.size(); ++i) {
            EMBER_CHECK(stopIfCancelled());
            report(m_progress, QStringLiteral("Reading the samples"),
                   static_cast<double>(i) / static_cast<double>(recordings.size()), recordings[i].name);
            const Status looked = checkRecording(recordings[i]);
            if (!looked && isGone(looked.error()))
                continue;
            ++m_report.recordings;
            if (!looked && looked.error().kind != ErrorKind::BadData)
                return looked;
            if (!looked)
                add(QStringLiteral("blocks"), named(recordings[i], looked.error().message), recordings[i].id);
        }
        return {};
    }

    /// Deleted by another program since it was listed.
    static bool isGone(const Error& error) { return error.kind == ErrorKind::NotFound; }

    static QString named(const Recording& recording, const QString& text)
    {
        return QStringLiteral("'%1': %2").arg(recording.name, text);
    }

    Status checkRecording(const Recording& recording)
    {
        // Of one moment, for a recorder may be at work.
        EMBER_TRY(const Transaction snapshot, Transaction::beginReading(m_database));
        EMBER_TRY(const Recording now, RecordingTable(m_database).get(recording.id));
        EMBER_TRY(const std::vector<BlockPosition> blocks,
                  detail::blockPositions(m_database, now.id, 0, std::numeric_limits<qint64>::max() - kZoneRows));
        const bool ordered = checkPlaces(now, blocks);
        qint64 rows = 0;
        for (const BlockPosition& block : blocks)
            rows += block.rowCount;
        m_report.rows += rows;
        if (rows != now.rowCount || (!blocks.empty() && blocks.back().endRow() > now.endRow))
            add(QStringLiteral("counts"),
                named(now, QStringLiteral("%1 rows are stored, %2 are counted.").arg(rows).arg(now.rowCount)), now.id);
        if (ordered)
            EMBER_CHECK(checkSummaries(now, blocks));
        if (now.state == RecordingState::Recording) {
            ++m_report.inProgress;
            return {};
        }
        EMBER_TRY(const QString hash, detail::hashSamples(m_database, now.id, now.stream));
        if (hash != now.contentHash)
            add(QStringLiteral("samples"),
                named(now, QStringLiteral("The samples are not those that were recorded: their hash differs.")),
                now.id);
        return {};
    }

    bool checkPlaces(const Recording& recording, const std::vector<BlockPosition>& blocks)
    {
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            const BlockPosition& block = blocks[i];
            const bool overlaps = i > 0 && block.firstRow < blocks[i - 1].endRow();
            const bool inOneZone = block.firstRow / kZoneRows == (block.endRow() - 1) / kZoneRows;
            if (!overlaps && inOneZone && block.endRow() < kMostRows)
                continue;
            add(QStringLiteral("blocks"),
                named(recording,
                      QStringLiteral("The samples from row %1 on lie where they cannot.").arg(block.firstRow)),
                recording.id);
            return false;
        }
        return true;
    }

    Status checkSummaries(const Recording& recording, const std::vector<BlockPosition>& blocks)
    {
        EMBER_TRY(const qint64 sealed,
                  m_database.integer("SELECT sealed_row FROM recordings WHERE id = ?", recording.id));
        SummaryComparison comparison(m_database, recording.id, recording.stream.channels.size());
        for (const BlockPosition& block : blocks) {
            EMBER_CHECK(stopIfCancelled());
            EMBER_TRY(const QByteArray bytes, detail::blockBytes(m_database, block, recording.stream.bytesPerRow()));
            if (block.firstRow < sealed)
                EMBER_CHECK(comparison.add(block.firstRow, signal::toPhysical(bytes, recording.stream)));
        }
        EMBER_TRY(const bool agree, comparison.finish());
        if (!agree)
            add(QStringLiteral("summaries"),
                named(recording, QStringLiteral("What plots draw is not what was recorded.")), recording.id);
        return {};
    }

    Status checkModels()
    {
        ModelTable models(m_database);
        EMBER_TRY(const std::vector<StoredModel> all, models.list());
        for (std::size_t i = 0; i < all.size(); ++i) {
            const StoredModel& model = all[i];
            EMBER_CHECK(stopIfCancelled());
            report(m_progress, QStringLiteral("Reading the models"),
                   static_cast<double>(i) / static_cast<double>(all.size()), model.name);
            const Result<QByteArray> onnx = models.onnx(model.id);
            if (!onnx && isGone(onnx.error()))
                continue;
            if (!onnx)
                return onnx.error();
            ++m_report.models;
            if (QCryptographicHash::hash(*onnx, QCryptographicHash::Sha256).toHex() != model.hash.toLatin1())
                add(QStringLiteral("models"),
                    QStringLiteral("The bytes of model %1 ('%2') are not those that were stored.")
                        .arg(model.id.value)
                        .arg(model.name));
        }
        return {};
    }

    Database& m_database;
    const ProgressSink& m_progress;
    const CancelToken& m_cancel;
    IntegrityReport m_report;
};

} // namespace

Result<IntegrityReport> checkIntegrity(const Project& project, const ProgressSink& progress, const CancelToken& cancel)
{
    const InterruptOnCancel interrupt(project.database(), cancel);
    return Inspection(project.database(), progress, cancel).run();
}

} // namespace ember::dataset
