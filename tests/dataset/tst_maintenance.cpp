// SPDX-License-Identifier: GPL-3.0-or-later
// Checking, repairing, compacting and copying project files: on files that were damaged on purpose, page by page.
#include "core/dataset/maintenance/integrity.h"
#include "core/dataset/maintenance/salvage.h"
#include "core/dataset/maintenance/storage.h"
#include "core/dataset/recording_reader.h"
#include "damage.h"
#include "samples.h"

#include <QDir>
#include <QFileInfo>
#include <QRandomGenerator>

#include <atomic>
#include <chrono>
#include <thread>

using namespace ember;
using namespace ember::dataset;
using namespace ember::dataset::test;

namespace {

constexpr qint64 kRows = 20'000;
constexpr qint64 kSchemaPages = 25; // of a new file: tables and indexes are made in their order

QByteArray noise(QRandomGenerator& random, qint64 size)
{
    QByteArray bytes(size, '\0');
    for (char& byte : bytes)
        byte = static_cast<char>(random.bounded(256));
    return bytes;
}

QStringList codesOf(const IntegrityReport& report)
{
    QStringList codes;
    for (const FileFault& fault : report.faults)
        codes << fault.code;
    codes.removeDuplicates();
    return codes;
}

QString messagesOf(const IntegrityReport& report)
{
    QStringList messages;
    for (const FileFault& fault : report.faults)
        messages << fault.message;
    return messages.join(QLatin1Char('\n'));
}

/// Runs SQL in a project that somebody else may have open.
void change(const QString& path, const char* sql)
{
    const auto project = Project::open(path);
    QVERIFY(project);
    const Status changed = project->database().execute(sql);
    QVERIFY2(changed, changed ? "" : qPrintable(changed.error().toString()));
}

struct Oracle
{
    qint64 rows = 0;
    qint64 wrong = 0;
};

/// Compares every row of a project with what was recorded under the recording's name ("a" or "b").
Oracle compareRows(const Project& project)
{
    Oracle oracle;
    for (const Recording& recording : project.recordings().list(true).value()) {
        const qint64 offset = recording.name == QLatin1String("a") ? 0 : 77;
        const auto runs = RecordingReader::open(project, recording.id)->rows(0, recording.endRow);
        for (const RowRun& run : *runs) {
            oracle.rows += run.rowCount;
            const QByteArray expected = blockOf(run.firstRow, run.rowCount, 3, offset).rows;
            for (qint64 i = 0; i < run.rowCount; ++i)
                oracle.wrong += QByteArrayView(run.rows).sliced(i * 6, 6) != QByteArrayView(expected).sliced(i * 6, 6);
        }
    }
    return oracle;
}

} // namespace

class TestMaintenance : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_path = m_folder->filePath(QStringLiteral("p.ember"));
        VERIFY_OK(Project::create(m_path));
        VERIFY_OK(addRecording(m_path, QStringLiteral("a"), kRows, QStringLiteral("anna")));
        VERIFY_OK(addRecording(m_path, QStringLiteral("b"), kRows, QStringLiteral("ben"), 77));
        auto project = Project::open(m_path);
        VERIFY_OK(project);
        const auto label = project->labels().ensureLabel({}, QStringLiteral("walk"));
        VERIFY_OK(label);
        for (qint64 i = 0; i < 200; ++i)
            VERIFY_OK(project->database().change("INSERT INTO segments (recording, label, begin_row, end_row)"
                                                 " VALUES (?, ?, ?, ?)",
                                                 1 + i % 2, label->id, i * 90, i * 90 + 50));
        StoredModel model;
        model.name = QStringLiteral("m");
        VERIFY_OK(project->models().add(model, QByteArray(30'000, 'm')));
    }

    void aProjectAsItWasWrittenIsSound()
    {
        const auto project = Project::open(m_path, Project::Access::ReadOnly);
        VERIFY_OK(project);
        const auto report = checkIntegrity(*project);
        VERIFY_OK(report);
        QCOMPARE(codesOf(*report), QStringList());
        QCOMPARE(report->recordings, 2);
        QCOMPARE(report->rows, 2 * kRows);
        QCOMPARE(report->models, 1);
    }

    void aRecordingInProgressIsNoFault()
    {
        auto writer = RecordingWriter::start(m_path, {QStringLiteral("c"), imuStream(), {}, {}});
        VERIFY_OK(writer);
        VERIFY_OK((*writer)->append(blockOf(0, 5000)));
        const auto project = Project::open(m_path, Project::Access::ReadOnly);
        const auto report = checkIntegrity(*project);
        VERIFY_OK(report);
        QCOMPARE(codesOf(*report), QStringList());
        QCOMPARE(report->inProgress, 1);
        VERIFY_OK((*writer)->finish());
    }

    void eachFaultIsNamed_data()
    {
        QTest::addColumn<QByteArray>("sql");
        QTest::addColumn<QStringList>("codes");
        QTest::newRow("a byte of a sample")
            << QByteArray("UPDATE blocks SET data = x'FF7F' || substr(data, 3) WHERE id = 3")
            << QStringList{QStringLiteral("summaries"), QStringLiteral("samples")};
        QTest::newRow("a block that is too short")
            << QByteArray("UPDATE blocks SET data = substr(data, 3) WHERE id = 3")
            << QStringList{QStringLiteral("blocks")};
        QTest::newRow("a block that is not there")
            << QByteArray("DELETE FROM blocks WHERE id = 3")
            << QStringList{QStringLiteral("counts"), QStringLiteral("summaries"), QStringLiteral("samples")};
        QTest::newRow("a block over another") << QByteArray("UPDATE blocks SET first_row = first_row - 1 WHERE id = 3")
                                              << QStringList{QStringLiteral("blocks"), QStringLiteral("samples")};
        QTest::newRow("a block at the end of all numbers")
            << QByteArray("UPDATE blocks SET first_row = 2305843009213693952 WHERE id = 5")
            << QStringList{QStringLiteral("counts"), QStringLiteral("blocks"), QStringLiteral("samples")};
        QTest::newRow("a summary") << QByteArray("UPDATE summaries SET data = zeroblob(length(data)) WHERE level = 2")
                                   << QStringList{QStringLiteral("summaries")};
        QTest::newRow("no summaries") << QByteArray("DELETE FROM summaries WHERE level = 5")
                                      << QStringList{QStringLiteral("summaries")};
        QTest::newRow("a count") << QByteArray("UPDATE recordings SET row_count = row_count + 1 WHERE id = 1")
                                 << QStringList{QStringLiteral("counts")};
        QTest::newRow("a hash") << QByteArray("UPDATE recordings SET content_hash = 'x' WHERE id = 2")
                                << QStringList{QStringLiteral("samples")};
        QTest::newRow("a model") << QByteArray("UPDATE models SET onnx = zeroblob(10)")
                                 << QStringList{QStringLiteral("models")};
        QTest::newRow("a reference") << QByteArray(
                                            "PRAGMA foreign_keys = OFF; UPDATE segments SET label = 99 WHERE id < 4")
                                     << QStringList{QStringLiteral("references")};
    }
    void eachFaultIsNamed()
    {
        QFETCH(QByteArray, sql);
        QFETCH(QStringList, codes);
        change(m_path, sql.constData());
        const auto project = Project::open(m_path, Project::Access::ReadOnly);
        VERIFY_OK(project);
        const auto report = checkIntegrity(*project);
        VERIFY_OK(report);
        QStringList found = codesOf(*report);
        found.sort();
        codes.sort();
        QCOMPARE(found, codes);
    }

    void aSoundProjectIsSalvagedWhole()
    {
        const QString to = m_folder->filePath(QStringLiteral("new.ember"));
        const QByteArray before = read(m_path);
        const auto report = salvageProject(m_path, to);
        VERIFY_OK(report);
        QVERIFY2(report->isComplete(), qPrintable(report->lost.join(QLatin1Char('\n'))));
        QCOMPARE(report->segments, 200);
        QCOMPARE(report->models, 1);
        QCOMPARE(read(m_path), before);
        const auto project = Project::open(to);
        VERIFY_OK(project);
        QCOMPARE(compareRows(*project).rows, 2 * kRows);
        QCOMPARE(compareRows(*project).wrong, 0);
        QCOMPARE(codesOf(*checkIntegrity(*project)), QStringList());
        QVERIFY(salvageProject(m_path, to).error().kind == ErrorKind::Usage); // it exists
        QVERIFY(QFileInfo::exists(to));
    }

    // Whatever page is gone: what comes out is a sound project, each row is as it was recorded, and what is missing is
    // counted. Only a file whose first page is gone is no project.
    void anyPageMayBeGone()
    {
        const QByteArray whole = read(m_path);
        const qint64 pages = whole.size() / kPageBytes;
        QVERIFY(pages > 100);
        QRandomGenerator random(5);
        int salvaged = 0;
        int lossless = 0;
        for (qint64 page = 0; page < pages; page += page < 40 ? 1 : 3) {
            const QString damaged = m_folder->filePath(QStringLiteral("d.ember"));
            const QString to = m_folder->filePath(QStringLiteral("n.ember"));
            QFile::remove(damaged);
            QVERIFY(QFile::copy(m_path, damaged));
            overwrite(damaged, page * kPageBytes, noise(random, kPageBytes));
            const auto report = salvageProject(damaged, to);
            if (!report) {
                // The list of tables lies on the first pages; without it nothing can be found.
                QVERIFY2(page < kSchemaPages, qPrintable(QStringLiteral("%1 ").arg(page) + report.error().toString()));
                QVERIFY(report.error().kind == ErrorKind::BadData || report.error().kind == ErrorKind::Failed);
                QVERIFY(!QFileInfo::exists(to));
                continue;
            }
            ++salvaged;
            lossless += report->isComplete() ? 1 : 0;
            checkSalvaged(to, *report, page);
            if (QTest::currentTestFailed())
                return;
        }
        QVERIFY(salvaged > 60);
        QVERIFY(lossless > 0); // pages of the summaries, for one
        QVERIFY(lossless < salvaged);
    }

    // SQLite then says that memory is short, not that the file is damaged.
    void aRowThatClaimsGigabytesIsDamage()
    {
        change(m_path, "PRAGMA wal_checkpoint(TRUNCATE)");
        claimGigabytes(m_path, "blocks");
        {
            const auto project = Project::open(m_path, Project::Access::ReadOnly);
            VERIFY_OK(project);
            auto row = project->database().query("SELECT data FROM blocks WHERE id = 1");
            VERIFY_OK(row);
            const auto found = row->step();
            QVERIFY(!found);
            QCOMPARE(found.error().kind, ErrorKind::BadData);
            QVERIFY2(found.error().message.contains(QStringLiteral("too large")), qPrintable(found.error().message));
            const auto checked = checkIntegrity(*project);
            VERIFY_OK(checked);
            QVERIFY2(codesOf(*checked).contains(QStringLiteral("pages")), qPrintable(messagesOf(*checked)));
            QVERIFY2(codesOf(*checked).contains(QStringLiteral("blocks")), qPrintable(messagesOf(*checked)));
        }
        const QString to = m_folder->filePath(QStringLiteral("n.ember"));
        const auto report = salvageProject(m_path, to);
        VERIFY_OK(report);
        QCOMPARE(report->recordings.size(), std::size_t{2});
        QVERIFY(report->recordings[0].lostRows > 0);
        QCOMPARE(report->recordings[1].lostRows, 0); // the rows behind it are read
        checkSalvaged(to, *report, -1);
    }

    void theLastOfAllRowIdsIsRead()
    {
        change(m_path, "UPDATE segments SET id = 9223372036854775807 WHERE id = 200");
        const QString to = m_folder->filePath(QStringLiteral("n.ember"));
        const auto report = salvageProject(m_path, to);
        VERIFY_OK(report);
        QVERIFY2(report->isComplete(), qPrintable(report->lost.join(QLatin1Char('\n'))));
        const auto salvaged = Project::open(to);
        QCOMPARE(*salvaged->database().integer("SELECT count(*) FROM segments WHERE id = 9223372036854775807"), 1);
    }

    void whatIsDeletedDuringTheCheckIsNoFault()
    {
        const auto project = Project::open(m_path, Project::Access::ReadOnly);
        VERIFY_OK(project);
        QStringList deleted;
        const auto report = checkIntegrity(*project, [&](const Progress& progress) {
            const bool isRecording = progress.detail == QLatin1String("a");
            if (!isRecording && progress.detail != QLatin1String("m"))
                return;
            change(m_path, isRecording ? "DELETE FROM recordings WHERE id = 2" : "DELETE FROM models");
            deleted << progress.detail;
        });
        VERIFY_OK(report);
        QCOMPARE(deleted, (QStringList{QStringLiteral("a"), QStringLiteral("m")}));
        QCOMPARE(codesOf(*report), QStringList());
        QCOMPARE(report->recordings, 1);
        QCOMPARE(report->models, 0);
    }

    void aFileThatWasCutOffGivesWhatIsThere()
    {
        const qint64 size = QFileInfo(m_path).size();
        for (const double share : {0.9, 0.6, 0.3}) {
            const QString damaged = m_folder->filePath(QStringLiteral("d.ember"));
            const QString to = m_folder->filePath(QStringLiteral("n.ember"));
            QFile::remove(damaged);
            QVERIFY(QFile::copy(m_path, damaged));
            QVERIFY(QFile::resize(damaged, static_cast<qint64>(static_cast<double>(size) * share)));
            const auto report = salvageProject(damaged, to);
            VERIFY_OK(report);
            QVERIFY(!report->isComplete());
            checkSalvaged(to, *report, -1);
        }
    }

    void whatIsNoProjectIsNotRepaired()
    {
        const QString to = m_folder->filePath(QStringLiteral("n.ember"));
        const QString other = m_folder->filePath(QStringLiteral("other"));
        QVERIFY(salvageProject(other, to).error().kind == ErrorKind::NotFound);
        QFile file(other);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray(10'000, 'x'));
        file.close();
        QVERIFY(salvageProject(other, to).error().kind == ErrorKind::BadData);
        change(m_path, "PRAGMA user_version = 9999");
        QVERIFY(salvageProject(m_path, to).error().kind == ErrorKind::Unsupported);
        QVERIFY(!QFileInfo::exists(to));
    }

    void aCopyIsOfOneMomentWhileARecorderIsAtWork()
    {
        std::atomic_bool stop{false};
        std::thread recorder([this, &stop] {
            auto writer = RecordingWriter::start(m_path, {QStringLiteral("live"), imuStream(), {}, {}});
            for (qint64 row = 0; !stop && writer; row += 100) {
                static_cast<void>((*writer)->append(blockOf(row, 100)));
                std::this_thread::sleep_for(std::chrono::milliseconds(2));
            }
            if (writer)
                static_cast<void>((*writer)->finish());
        });
        const auto project = Project::open(m_path, Project::Access::ReadOnly);
        const QString to = m_folder->filePath(QStringLiteral("copy.ember"));
        const bool isLive = QTest::qWaitFor([&project] {
            return project->database().integer("SELECT row_count FROM recordings WHERE name = 'live'").value() > 0;
        });
        double last = 0;
        const Status copied = backUpProject(*project, to, [&last](const Progress& progress) {
            last = std::max(last, progress.fraction);
            std::this_thread::sleep_for(std::chrono::milliseconds(20)); // the recorder commits in between
        });
        const bool again = backUpProject(*project, to).error().kind == ErrorKind::Usage;
        stop = true;
        recorder.join();
        QVERIFY(isLive);
        VERIFY_OK(copied);
        QVERIFY(again);
        QCOMPARE(last, 1.0);
        QCOMPARE(filesInFolder(), (QStringList{QStringLiteral("copy.ember"), QStringLiteral("p.ember")}));
        const auto copy = Project::open(to, Project::Access::ReadOnly);
        VERIFY_OK(copy);
        QVERIFY(*copy->database().integer("SELECT row_count FROM recordings WHERE name = 'live'") > 0);
        QCOMPARE(codesOf(*checkIntegrity(*copy)), QStringList());
    }

    void aCancelledCopyLeavesNothing()
    {
        const auto project = Project::open(m_path, Project::Access::ReadOnly);
        CancelSource cancel;
        cancel.cancel();
        const QString to = m_folder->filePath(QStringLiteral("copy.ember"));
        const Status copied = backUpProject(*project, to, {}, cancel.token());
        QVERIFY(!copied && copied.error().kind == ErrorKind::Cancelled);
        QVERIFY(filesInFolder().filter(QStringLiteral("copy")).isEmpty());
        const auto checked = checkIntegrity(*project, {}, cancel.token());
        QVERIFY(!checked && checked.error().kind == ErrorKind::Cancelled);
    }

    void roomOfWhatWasDeletedIsGivenBack()
    {
        auto project = Project::open(m_path);
        VERIFY_OK(project);
        VERIFY_OK(project->database().execute("UPDATE recordings SET trashed = 1 WHERE id = 1"));
        const auto before = storageSizes(*project);
        VERIFY_OK(before);
        QCOMPARE(before->trash, kRows * 6);
        QCOMPARE(before->samples, kRows * 6);
        QCOMPARE(before->models, 30'000);
        const auto kept = compactProject(*project, {});
        VERIFY_OK(kept);
        QCOMPARE(storageSizes(*project)->trash, kRows * 6);
        const auto freed = compactProject(*project, {true, true});
        VERIFY_OK(freed);
        QVERIFY2(*freed > kRows * 6, qPrintable(QString::number(*freed)));
        const auto after = storageSizes(*project);
        QCOMPARE(after->trash, 0);
        QCOMPARE(after->free, 0);
        QCOMPARE(after->log, 0);
        QCOMPARE(codesOf(*checkIntegrity(*project)), QStringList());
    }

    void aProjectInUseIsNotCompacted()
    {
        auto writer = RecordingWriter::start(m_path, {QStringLiteral("live"), imuStream(), {}, {}});
        VERIFY_OK(writer);
        auto reader = Project::open(m_path, Project::Access::ReadOnly);
        const auto reading = Transaction::beginReading(reader->database());
        VERIFY_OK(reader->recordings().list());
        auto project = Project::open(m_path);
        project->database().setBusyTimeout(50);
        const auto compacted = compactProject(*project, {});
        QVERIFY(!compacted && compacted.error().kind == ErrorKind::Failed);
        QVERIFY(!compacted.error().hint.isEmpty());
    }

private:
    QStringList filesInFolder() const
    {
        QStringList names;
        for (const QString& name : QDir(m_folder->path()).entryList(QDir::Files, QDir::Name)) {
            if (!name.endsWith(QLatin1String("-wal")) && !name.endsWith(QLatin1String("-shm")))
                names << name;
        }
        return names;
    }

    void checkSalvaged(const QString& to, const SalvageReport& report, qint64 page)
    {
        const QByteArray what = "page " + QByteArray::number(page);
        {
            const auto project = Project::open(to);
            QVERIFY2(project, what.constData());
            const auto integrity = checkIntegrity(*project);
            QVERIFY2(integrity && integrity->isSound(),
                     what + ' ' + (integrity ? messagesOf(*integrity) : integrity.error().toString()).toUtf8());
            const Oracle oracle = compareRows(*project);
            bool altered = false;
            qint64 lost = 0;
            for (const SalvagedRecording& one : report.recordings) {
                altered = altered || one.altered;
                lost += one.lostRows;
            }
            // An overflow page holds nothing but samples, so that nothing but their hash tells that it is damaged.
            if (oracle.wrong > 0)
                QVERIFY2(altered, what.constData());
            if (static_cast<qint64>(report.recordings.size()) == 2)
                QCOMPARE(oracle.rows + lost, 2 * kRows);
            else
                QVERIFY2(!report.lost.isEmpty(), what.constData());
            if (report.segments < 200)
                QVERIFY2(!report.lost.isEmpty(), what + " segments " + QByteArray::number(report.segments));
        }
        QVERIFY(QFile::remove(to));
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_path;
};

QTEST_GUILESS_MAIN(TestMaintenance)
#include "tst_maintenance.moc"
