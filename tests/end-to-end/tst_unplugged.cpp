// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/project.h"
#include "core/dataset/recording_reader.h"
#include "tests/end-to-end/serial_recorder.h"
#include "tests/support/children.h"
#include "tests/support/numbered_rows.h"

#include <QProcessEnvironment>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

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
