// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/maintenance/salvage.h"

#include "core/base/quantity.h"
#include "core/dataset/block_store.h"
#include "core/dataset/maintenance/project_files.h"
#include "core/dataset/maintenance/table_reader.h"
#include "core/dataset/project.h"
#include "core/dataset/rows.h"
#include "core/dataset/sample_hash.h"
#include "core/dataset/schema.h"

#include <QCryptographicHash>
#include <QFile>
#include <QFileInfo>

#include <algorithm>
#include <array>
#include <optional>

namespace ember::dataset {
namespace {

constexpr qint64 kRowsPerCommit = 500;

// Those that others refer to come first. Summaries and the feature cache are made anew.
constexpr std::array kTables = {"recordings", "label_sets", "labels",        "segments", "splits",          "runs",
                                "models",     "exports",    "verifications", "blocks",   "dataset_versions"};

struct Orphans
{
    const char* sql;
    const char* lost; ///< what is said of them; "" where nothing is lost but a reference
};

// In this order: what goes makes orphans of others.
constexpr std::array kOrphans = {
    Orphans{"DELETE FROM labels WHERE label_set NOT IN (SELECT id FROM label_sets)", "labels of lost label sets"},
    Orphans{"DELETE FROM segments WHERE recording NOT IN (SELECT id FROM recordings)", "segments of lost recordings"},
    Orphans{"DELETE FROM segments WHERE label NOT IN (SELECT id FROM labels)", "segments with lost labels"},
    Orphans{"DELETE FROM blocks WHERE recording NOT IN (SELECT id FROM recordings)",
            "blocks of samples of lost recordings"},
    Orphans{"UPDATE runs SET model = NULL WHERE model IS NOT NULL AND model NOT IN (SELECT id FROM models)",
            "models of runs"},
    Orphans{"UPDATE models SET run = NULL WHERE run IS NOT NULL AND run NOT IN (SELECT id FROM runs)",
            "runs of models"},
    Orphans{"DELETE FROM verifications WHERE model NOT IN (SELECT id FROM models)", "proofs of lost models"},
    Orphans{"UPDATE exports SET model = NULL WHERE model IS NOT NULL AND model NOT IN (SELECT id FROM models)", ""},
    Orphans{"UPDATE runs SET status = 2, reason = 'The program ended before the run did.', owner = ''"
            " WHERE status = 0",
            ""},
};

Result<QByteArrayList> columnsOf(Database& database, const char* table)
{
    EMBER_TRY(const auto names, detail::readAll<QByteArray>(
                                    database.query("SELECT name FROM pragma_table_info(?)", QString::fromLatin1(table)),
                                    [](const Statement& row) -> Result<QByteArray> { return row.text(0).toUtf8(); }));
    return QByteArrayList(names.begin(), names.end());
}

/// Puts rows into the new file, many to a transaction.
class RowCopy
{
public:
    RowCopy(Database& to, Statement insert, qsizetype columns)
        : m_to(to)
        , m_insert(std::move(insert))
        , m_columns(static_cast<int>(columns))
    {}

    /// A row of a TableReader: its id, then the columns.
    Status take(const Statement& row)
    {
        if (!m_batch) {
            EMBER_TRY(Transaction begun, Transaction::begin(m_to));
            m_batch.emplace(std::move(begun));
        }
        m_insert.reset();
        for (int i = 0; i < m_columns; ++i)
            m_insert.bindFrom(i, row, i + 1);
        EMBER_CHECK(m_insert.run());
        m_refused += m_to.changedRows() == 0 ? 1 : 0;
        return ++m_taken % kRowsPerCommit == 0 ? finish() : Status();
    }

    Status finish()
    {
        if (!m_batch)
            return {};
        EMBER_CHECK(m_batch->commit());
        m_batch.reset();
        return {};
    }

    qint64 refused() const { return m_refused; }

private:
    Database& m_to;
    Statement m_insert;
    const int m_columns;
    std::optional<Transaction> m_batch;
    qint64 m_taken = 0;
    qint64 m_refused = 0;
};

class Salvage
{
public:
    Salvage(Database& from, Project& to, const ProgressSink& progress, const CancelToken& cancel)
        : m_from(from)
        , m_project(to)
        , m_to(to.database())
        , m_progress(progress)
        , m_cancel(cancel)
    {}

    Result<SalvageReport> run()
    {
        // References are settled when everything is there.
        EMBER_CHECK(m_to.execute("PRAGMA foreign_keys = OFF"));
        for (std::size_t i = 0; i < kTables.size(); ++i) {
            report(m_progress, QStringLiteral("Reading %1").arg(QLatin1String(kTables[i])),
                   static_cast<double>(i) / static_cast<double>(kTables.size()));
            EMBER_CHECK(copyTable(kTables[i]));
        }
        EMBER_CHECK(dropDamagedModels());
        EMBER_CHECK(settleReferences());
        EMBER_CHECK(settleRecordings());
        EMBER_TRY(m_report.segments, m_to.integer("SELECT count(*) FROM segments"));
        EMBER_TRY(m_report.runs, m_to.integer("SELECT count(*) FROM runs"));
        EMBER_TRY(m_report.models, m_to.integer("SELECT count(*) FROM models"));
        EMBER_CHECK(m_to.execute("PRAGMA foreign_keys = ON"));
        return std::move(m_report);
    }

private:
    Status stopIfCancelled() const
    {
        if (m_cancel.isCancelled())
            return Error(ErrorKind::Cancelled, QStringLiteral("The repair was cancelled."));
        return {};
    }

    // Only what both have: the file may be of an older format.
    Result<QByteArrayList> sharedColumns(const char* table)
    {
        EMBER_TRY(QByteArrayList shared, columnsOf(m_to, table));
        EMBER_TRY(const QByteArrayList there, columnsOf(m_from, table));
        shared.removeIf([&there](const QByteArray& name) { return !there.contains(name); });
        return shared;
    }

    // The list of tables is on the first pages; without the recordings nothing else has a meaning.
    Status missingTable(const char* table)
    {
        if (table == kTables.front())
            return Error(ErrorKind::BadData,
                         QStringLiteral("'%1' is damaged where its tables are listed; nothing can be read of it.")
                             .arg(m_from.path()),
                         QStringLiteral("Restore it from a copy."));
        EMBER_TRY(const qint64 version, m_from.integer("PRAGMA user_version"));
        if (version >= migrations().back().version)
            m_report.lost << QStringLiteral("The table '%1' is not there any more.").arg(QLatin1String(table));
        return {};
    }

    Status copyTable(const char* table)
    {
        EMBER_TRY(const QByteArrayList columns, sharedColumns(table));
        if (columns.isEmpty())
            return missingTable(table);
        const QByteArray names = columns.join(", ");
        const QByteArray places = QByteArrayList(columns.size(), "?").join(", ");
        // What breaks a rule of the format cannot have been written by the program.
        EMBER_TRY(Statement insert, m_to.query("INSERT OR IGNORE INTO " + QByteArray(table) + " (" + names +
                                               ") VALUES (" + places + ")"));
        RowCopy copy(m_to, std::move(insert), columns.size());
        detail::TableReader reader(m_from, table, names);
        const auto take = [&](const Statement& row) {
            const Status wanted = stopIfCancelled();
            return wanted ? copy.take(row) : wanted;
        };
        EMBER_CHECK(reader.readAll(take));
        EMBER_CHECK(copy.finish());
        if (reader.isDamaged())
            m_report.lost << QStringLiteral("Parts of the table '%1' could not be read.").arg(QLatin1String(table));
        else if (reader.expected().value_or(reader.found()) != reader.found())
            m_report.lost << QStringLiteral("The table '%1' has %2 rows, but its index knows of %3.")
                                 .arg(QLatin1String(table))
                                 .arg(reader.found())
                                 .arg(*reader.expected());
        if (copy.refused() > 0)
            m_report.lost << QStringLiteral("%1 of the table '%2' made no sense.")
                                 .arg(countOf(copy.refused(), QStringLiteral("row")), QLatin1String(table));
        return {};
    }

    // Unlike samples, a model with one wrong byte is of no use.
    Status dropDamagedModels()
    {
        EMBER_TRY(const std::vector<StoredModel> models, m_project.models().list());
        for (const StoredModel& model : models) {
            EMBER_TRY(const QByteArray onnx, m_project.models().onnx(model.id));
            if (QCryptographicHash::hash(onnx, QCryptographicHash::Sha256).toHex() == model.hash.toLatin1())
                continue;
            m_report.lost
                << QStringLiteral("Model %1 ('%2') is damaged and left out.").arg(model.id.value).arg(model.name);
            EMBER_CHECK(m_to.change("DELETE FROM models WHERE id = ?", model.id));
        }
        return {};
    }

    Status settleReferences()
    {
        EMBER_TRY(Transaction transaction, Transaction::begin(m_to));
        for (const Orphans& orphans : kOrphans) {
            EMBER_CHECK(m_to.change(orphans.sql));
            if (const qint64 count = m_to.changedRows(); count > 0 && *orphans.lost != 0)
                m_report.lost << QStringLiteral("%1 %2.").arg(count).arg(QLatin1String(orphans.lost));
        }
        return transaction.commit();
    }

    Status settleRecordings()
    {
        EMBER_TRY(const auto ids, detail::readAll<RecordingId>(m_to.query("SELECT id FROM recordings ORDER BY id"),
                                                               [](const Statement& row) -> Result<RecordingId> {
                                                                   return row.id<RecordingId>(0);
                                                               }));
        for (std::size_t i = 0; i < ids.size(); ++i) {
            EMBER_CHECK(stopIfCancelled());
            report(m_progress, QStringLiteral("Making summaries"),
                   static_cast<double>(i) / static_cast<double>(ids.size()));
            const Result<Recording> recording = m_project.recordings().get(ids[i]);
            if (recording)
                EMBER_CHECK(settle(*recording));
            else if (recording.error().kind == ErrorKind::BadData)
                EMBER_CHECK(drop(ids[i], recording.error()));
            else
                return recording.error();
        }
        return {};
    }

    Status drop(RecordingId id, const Error& why)
    {
        m_report.lost << QStringLiteral("Recording %1: %2").arg(id.value).arg(why.message);
        EMBER_CHECK(m_to.change("DELETE FROM segments WHERE recording = ?", id));
        EMBER_CHECK(m_to.change("DELETE FROM blocks WHERE recording = ?", id));
        return m_to.change("DELETE FROM recordings WHERE id = ?", id);
    }

    Status settle(const Recording& recording)
    {
        EMBER_TRY(Transaction transaction, Transaction::begin(m_to));
        EMBER_CHECK(removeImpossibleBlocks(recording));
        EMBER_TRY(const qint64 rows,
                  m_to.integer("SELECT coalesce(sum(row_count), 0) FROM blocks WHERE recording = ?", recording.id));
        EMBER_TRY(const qint64 stored, m_to.integer("SELECT coalesce(max(first_row + row_count), 0) FROM blocks"
                                                    " WHERE recording = ?",
                                                    recording.id));
        const qint64 end = std::max(stored, recording.endRow < detail::kMostRows ? recording.endRow : 0);
        EMBER_CHECK(detail::seal(m_to, recording.id, recording.stream, 0, end));
        EMBER_TRY(const QString hash, detail::hashSamples(m_to, recording.id, recording.stream));
        const RecordingState state =
            recording.state == RecordingState::Recording ? RecordingState::Interrupted : recording.state;
        EMBER_CHECK(m_to.change("UPDATE recordings SET row_count = ?, end_row = ?, state = ?, owner = '',"
                                " content_hash = ? WHERE id = ?",
                                rows, end, static_cast<int>(state), hash, recording.id));
        EMBER_CHECK(transaction.commit());
        SalvagedRecording salvaged{recording.name, rows, std::max<qint64>(0, recording.rowCount - rows), false};
        salvaged.altered = salvaged.lostRows == 0 && !recording.contentHash.isEmpty() && recording.contentHash != hash;
        m_report.recordings.push_back(std::move(salvaged));
        return {};
    }

    // Of the wrong size, across zones, or over others: no writer makes such blocks.
    Status removeImpossibleBlocks(const Recording& recording)
    {
        EMBER_CHECK(m_to.change("DELETE FROM blocks WHERE recording = ? AND (first_row < 0 OR first_row > ?"
                                " OR row_count < 1 OR row_count > ? OR first_row / ? <> (first_row + row_count - 1) / ?"
                                " OR length(data) <> row_count * ?)",
                                recording.id, detail::kMostRows, detail::kZoneRows, detail::kZoneRows,
                                detail::kZoneRows, static_cast<qint64>(recording.stream.bytesPerRow())));
        EMBER_TRY(const auto blocks, detail::blockPositions(m_to, recording.id, 0, detail::kMostRows));
        qint64 end = 0;
        for (const detail::BlockPosition& block : blocks) {
            if (block.firstRow < end)
                EMBER_CHECK(m_to.change("DELETE FROM blocks WHERE id = ?", block.id));
            else
                end = block.endRow();
        }
        return {};
    }

    Database& m_from;
    Project& m_project;
    Database& m_to;
    const ProgressSink& m_progress;
    const CancelToken& m_cancel;
    SalvageReport m_report;
};

Result<std::unique_ptr<Database>> openDamaged(const QString& path)
{
    if (!QFileInfo(path).isFile())
        return Error(ErrorKind::NotFound,
                     QStringLiteral("There is no project '%1'.").arg(QFileInfo(path).absoluteFilePath()),
                     QStringLiteral("Check the path."));
    EMBER_TRY(auto database, Database::open(path, Database::Mode::ReadOnly));
    // What is read only cannot be written; this makes SQLite look at a file that is shorter than it says.
    EMBER_CHECK(database->execute("PRAGMA writable_schema = ON"));
    EMBER_TRY(const qint64 application, database->integer("PRAGMA application_id"));
    EMBER_TRY(const qint64 version, database->integer("PRAGMA user_version"));
    if (application != kApplicationId)
        return Error(ErrorKind::BadData, QStringLiteral("'%1' is a SQLite file, but not a project.").arg(path));
    if (version > migrations().back().version)
        return Error(ErrorKind::Unsupported,
                     QStringLiteral("'%1' was made by a newer program (file format %2; this program knows format %3).")
                         .arg(path)
                         .arg(version)
                         .arg(migrations().back().version),
                     QStringLiteral("Repair it with the newer one."));
    return database;
}

} // namespace

bool SalvageReport::isComplete() const
{
    return lost.isEmpty() && std::none_of(recordings.begin(), recordings.end(),
                                          [](const SalvagedRecording& one) { return one.lostRows > 0 || one.altered; });
}

Result<SalvageReport> salvageProject(const QString& from, const QString& to, const ProgressSink& progress,
                                     const CancelToken& cancel)
{
    EMBER_TRY(const auto damaged, openDamaged(from));
    EMBER_TRY(Project project, Project::create(to));
    const InterruptOnCancel interrupt(*damaged, cancel);
    Result<SalvageReport> report = Salvage(*damaged, project, progress, cancel).run();
    if (!report) {
        {
            const Project closed = std::move(project);
        }
        detail::removeProjectFiles(to);
    }
    return report;
}

} // namespace ember::dataset
