// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/avrdude_flasher.h"
#include "core/device/avrdude_output.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace ember;
using namespace ember::device;

// What avrdude 7.1 really said; tests/data/flashers/README.md tells how it was made to.
namespace {

QByteArray recorded(const QString& name)
{
    QFile file(QStringLiteral(EMBERLAB_TEST_DATA "/flashers/%1.txt").arg(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class TestAvrdude : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void progressIsReadInPiecesOfAnySize_data()
    {
        QTest::addColumn<int>("piece");
        for (const int piece : {1, 2, 7, 64, 100'000})
            QTest::newRow(qPrintable(QString::number(piece))) << piece;
    }
    void progressIsReadInPiecesOfAnySize()
    {
        QFETCH(int, piece);
        const QByteArray said = recorded(QStringLiteral("avrdude-success"));
        QVERIFY(!said.isEmpty());
        std::vector<FlashEvent> events;
        AvrdudeProgress progress(20'000, [&events](const FlashEvent& event) { events.push_back(event); });
        for (qsizetype at = 0; at < said.size(); at += piece)
            progress.feed(said.mid(at, piece));
        // For each of the two bars its beginning and fifty marks.
        QCOMPARE(events.size(), size_t(2 * 51));
        for (size_t i = 0; i < events.size(); ++i) {
            QCOMPARE(events[i].stage, i < 51 ? FlashEvent::Stage::Write : FlashEvent::Stage::Verify);
            QCOMPARE(events[i].done, qint64(400) * static_cast<qint64>(i % 51));
            QCOMPARE(events[i].total, 20'000);
        }
    }

    void hostileOutputDoesNoHarm()
    {
        int events = 0;
        AvrdudeProgress progress(100, [&events](const FlashEvent& event) {
            ++events;
            QVERIFY(event.done <= event.total);
        });
        progress.feed(QByteArray(100'000, 'x') + " | ####\n");
        QCOMPARE(events, 0);
        progress.feed("Writing | " + QByteArray(500, '#') + "\n" + QByteArray(70, '\0'));
        QCOMPARE(events, 501);
    }

    void failuresSayWhatToDo_data()
    {
        QTest::addColumn<QString>("message");
        QTest::addColumn<QString>("hint");
        QTest::newRow("avrdude-no-port") << QStringLiteral("There is no port /dev/ttyACM0")
                                         << QStringLiteral("emberlab ports");
        QTest::newRow("avrdude-no-permission") << QStringLiteral("may not open") << QStringLiteral("dialout");
        QTest::newRow("avrdude-busy") << QStringLiteral("in use") << QStringLiteral("Close");
        QTest::newRow("avrdude-no-sync") << QStringLiteral("No bootloader") << QStringLiteral("reset button");
        QTest::newRow("avrdude-silent") << QStringLiteral("No bootloader") << QStringLiteral("reset button");
        QTest::newRow("avrdude-wrong-chip") << QStringLiteral("not that of Arduino Uno") << QStringLiteral("1E 98 01");
        QTest::newRow("avrdude-mismatch") << QStringLiteral("differs") << QStringLiteral("0x0040");
    }
    void failuresSayWhatToDo()
    {
        QFETCH(QString, message);
        QFETCH(QString, hint);
        const QByteArray said = recorded(QString::fromLatin1(QTest::currentDataTag()));
        QVERIFY(!said.isEmpty());
        const Error error = avrdudeError(said, QStringLiteral("/dev/ttyACM0"), QStringLiteral("Arduino Uno"));
        QCOMPARE(error.kind, ErrorKind::Board);
        QVERIFY2(error.message.contains(message), qPrintable(error.toString()));
        QVERIFY2(error.hint.contains(hint), qPrintable(error.toString()));
        QVERIFY(!error.hint.contains(QStringLiteral("TIOCMGET")));
    }

    void unknownWordsAreQuoted()
    {
        const Error error = avrdudeError("avrdude error: the moon is full\n\navrdude done.  Thank you.\n",
                                         QStringLiteral("/dev/x"), QStringLiteral("Uno"));
        QCOMPARE(error.kind, ErrorKind::Failed);
        QCOMPARE(error.hint, QStringLiteral("avrdude error: the moon is full"));
    }

    void theCommandLineFollowsTheBoardFile()
    {
        auto board = findBoard(QStringLiteral("arduino-uno"));
        QVERIFY(board);
        const auto arguments =
            AvrdudeFlasher::arguments(*board, QStringLiteral("/dev/tty ACM0"), QStringLiteral("image.hex"));
        QVERIFY(arguments);
        QCOMPARE(arguments->join(QLatin1Char('|')),
                 QStringLiteral("-p|m328p|-c|arduino|-P|/dev/tty ACM0|-b|115200|-D|-U|flash:w:image.hex:i"));
        board->upload.options.remove(QStringLiteral("part"));
        QCOMPARE(AvrdudeFlasher::arguments(*board, {}, {}).error().kind, ErrorKind::BadData);
    }

    void aMissingToolAndAMissingPortAreNamed()
    {
        auto board = findBoard(QStringLiteral("arduino-uno"));
        QVERIFY(board);
        const auto image = shippedImage(*board);
        if (!image)
            QSKIP("the firmware has not been built (no gcc-avr)");
        FlashRequest request;
        request.image = *image;
        request.dryRun = true;
        const QByteArray path = qgetenv("PATH");
        qputenv("PATH", "/nowhere");
        const auto report = AvrdudeFlasher(*board).flash(request);
        qputenv("PATH", path);
        QVERIFY(!report);
        QCOMPARE(report.error().kind, ErrorKind::MissingTool);
        QVERIFY(report.error().hint.contains(QStringLiteral("avrdude")));

        board->emulator.reset(); // a board that is only real
        request.dryRun = false;
        QVERIFY(AvrdudeFlasher(*board).info().needsPort);
        QCOMPARE(AvrdudeFlasher(*board).flash(request).error().kind, ErrorKind::Usage);
    }
};

QTEST_GUILESS_MAIN(TestAvrdude)
#include "tst_avrdude.moc"
