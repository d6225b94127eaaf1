// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/project.h"
#include "core/dataset/recording_reader.h"
#include "tests/end-to-end/serial_recorder.h"
#include "tests/support/numbered_rows.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>

using namespace ember;
using namespace ember::test;

namespace {

constexpr double kRateHz = 1000;
constexpr qint64 kRowsIn250Ms = 250;

} // namespace

class TestKilledRecording : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_project = m_folder.filePath(QStringLiteral("p.ember"));
        QCOMPARE(runProgram({QStringLiteral("new"), m_project}).exitCode, 0);
    }

    // The recorder is killed ten times at moments that no test chose; what the board had sent by then is in the project
    // but for a quarter of a second at most.
    void tenKillsCostAQuarterOfASecondEach()
    {
        QRandomGenerator random(20);
        for (int round = 0; round < 10; ++round) {
            PtyPair cable;
            QVERIFY(cable.isValid());
            SentRows sent(6);
            HostBoardOptions options;
            options.rateHz = kRateHz;
            options.session = static_cast<quint32>(round + 1);
            options.link = [&sent](const QByteArray& frame) { return sent.watch(frame); };
            const HostBoard board(cable.master(), options);
            SerialRecorder recorder(m_project, cable.serialAddress());
            const qint64 until = random.bounded(300, 2500);
            QTRY_VERIFY2_WITH_TIMEOUT(sent.end() >= until, recorder.process().readAllStandardError(), 60'000);
            recorder.process().kill();
            const qint64 sentAtKill = sent.end();
            QVERIFY(recorder.process().waitForFinished(30'000));
            checkWhatInfoSays(round);
            checkLastRecording(round, sentAtKill);
        }
    }

private:
    // What the program itself says of it, before anybody has opened the project for writing.
    void checkWhatInfoSays(int round)
    {
        const ProgramRun run =
            runProgram({QStringLiteral("info"), QStringLiteral("--project"), m_project, QStringLiteral("--json")});
        QVERIFY2(run.exitCode == 0, run.said());
        const QJsonArray interrupted =
            run.json().value(QStringLiteral("result")).toObject().value(QStringLiteral("interrupted")).toArray();
        QCOMPARE(interrupted.size(), round + 1);
        QCOMPARE(interrupted.last().toObject().value(QStringLiteral("unknown_tail_ms")).toInteger(), 250);
        QVERIFY(interrupted.last().toObject().value(QStringLiteral("interrupted_at_row")).toInteger(-1) >= 0);
    }

    void checkLastRecording(int round, qint64 sentAtKill)
    {
        const auto project = dataset::Project::open(m_project);
        QVERIFY2(project, project ? "" : qPrintable(project.error().toString()));
        const auto recordings = project->recordings().list();
        QVERIFY(recordings);
        QCOMPARE(static_cast<int>(recordings->size()), round + 1);
        const dataset::Recording& recording = recordings->back();
        QCOMPARE(recording.state, dataset::RecordingState::Interrupted);
        qInfo("kill %d: board had sent %lld rows, %lld are in the project", round, static_cast<long long>(sentAtKill),
              static_cast<long long>(recording.endRow));
        QVERIFY(sentAtKill - recording.endRow <= kRowsIn250Ms);
        // Nothing was lost before the end, and the ledger agrees.
        QCOMPARE(recording.rowCount, recording.endRow);
        QCOMPARE(recording.ledger.lostRows(), 0);
        // It also says where the end was cut off, and how much of it at most.
        QCOMPARE(recording.ledger.interruptedAtRow, recording.endRow);
        QCOMPARE(recording.ledger.unknownTailMs, 250);
        QVERIFY(recording.ledger.frames > 0);
        const auto reader = dataset::RecordingReader::open(*project, recording.id);
        QVERIFY(reader);
        QCOMPARE(reader->window(0, recording.rowCount).value(), numberedRows(0, recording.rowCount));
    }

    QTemporaryDir m_folder;
    QString m_project;
};

QTEST_GUILESS_MAIN(TestKilledRecording)
#include "tst_killed_recording.moc"
