// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/project.h"
#include "core/dataset/recording_reader.h"
#include "tests/end-to-end/serial_recorder.h"
#include "tests/support/at_board.h"
#include "tests/support/foreign_board.h"
#include "tests/support/foreign_streams.h"

#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

using namespace ember;
using namespace ember::test;

namespace {

constexpr double kRateHz = 200;

} // namespace

// The program as users run it, on a serial port with firmware that knows nothing of it.
class TestForeignFormats : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_project = m_folder.filePath(QStringLiteral("p.ember"));
        QCOMPARE(runProgram({QStringLiteral("new"), m_project}).exitCode, 0);
    }

    void aTableIsRecordedAndItsLogDecodedAgain()
    {
        PtyPair cable;
        QVERIFY(cable.isValid());
        const QString log = m_folder.filePath(QStringLiteral("raw.log"));
        SerialRecorder recorder(m_project, cable.serialAddress(),
                                {QStringLiteral("--duration"), QStringLiteral("2s"), QStringLiteral("--raw-log"), log});
        const ForeignBoard board(cable.master(), kRateHz, [](qint64 row, const QByteArray&) {
            // When the program begins to listen is not known: everything comes again and again.
            if (row % 100 == 30)
                return QByteArray("IMU temperature is fine\r\n");
            if (row % 400 == 250)
                return QByteArray("1250,250.0,-12\xFF.0\r\n");
            return (row % 50 == 0 ? "time_ms,left [mV],right\r\n" : "") + stampedRow(row, kRateHz);
        });
        const ProgramRun run = recorder.finish();
        QVERIFY2(run.exitCode == 0, run.said());
        const QJsonObject result = run.result();
        const QJsonObject ledger = result.value(QStringLiteral("ledger")).toObject();
        QCOMPARE(result.value(QStringLiteral("format")).toString(), QStringLiteral("csv"));
        QVERIFY(!result.value(QStringLiteral("format_reason")).toString().isEmpty());
        QVERIFY(ledger.value(QStringLiteral("text_lines")).toInt() >= 3);
        QCOMPARE(ledger.value(QStringLiteral("bad_lines")).toInt(), 1);
        QVERIFY(ledger.value(QStringLiteral("jitter_ms")).toDouble() > 0);
        QVERIFY(ledger.value(QStringLiteral("sees_loss")).toBool()); // by its even stamps
        QVERIFY(ledger.contains(QStringLiteral("crc_errors")) && ledger.contains(QStringLiteral("reconnects")));
        const QJsonArray lines = result.value(QStringLiteral("lines")).toArray();
        QVERIFY(!lines.isEmpty());
        QVERIFY(lines.first().toObject().value(QStringLiteral("offset")).toInt() > 0);
        const qint64 rows = result.value(QStringLiteral("samples")).toInteger();
        const qint64 lost = result.value(QStringLiteral("lost_samples")).toInteger();
        QCOMPARE(rows + lost, 400); // two seconds at 200 Hz, gaps included
        QCOMPARE(lost, 4 + 1);      // rows in whose place there was text, and the damaged one
        const auto project = dataset::Project::open(m_project);
        QVERIFY(project);
        const auto recording = project->recordings().list()->back();
        QCOMPARE(recording.stream.rateHz, kRateHz);
        QCOMPARE(recording.stream.channels.at(0).unit, QStringLiteral("mV"));
        QCOMPARE(recording.metadata.value(QStringLiteral("format")).toString(), QStringLiteral("csv"));
        const auto reader = dataset::RecordingReader::open(*project, recording.id);
        QVERIFY(reader);

        // The same bytes as a table without a clock: other columns from the same log.
        const ProgramRun again =
            runJson({QStringLiteral("record"), QStringLiteral("--project"), m_project, QStringLiteral("--port"),
                     QStringLiteral("replay://") + log, QStringLiteral("--format"), QStringLiteral("edge-impulse"),
                     QStringLiteral("--channels"), QStringLiteral("a (V),b"), QStringLiteral("--scale"),
                     QStringLiteral("0.001,1"), QStringLiteral("--duration"), QStringLiteral("2s")});
        QVERIFY2(again.exitCode == 0, again.said());
        QCOMPARE(again.result().value(QStringLiteral("format")).toString(), QStringLiteral("edge-impulse"));
        QCOMPARE(again.result().value(QStringLiteral("samples")).toInteger(), rows);
        QCOMPARE(again.result().value(QStringLiteral("lost_samples")).toInteger(), lost);
        const auto other = project->recordings().list()->back();
        QCOMPARE(other.stream.channels.at(0).unit, QStringLiteral("V"));
        QCOMPARE(other.stream.channels.at(0).scale, 0.001);
    }

    void sensimlIsConnectedAndDisconnected()
    {
        PtyPair cable;
        SerialRecorder recorder(m_project, cable.serialAddress(),
                                {QStringLiteral("--duration"), QStringLiteral("1s"), QStringLiteral("--format"),
                                 QStringLiteral("sensiml"), QStringLiteral("--label"), QStringLiteral("walk")});
        std::atomic_bool wasStopped{false};
        const ForeignBoard board(cable.master(), kRateHz / 5,
                                 [&wasStopped, began = qint64(-1)](qint64 number, const QByteArray& heard) mutable {
                                     wasStopped = heard.endsWith("disconnect");
                                     if (!heard.contains("connect") || wasStopped)
                                         return sensimlDescription(2, kRateHz);
                                     began = began < 0 ? number : began;
                                     return sensimlPacket(number - began);
                                 });
        const ProgramRun run = recorder.finish();
        QVERIFY2(run.exitCode == 0, run.said());
        QCOMPARE(run.result().value(QStringLiteral("samples")).toInt(), 200);
        QCOMPARE(run.result().value(QStringLiteral("lost_samples")).toInt(), 0);
        QCOMPARE(run.result().value(QStringLiteral("segments")).toInt(), 1);
        QTRY_VERIFY(wasStopped);
    }

    // Firmware that is asked, and firmware that streams, at the same time; each is found out by itself.
    void twoBoardsAreRecordedAtOnce()
    {
        PtyPair cable;
        PtyPair other;
        const AtBoard asked(cable.master(), {});
        const ForeignBoard streaming(other.master(), kRateHz,
                                     [](qint64 row, const QByteArray&) { return numbersRow(row); });
        SerialRecorder recorder(m_project, cable.serialAddress(),
                                {QStringLiteral("--port"), other.serialAddress(), QStringLiteral("--duration"),
                                 QStringLiteral("1s"), QStringLiteral("--label"), QStringLiteral("walk"),
                                 QStringLiteral("--name"), QStringLiteral("trip")});
        const ProgramRun run = recorder.finish();
        QVERIFY2(run.exitCode == 0, run.said());
        const QJsonObject first = run.result();
        QCOMPARE(first.value(QStringLiteral("name")).toString(),
                 QStringLiteral("trip (%1)").arg(cable.serialAddress().mid(5)));
        QCOMPARE(first.value(QStringLiteral("format")).toString(), QStringLiteral("edge-impulse-at"));
        QCOMPARE(first.value(QStringLiteral("samples")).toInt(), 100);
        QCOMPARE(first.value(QStringLiteral("stream")).toString(), QStringLiteral("Built-in accelerometer"));
        const QJsonArray others = first.value(QStringLiteral("other_boards")).toArray();
        QCOMPARE(others.size(), 1);
        const QJsonObject second = others.first().toObject();
        QCOMPARE(second.value(QStringLiteral("source")).toString(), other.serialAddress());
        QCOMPARE(second.value(QStringLiteral("name")).toString(),
                 QStringLiteral("trip (%1)").arg(other.serialAddress().mid(5)));
        QCOMPARE(second.value(QStringLiteral("format")).toString(), QStringLiteral("edge-impulse"));
        QCOMPARE(second.value(QStringLiteral("samples")).toInt(), 200);
        QCOMPARE(second.value(QStringLiteral("segments")).toInt(), 1);
        // The streaming board was recorded while the other one was still being found out.
        const double after = second.value(QStringLiteral("begins_after_s")).toDouble();
        QVERIFY2(after < 0 && after > -30, qPrintable(QString::number(after)));
    }

    void mistakesHaveTheirExitCodes()
    {
        const QStringList record{QStringLiteral("record"), QStringLiteral("--project"), m_project,
                                 QStringLiteral("--port")};
        const ProgramRun format = runJson(
            record + QStringList{QStringLiteral("/dev/null"), QStringLiteral("--format"), QStringLiteral("xml")});
        QCOMPARE(format.exitCode, 2);
        QVERIFY(format.error().value(QStringLiteral("hint")).toString().contains(QStringLiteral("teleplot")));
        QFile file(m_folder.filePath(QStringLiteral("log.txt")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("hello\nhow are you\nfine\n");
        file.close();
        const ProgramRun text = runJson(record + QStringList{QStringLiteral("replay://") + file.fileName()});
        QCOMPARE(text.exitCode, 4);
        QVERIFY(text.error().value(QStringLiteral("message")).toString().contains(QStringLiteral("fine")));
    }

private:
    QTemporaryDir m_folder;
    QString m_project;
};

QTEST_GUILESS_MAIN(TestForeignFormats)
#include "tst_foreign_formats.moc"
