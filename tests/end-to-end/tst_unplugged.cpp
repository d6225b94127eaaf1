// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/project.h"
#include "core/dataset/recording_reader.h"
#include "tests/end-to-end/serial_recorder.h"
#include "tests/support/children.h"
#include "tests/support/numbered_rows.h"

#include <QDir>
#include <QProcessEnvironment>
#include <QScopeGuard>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <sys/mount.h>

using namespace ember;
using namespace ember::test;

class TestUnplugged : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_project = m_folder->filePath(QStringLiteral("p.ember"));
        QCOMPARE(runProgram({QStringLiteral("new"), m_project}).exitCode, 0);
    }

    void aPulledCableEndsTheRecordingAndKeepsIt()
    {
        PtyPair cable;
        SentRows sent(6);
        HostBoardOptions options;
        options.link = [&sent](const QByteArray& frame) { return sent.watch(frame); };
        auto board = std::make_unique<HostBoard>(cable.master(), options);
        SerialRecorder recorder(m_project, cable.serialAddress(),
                                {QStringLiteral("--reconnect"), QStringLiteral("500ms"), QStringLiteral("--label"),
                                 QStringLiteral("walk")});
        QTRY_VERIFY_WITH_TIMEOUT(sent.end() >= 500, 60'000);
        board.reset();
        cable.unplug();
        const ProgramRun run = recorder.finish();
        QVERIFY2(run.exitCode == 4, run.said());
        QCOMPARE(run.error().value(QStringLiteral("kind")).toString(), QStringLiteral("board"));
        const qint64 samples = run.result().value(QStringLiteral("samples")).toInteger();
        QVERIFY2(samples >= 250, run.said());
        QCOMPARE(run.result().value(QStringLiteral("segments")).toInteger(), 1);

        const auto project = dataset::Project::open(m_project);
        QVERIFY(project);
        const auto recordings = project->recordings().list();
        QCOMPARE(static_cast<int>(recordings->size()), 1);
        QCOMPARE(recordings->front().rowCount, samples);
        const auto reader = dataset::RecordingReader::open(*project, recordings->front().id);
        QCOMPARE(reader->window(0, samples).value(), numberedRows(0, samples));
    }

    void aCablePutBackGoesOnWithTheSameRecording()
    {
        PtyPair cable;
        SentRows sent(6);
        HostBoardOptions options;
        options.link = [&sent](const QByteArray& frame) { return sent.watch(frame); };
        auto board = std::make_unique<HostBoard>(cable.master(), options);
        SerialRecorder recorder(
            m_project, cable.serialAddress(),
            {QStringLiteral("--reconnect"), QStringLiteral("60s"), QStringLiteral("--duration"), QStringLiteral("3s")});
        QTRY_VERIFY_WITH_TIMEOUT(sent.end() >= 500, 60'000);
        board.reset();
        cable.unplug();
        QVERIFY(cable.plugAgain());
        options.session = 2; // it was without power
        board = std::make_unique<HostBoard>(cable.master(), options);
        const ProgramRun run = recorder.finish();
        QVERIFY2(run.exitCode == 0, run.said());
        QVERIFY(run.result().value(QStringLiteral("samples")).toInteger() > 1000);
        QCOMPARE(
            run.result().value(QStringLiteral("ledger")).toObject().value(QStringLiteral("reconnects")).toInteger(), 1);
    }

    // Stopped, as by a debugger or a machine that sleeps: what the board could not send meanwhile is lost and counted,
    // and the recording goes on.
    void aProgramThatWasStoppedCountsWhatItMissed()
    {
        constexpr int kRate = 20'000;
        constexpr int kStoppedMs = 1500;
        PtyPair cable;
        SentRows sent(6);
        HostBoardOptions options{.rateHz = kRate};
        options.link = [&sent](const QByteArray& frame) { return sent.watch(frame); };
        const HostBoard board(cable.master(), options);
        SerialRecorder recorder(m_project, cable.serialAddress(), {QStringLiteral("--duration"), QStringLiteral("4s")});
        QTRY_VERIFY_WITH_TIMEOUT(sent.end() >= kRate / 2, 60'000);
        const auto program = static_cast<pid_t>(recorder.process().processId());
        QCOMPARE(::kill(program, SIGSTOP), 0);
        QTest::qWait(kStoppedMs);
        QCOMPARE(::kill(program, SIGCONT), 0);
        const ProgramRun run = recorder.finish();
        QVERIFY2(run.exitCode == 0, run.said());
        const qint64 samples = run.result().value(QStringLiteral("samples")).toInteger();
        const qint64 lost = run.result().value(QStringLiteral("lost_samples")).toInteger();
        QCOMPARE(samples + lost, 4 * kRate);
        QVERIFY2(lost > kRate / 10, run.said()); // the board's queue and the cable hold a few tenths of a second
        QCOMPARE(run.result().value(QStringLiteral("ledger")).toObject().value(QStringLiteral("reconnects")).toInt(),
                 0);
        const auto project = dataset::Project::open(m_project);
        QVERIFY(project);
        const auto reader = dataset::RecordingReader::open(*project, project->recordings().list()->front().id);
        QVERIFY(reader);
        // What is there stands where it belongs.
        QCOMPARE(reader->window(0, kRate / 4).value(), numberedRows(0, kRate / 4));
        QCOMPARE(reader->window(4 * kRate - 1000, 1000).value(), numberedRows(4 * kRate - 1000, 1000));
    }

    void aProjectThatIsDeletedWhileItIsRecordedIsSaid()
    {
        PtyPair cable;
        SentRows sent(6);
        HostBoardOptions options;
        options.link = [&sent](const QByteArray& frame) { return sent.watch(frame); };
        const HostBoard board(cable.master(), options);
        SerialRecorder recorder(m_project, cable.serialAddress(), {});
        QTRY_VERIFY_WITH_TIMEOUT(sent.end() >= 500, 60'000);
        QVERIFY(QFile::remove(m_project));
        const ProgramRun run = recorder.finish();
        QVERIFY2(run.exitCode == 1, run.said());
        QCOMPARE(run.error().value(QStringLiteral("kind")).toString(), QStringLiteral("io"));
        QVERIFY2(run.error().value(QStringLiteral("message")).toString().contains(QStringLiteral("moved or deleted")),
                 run.said());
        // And one that is not there, or cannot be one, is no reason to start a board.
        for (const QString& path : {m_project, m_folder->path(), QStringLiteral("/proc/version")}) {
            const ProgramRun refused = runJson({QStringLiteral("record"), QStringLiteral("--project"), path,
                                                QStringLiteral("--port"), cable.serialAddress()});
            QVERIFY2(refused.exitCode == 1, refused.said());
            QVERIFY(!refused.error().value(QStringLiteral("hint")).toString().isEmpty());
        }
    }

    // A real file system without room, where this user may make one.
    void aFullDiskEndsTheRecordingAndKeepsIt()
    {
        const QString disk = m_folder->filePath(QStringLiteral("disk"));
        QVERIFY(QDir().mkpath(disk));
        if (::mount("tmpfs", qPrintable(disk), "tmpfs", 0, "size=2m") != 0)
            QSKIP("A small file system cannot be mounted by this user.");
        const auto unmount = qScopeGuard([&disk] { ::umount2(qPrintable(disk), MNT_DETACH); });
        const QString path = disk + QStringLiteral("/p.ember");
        QCOMPARE(runProgram({QStringLiteral("new"), path}).exitCode, 0);
        PtyPair cable;
        const HostBoard board(cable.master(), {.rateHz = 100'000});
        SerialRecorder recorder(path, cable.serialAddress(), {});
        const ProgramRun run = recorder.finish();
        QVERIFY2(run.exitCode == 1, run.said());
        QCOMPARE(run.error().value(QStringLiteral("kind")).toString(), QStringLiteral("io"));
        QVERIFY2(run.error().value(QStringLiteral("message")).toString().contains(QStringLiteral("full")), run.said());
        // With room again, everything that was committed is there.
        const QString rescued = m_folder->filePath(QStringLiteral("rescued.ember"));
        for (const char* part : {"", "-wal"})
            QFile::copy(path + QLatin1String(part), rescued + QLatin1String(part));
        const auto project = dataset::Project::open(rescued);
        QVERIFY2(project, qPrintable(project ? QString() : project.error().toString()));
        const auto recordings = project->recordings().list();
        QCOMPARE(recordings->size(), size_t(1));
        const qint64 rows = recordings->front().rowCount;
        QVERIFY2(rows > 10'000, qPrintable(QString::number(rows)));
        const auto reader = dataset::RecordingReader::open(*project, recordings->front().id);
        QVERIFY(reader);
        QCOMPARE(reader->window(0, 10'000).value(), numberedRows(0, 10'000));
    }

    void anEmulatorThatDiesWhileRecordingIsBoardTrouble()
    {
        QProcess recorder;
        recorder.start(programPath(),
                       {QStringLiteral("record"), QStringLiteral("--project"), m_project, QStringLiteral("--board"),
                        QStringLiteral("mps2-an386"), QStringLiteral("--feed"),
                        QStringLiteral(EMBERLAB_TEST_DATA "/../../resources/demo-data/human-activity/s01.csv"),
                        QStringLiteral("--reconnect"), QStringLiteral("0"), QStringLiteral("--json")});
        QVERIFY(recorder.waitForStarted());
        QTRY_VERIFY_WITH_TIMEOUT(recordedRows() > 100, 120'000);
        const QList<qint64> children = childrenOf(recorder.processId());
        QVERIFY(!children.isEmpty());
        for (const qint64 child : children)
            kill(static_cast<pid_t>(child), SIGKILL);
        QVERIFY(recorder.waitForFinished(120'000));
        QCOMPARE(recorder.exitCode(), 4);
        QVERIFY(recordedRows() > 100);
    }

    void anEmulatorThatDiesWhileFlashingIsBoardTroubleAndCanBeFlashedAgain()
    {
        const QString image = QStringLiteral(EMBERLAB_FIRMWARE "/mps2-an386.elf");
        const QStringList arguments{QStringLiteral("flash"),
                                    QStringLiteral("--board"),
                                    QStringLiteral("mps2-an386"),
                                    QStringLiteral("--elf"),
                                    image,
                                    QStringLiteral("--json")};
        QProcess flasher;
        flasher.setProcessEnvironment(withAnEmulatorHeldInReset());
        flasher.start(programPath(), arguments);
        QVERIFY(flasher.waitForStarted());
        QTRY_VERIFY_WITH_TIMEOUT(!childrenOf(flasher.processId()).isEmpty(), 60'000);
        for (const qint64 child : childrenOf(flasher.processId()))
            kill(static_cast<pid_t>(child), SIGKILL);
        QVERIFY(flasher.waitForFinished(120'000));
        QCOMPARE(flasher.exitCode(), 4);

        const ProgramRun again = runProgram(arguments);
        QVERIFY2(again.exitCode == 0, again.said());
        QVERIFY(again.result().value(QStringLiteral("verified")).toBool());
    }

private:
    /// The real emulator, but its processor never runs: so there is time to pull the plug before the board has booted.
    QProcessEnvironment withAnEmulatorHeldInReset()
    {
        const QString qemu = QStandardPaths::findExecutable(QStringLiteral("qemu-system-arm"));
        QFile wrapper(m_folder->filePath(QStringLiteral("qemu-system-arm")));
        if (wrapper.open(QIODevice::WriteOnly)) {
            wrapper.write("#!/bin/sh\nexec '" + qemu.toUtf8() + "' \"$@\" -S\n");
            wrapper.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        }
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("PATH"),
                           m_folder->path() + QLatin1Char(':') + environment.value(QStringLiteral("PATH")));
        return environment;
    }

    qint64 recordedRows() const
    {
        const ProgramRun info = runJson({QStringLiteral("info"), QStringLiteral("--project"), m_project});
        return info.result().value(QStringLiteral("samples")).toInteger();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_project;
};

QTEST_GUILESS_MAIN(TestUnplugged)
#include "tst_unplugged.moc"
