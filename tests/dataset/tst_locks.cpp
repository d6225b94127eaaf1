// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/importer.h"
#include "core/dataset/recording_reader.h"
#include "samples.h"

#include <QElapsedTimer>
#include <QFile>

#include <atomic>
#include <csignal>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace ember;
using namespace ember::dataset;
using namespace ember::dataset::test;

namespace {

/// Another program that holds the project's write lock.
class Locker
{
public:
    explicit Locker(const QString& path)
        : m_database(std::move(Database::open(path, Database::Mode::ReadWrite).value()))
    {
        m_database->setBusyTimeout(0);
    }

    bool lock()
    {
        auto begun = Transaction::begin(*m_database);
        if (begun)
            m_transaction.emplace(std::move(begun).value());
        return m_transaction.has_value();
    }
    void unlock() { m_transaction.reset(); }
    Database& database() { return *m_database; }

private:
    std::unique_ptr<Database> m_database;
    std::optional<Transaction> m_transaction;
};

qint64 count(Database& database, const char* table)
{
    return database.integer(qPrintable(QStringLiteral("SELECT count(*) FROM %1").arg(QLatin1String(table))))
        .value_or(-1);
}

} // namespace

// One program holds the file's lock for long: what others do meanwhile.
class TestLocks : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_path = m_folder->filePath(QStringLiteral("p.ember"));
        VERIFY_OK(Project::create(m_path));
    }

    void rowsWaitForALockAndAreKept()
    {
        auto writer = RecordingWriter::start(m_path, {{}, imuStream(), {}, {}});
        VERIFY_OK(writer);
        Locker other(m_path);
        QVERIFY(other.lock());
        QElapsedTimer clock;
        clock.start();
        qint64 row = 0;
        while (clock.elapsed() < 3 * RecordingWriter::kCommitIntervalMs) {
            VERIFY_OK((*writer)->append(blockOf(row, 100)));
            row += 100;
            VERIFY_OK((*writer)->updateLedger({}));
        }
        QCOMPARE(other.database().integer("SELECT end_row FROM recordings").value(), 0);
        other.unlock();
        VERIFY_OK((*writer)->append(blockOf(row, 100)));
        row += 100;
        const auto finished = (*writer)->finish();
        VERIFY_OK(finished);
        QCOMPARE(finished->rowCount, row);
        auto project = Project::open(m_path);
        const auto reader = RecordingReader::open(*project, finished->id);
        QCOMPARE(reader->window(0, row).value(), blockOf(0, row).rows);
    }

    void onlySoMuchWaits()
    {
        constexpr qint64 kRows = 50'000;
        constexpr qint64 kMaxBytes = 4 << 20;
        const signal::SampleBlock block = blockOf(0, kRows);
        auto writer = RecordingWriter::start(m_path, {{}, imuStream(), {}, {}}, kMaxBytes);
        VERIFY_OK(writer);
        Locker other(m_path);
        QVERIFY(other.lock());
        qint64 taken = 0;
        Status appended;
        for (; appended && taken < 1000 * kMaxBytes; taken += block.rows.size()) {
            signal::SampleBlock next = block;
            next.firstRow = (*writer)->endRow();
            appended = (*writer)->append(next);
        }
        QVERIFY(!appended);
        QCOMPARE(appended.error().kind, ErrorKind::Failed);
        QVERIFY2(appended.error().message.contains(QStringLiteral("locked")), qPrintable(appended.error().message));
        QVERIFY(taken >= kMaxBytes);
        const qint64 end = (*writer)->endRow();
        other.unlock();
        // Nothing of what had been taken is lost, even so.
        writer->reset();
        auto project = Project::open(m_path);
        const auto all = project->recordings().list().value();
        QCOMPARE(all.size(), std::size_t{1});
        QCOMPARE(all[0].state, RecordingState::Interrupted);
        QCOMPARE(all[0].rowCount, end);
        QCOMPARE(all[0].ledger.interruptedAtRow, end);
        QCOMPARE(all[0].ledger.unknownTailMs, 0);
    }

    void openingNeedsNoLock()
    {
        auto writer = RecordingWriter::start(m_path, {{}, imuStream(), {}, {}});
        VERIFY_OK(writer);
        Locker other(m_path);
        QVERIFY(other.lock());
        const auto project = Project::open(m_path);
        VERIFY_OK(project);
        QVERIFY(!project->isReadOnly());
        QCOMPARE(project->recordings().list()->size(), std::size_t{1});
    }

    // A recording that is closed has been sealed and is not yet finished for as long as its hash takes, and another
    // program can write in that time.
    void hashingHoldsNoLock()
    {
        constexpr qint64 kRows = 750'001;
        auto writer = RecordingWriter::start(m_path, {{}, imuStream(8), {}, {}});
        VERIFY_OK(writer);
        signal::SampleBlock block = blockOf(0, 0, 8);
        block.rowCount = kRows;
        block.rows = QByteArray(kRows * 16, 'x');
        VERIFY_OK((*writer)->append(block));
        std::atomic_bool done = false;
        std::atomic_int written = 0;
        std::thread other([&] {
            Locker locker(m_path);
            while (!done) {
                if (!locker.lock())
                    continue;
                const auto open = locker.database().integer(
                    "SELECT count(*) FROM recordings WHERE state = 0 AND sealed_row = end_row");
                written += open.value_or(0) == 1 ? 1 : 0;
                locker.unlock();
            }
        });
        // As long as the other thread is in the way, the writer waits for it.
        const auto finished = (*writer)->finish();
        done = true;
        other.join();
        VERIFY_OK(finished);
        QVERIFY(written > 0);
    }

    void othersWriteWhileAFileIsImported()
    {
        writeTwoSessions();
        auto project = Project::open(m_path);
        Locker other(m_path);
        int reports = 0, locked = 0;
        const auto report = importFile(*project, m_file, {}, [&](const Progress& progress) {
            if (progress.fraction <= 0)
                return;
            ++reports;
            locked += other.lock() ? 0 : 1;
            other.unlock();
        });
        VERIFY_OK(report);
        QCOMPARE(reports, 2);
        QCOMPARE(locked, 0);
        const auto all = project->recordings().list().value();
        QCOMPARE(all.size(), std::size_t{2});
        for (const Recording& recording : all) {
            QCOMPARE(recording.state, RecordingState::Finished);
            QCOMPARE(recording.contentHash.size(), 64);
            QCOMPARE(recording.rowCount, 3);
        }
        QCOMPARE(count(project->database(), "segments"), 2);
    }

    void aCancelledImportLeavesNothing()
    {
        writeTwoSessions();
        auto project = Project::open(m_path);
        CancelSource source;
        const auto report = importFile(
            *project, m_file, {},
            [&](const Progress& progress) {
                if (progress.fraction > 0)
                    source.cancel();
            },
            source.token());
        QCOMPARE(report.error().kind, ErrorKind::Cancelled);
        checkNothingIsLeft(*project);
    }

    void aKilledImportIsTakenBack()
    {
        writeTwoSessions();
        const pid_t child = fork();
        if (child == 0) {
            auto project = Project::open(m_path);
            if (project) {
                (void)importFile(*project, m_file, {}, [](const Progress& progress) {
                    if (progress.fraction > 0)
                        kill(getpid(), SIGKILL);
                });
            }
            _exit(1);
        }
        int status = 0;
        waitpid(child, &status, 0);
        QVERIFY(WIFSIGNALED(status));
        auto project = Project::open(m_path);
        VERIFY_OK(project);
        checkNothingIsLeft(*project);
    }

private:
    void writeTwoSessions()
    {
        m_file = m_folder->filePath(QStringLiteral("walk.csv"));
        QFile file(m_file);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("time_s,v,label,session\n0,1,walk,a\n0.5,2,walk,a\n1.0,3,walk,a\n"
                   "0,1,run,b\n0.5,2,run,b\n1.0,3,run,b\n");
    }

    void checkNothingIsLeft(Project& project)
    {
        for (const char* table : {"recordings", "blocks", "summaries", "segments"})
            QCOMPARE(count(project.database(), table), 0);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_path;
    QString m_file;
};

QTEST_GUILESS_MAIN(TestLocks)
#include "tst_locks.moc"
