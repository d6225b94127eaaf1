// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/table_text.h"
#include "tests/formats/decoding.h"

using namespace ember;
using namespace ember::formats;
using namespace ember::test;

namespace {

// What a sketch prints: three axes with two decimals, from row `first` on.
QByteArray axes(int first, int count, const char* separator = ",", const char* end = "\r\n")
{
    QByteArray text;
    for (int row = first; row < first + count; ++row)
        text += QByteArray::number((row * 37) % 100 * 0.01, 'f', 2) + separator +
                QByteArray::number(-row * 0.5, 'f', 2) + separator + QByteArray::number(9.81 + row, 'f', 2) + end;
    return text;
}

QByteArray stamped(int first, int count, double step, int decimals, double start = 0)
{
    QByteArray text;
    for (int row = first; row < first + count; ++row)
        text += QByteArray::number(start + std::floor(row * step * std::pow(10, decimals)) / std::pow(10, decimals),
                                   'f', decimals) +
                ',' + QByteArray::number(row) + '\n';
    return text;
}

std::vector<float> axesRow(int row)
{
    return {QByteArray::number((row * 37) % 100 * 0.01, 'f', 2).toFloat(),
            QByteArray::number(-row * 0.5, 'f', 2).toFloat(), QByteArray::number(9.81 + row, 'f', 2).toFloat()};
}

} // namespace

class TestTables : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aForwarderIsReadWhateverSeparatesItsNumbers_data()
    {
        QTest::addColumn<QByteArray>("separator");
        QTest::addColumn<QByteArray>("end");
        QTest::newRow("comma") << QByteArray(",") << QByteArray("\r\n");
        QTest::newRow("tab") << QByteArray("\t") << QByteArray("\n");
        QTest::newRow("blank") << QByteArray(" ") << QByteArray("\n");
        QTest::newRow("comma and blank") << QByteArray(", ") << QByteArray("\n");
        QTest::newRow("carriage returns alone") << QByteArray(",") << QByteArray("\r");
        QTest::newRow("a separator behind the last value") << QByteArray(",") << QByteArray(",\n");
    }
    void aForwarderIsReadWhateverSeparatesItsNumbers()
    {
        QFETCH(QByteArray, separator);
        QFETCH(QByteArray, end);
        // The first line is cut off; passed for a whole one it would be a row of wrong numbers.
        const QByteArray bytes = "81,3.00" + end + axes(0, 150, separator.constData(), end.constData());
        const double perSecond = 100.0 * static_cast<double>(bytes.size()) / 150;
        for (const char* format : {"edge-impulse", "csv"}) {
            const Guess guess = survey(format, openingOf(bytes, perSecond));
            QVERIFY2(guess.isUsable(), qPrintable(guess.reason));
            QCOMPARE(guess.spec.channels.size(), size_t(3));
            QCOMPARE(guess.spec.channels[2].name, QStringLiteral("value 3"));
            QCOMPARE(guess.spec.rateHz, 100.0);
            Counts counts;
            const auto rows = decode(guess, bytes, {}, &counts).rows(guess.spec);
            QCOMPARE(rows.size(), size_t(150));
            for (int i = 0; i < 150; ++i)
                QCOMPARE(rows.at(i), axesRow(i));
            QCOMPARE(counts.badUnits + counts.textLines + counts.linkGaps, 0);
            QCOMPARE(counts.bytes, bytes.size());
        }
    }

    void cutsDoNotMatter()
    {
        const QByteArray bytes =
            "9,1\r\n" + axes(0, 4) + "boot ok\r\n1,2\r\n\r\n" + axes(4, 3) + "1,nan,3\r\n" + axes(8, 2) + "0.1,0.2";
        const Guess guess = survey("edge-impulse", openingOf(bytes, 1000));
        QVERIFY(guess.isUsable());
        verifyCutsDoNotMatter(guess, bytes);
        const QByteArray timed = "t\r\n" + stamped(0, 5, 10, 0) + stamped(8, 4, 10, 0) + stamped(0, 3, 10, 0);
        const Guess withTime = survey("csv", openingOf(QByteArray("x\ntime_ms,v\n") + stamped(0, 30, 10, 0)));
        QVERIFY(withTime.hasTime);
        verifyCutsDoNotMatter(withTime, timed);
    }

    void damagedRowsTakeTheirTimeAndTextDoesNot()
    {
        const QByteArray bytes = "x\n" + axes(0, 20) + "IMU: self-test passed\n" + axes(20, 1) +
                                 "0.21,-10.50,3\xFF.8\n" + "0.2\n" + "0.23,-11.50,32.81,0.24,-12.00,33.81\n" +
                                 "1,nan,3\n" + axes(25, 5);
        const Guess guess = survey("edge-impulse", openingOf(bytes, 2000));
        Counts counts;
        const Decoded decoded = decode(guess, bytes, {}, &counts);
        const auto rows = decoded.rows(guess.spec);
        QCOMPARE(counts.textLines, 1);
        QCOMPARE(counts.badUnits, 4);
        QCOMPARE(counts.linkGaps, 4);
        QCOMPARE(counts.rows, 26);
        QCOMPARE(rows.at(20), axesRow(20));
        QVERIFY(!rows.contains(21) && !rows.contains(24));
        QCOMPARE(rows.at(25), axesRow(25)); // still in step
        QCOMPARE(decoded.texts().size(), 5);
        QCOMPARE(decoded.texts().front(), QStringLiteral("IMU: self-test passed"));
        QCOMPARE(decoded.lines[0].offset, 2 + axes(0, 20).size());
        QCOMPARE(decoded.lines[0].row, 20);
    }

    void aBoardThatReportsAnErrorEndsTheForwarderOnly()
    {
        for (const char* line : {"ERR: no sensor\n", "<ERR sensor>\n", "err 5\n"}) {
            const QByteArray bytes = "x\n" + axes(0, 10) + line + axes(10, 10);
            const Decoded forwarder = decode(survey("edge-impulse", openingOf(bytes, 1000)), bytes);
            QCOMPARE(forwarder.refusals.size(), size_t(1));
            QVERIFY(forwarder.refusals[0].message.contains(QString::fromLatin1(line).trimmed()));
            const Decoded table = decode(survey("csv", openingOf(bytes, 1000)), bytes);
            QVERIFY(table.refusals.empty());
            QCOMPARE(table.texts(), QStringList{QString::fromLatin1(line).trimmed()});
        }
        QVERIFY(!isErrorLine("ER"));
        QVERIFY(!isErrorLine("1,2,ERR"));
    }

    void aHeaderNamesTheChannels()
    {
        const QByteArray bytes =
            "Booting\r\nready\r\naccX [g],temp (C),accY,accY\r\n1,2,3,4\r\n5,6,7,8\r\n9,10,11,12\r\n";
        const Guess guess = survey("csv", openingOf(bytes, 1000));
        QVERIFY2(guess.isUsable(), qPrintable(guess.reason));
        QVERIFY(guess.score > survey("edge-impulse", openingOf(bytes, 1000)).score);
        QVERIFY(guess.score >= kLeastScore);
        QCOMPARE(guess.spec.channels[0].name, QStringLiteral("accX"));
        QCOMPARE(guess.spec.channels[0].unit, QStringLiteral("g"));
        QCOMPARE(guess.spec.channels[1].unit, QStringLiteral("C"));
        QCOMPARE(guess.spec.channels[2].unit, QStringLiteral("m/s2")); // by the forwarder's convention
        QCOMPARE(guess.spec.channels[3].name, QStringLiteral("accY 2"));
        Counts counts;
        const Decoded decoded = decode(guess, bytes + bytes, {}, &counts);
        QCOMPARE(counts.rows, 6);
        QCOMPARE(counts.textLines, 3); // "ready" once, both words of the second start; headers are none
        QCOMPARE(counts.linkGaps, 0);
        // A header may also be the very first line, which is passed over as a row.
        QCOMPARE(survey("csv", openingOf("a,b\n1,2\n3,4\n5,6\n", 100)).spec.channels[1].name, QStringLiteral("b"));
        // What the board says is no header.
        QCOMPARE(survey("csv", openingOf("x\nIMU is up\nall is well\n1 2 3\n4 5 6\n7 8 9\n", 100)).spec.channels.size(),
                 size_t(3));
    }

    void semicolonsAndDecimalCommas()
    {
        const QByteArray bytes = "t;x;y\n1,5;2,25;-3\n2,5;1e2;,5\n3,5;0;1\n4,5;1;1\n";
        const Guess guess = survey("csv", openingOf(bytes, 1000));
        QVERIFY2(guess.isUsable(), qPrintable(guess.reason));
        QCOMPARE(survey("edge-impulse", openingOf(bytes, 1000)).score, 0.0);
        const Decoded decoded = decode(guess, bytes);
        const auto rows = decoded.rows(guess.spec);
        const std::size_t skipped = guess.hasTime ? 1 : 0;
        QCOMPARE(rows.at(0).at(1 - skipped), 2.25F);
        QCOMPARE(rows.at(1).at(2 - skipped), 0.5F);
    }

    void aTimeColumnIsKnownByNameOrByTheClock_data()
    {
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<double>("step"); // in the column's unit, at 100 Hz
        QTest::addColumn<int>("decimals");
        QTest::addColumn<bool>("isTime");
        QTest::newRow("ms by name") << QByteArray("timestamp,v\n") << 10.0 << 0 << true;
        QTest::newRow("us by name") << QByteArray("t_us,v\n") << 10'000.0 << 0 << true;
        QTest::newRow("s by name") << QByteArray("seconds_elapsed,v\n") << 0.01 << 3 << true;
        QTest::newRow("ms by clock") << QByteArray("x\n") << 10.0 << 0 << true;
        QTest::newRow("us by clock") << QByteArray("x\n") << 10'000.0 << 0 << true;
        QTest::newRow("s by clock") << QByteArray("x\n") << 0.01 << 3 << true;
        QTest::newRow("a counter") << QByteArray("x\n") << 1.0 << 0 << false;
        QTest::newRow("a channel that rises") << QByteArray("height,v\n") << 10.0 << 0 << false;
    }
    void aTimeColumnIsKnownByNameOrByTheClock()
    {
        QFETCH(QByteArray, header);
        QFETCH(double, step);
        QFETCH(int, decimals);
        QFETCH(bool, isTime);
        const QByteArray bytes = header + stamped(1, 150, step, decimals, 5 * step);
        const Guess guess = survey("csv", openingOf(bytes, static_cast<double>(bytes.size()) / 1.5));
        QCOMPARE(guess.hasTime, isTime);
        QCOMPARE(guess.spec.channels.size(), size_t(isTime ? 1 : 2));
        QCOMPARE(guess.spec.rateHz, 100.0);
        const Decoded decoded = decode(guess, bytes);
        QCOMPARE(decoded.blocks.front().deviceMicros.has_value(), isTime);
    }

    // Milliseconds are coarse: at 400 Hz the steps are 2 and 3.
    void lostRowsShowInTheStamps_data()
    {
        QTest::addColumn<double>("step");
        QTest::newRow("100 Hz") << 10.0;
        QTest::newRow("400 Hz") << 2.5;
        QTest::newRow("833 Hz") << 1.2005;
        QTest::newRow("1000 Hz") << 1.0;
    }
    void lostRowsShowInTheStamps()
    {
        QFETCH(double, step);
        const QByteArray opening = "time_ms,v\n" + stamped(0, 400, step, 0);
        const Guess guess = survey("csv", openingOf(opening, 20'000));
        QVERIFY2(guess.hasTime, qPrintable(guess.reason));
        QVERIFY(guess.makeDecoder()->seesLoss());
        QVERIFY(!survey("csv", openingOf("v,w\n1,2\n3,4\n5,6\n7,8\n")).makeDecoder()->seesLoss());
        Counts counts;
        decode(guess, opening, {}, &counts);
        QCOMPARE(counts.linkGaps, 0);
        QCOMPARE(counts.rows, 400);
        // One row gone, later five.
        const QByteArray holes =
            "x\n" + stamped(0, 100, step, 0) + stamped(101, 100, step, 0) + stamped(206, 50, step, 0);
        const auto rows = decode(guess, holes, {}, &counts).rows(guess.spec);
        QCOMPARE(counts.linkGaps, 6);
        QCOMPARE(rows.at(250).at(0), 250.0F);
    }

    void aDamagedRowIsLostOnceAndNotTwice()
    {
        const Guess guess = survey("csv", openingOf("time_ms,v\n" + stamped(0, 60, 10, 0)));
        QVERIFY(guess.hasTime);
        Counts counts;
        const QByteArray bytes =
            "x\n" + stamped(0, 20, 10, 0) + "200,2\xFF\n" + stamped(21, 20, 10, 0) + "hello\n" + stamped(41, 20, 10, 0);
        const auto rows = decode(guess, bytes, {}, &counts).rows(guess.spec);
        QCOMPARE(counts.badUnits, 1);
        QCOMPARE(counts.textLines, 1);
        QCOMPARE(counts.linkGaps, 1);
        QCOMPARE(rows.at(60).at(0), 60.0F);
    }

    void stampsThatWrapOrBeginAnew()
    {
        const Guess guess = survey("csv", openingOf("time_us,v\n" + stamped(0, 60, 10'000, 0)));
        QVERIFY(guess.hasTime);
        Counts counts;
        QByteArray wrapping = "x\n";
        for (int row = 0; row < 10; ++row)
            wrapping +=
                QByteArray::number((4'294'950'000ULL + static_cast<quint64>(row) * 10'000) % 4'294'967'296ULL) + ",1\n";
        std::vector<qsizetype> everyLine;
        for (qsizetype at = wrapping.indexOf('\n'); at >= 0; at = wrapping.indexOf('\n', at + 1))
            everyLine.push_back(at + 1);
        Decoded decoded = decode(guess, wrapping, everyLine, &counts);
        QCOMPARE(counts.restarts + counts.linkGaps, 0);
        for (std::size_t i = 0; i < decoded.blocks.size(); ++i)
            QCOMPARE(*decoded.blocks[i].deviceMicros, static_cast<qint64>(i) * 10'000);

        const QByteArray anew = "x\n" + stamped(100, 5, 10'000, 0) + stamped(0, 5, 10'000, 0);
        decoded = decode(guess, anew, {}, &counts);
        QCOMPARE(counts.restarts, 1);
        QCOMPARE(counts.rows, 10);
        QCOMPARE(decoded.blocks.size(), size_t(2));
        QCOMPARE(*decoded.blocks[1].deviceMicros, 50'000); // goes on, one step after the last

        // A stamp that cannot be is one row of an even stream, whatever it says.
        const QByteArray spike = "x\n" + stamped(0, 100, 10'000, 0) + "1e18,1\n" + stamped(101, 900, 10'000, 0);
        decoded = decode(guess, spike, {}, &counts);
        QCOMPARE(counts.linkGaps, 0);
        QCOMPARE(counts.rows, 1001);
        QCOMPARE(*decoded.blocks.back().deviceMicros, 1'010'000);
    }

    void monstersAreBounded()
    {
        const Guess guess = survey("csv", openingOf("x\n" + axes(0, 20), 1000));
        const QByteArray monster =
            "x\n" + axes(0, 2) + QByteArray(10'000'000, '7') + "\n" + QByteArray(100'000, '\0') + "\n" + axes(4, 2);
        Counts counts;
        const Decoded decoded = decode(guess, monster, {}, &counts);
        QCOMPARE(counts.bytes, monster.size());
        QCOMPARE(counts.rows, 4);
        QCOMPARE(counts.badUnits, 2); // no one can say what was in them, but they took the time of a row
        QCOMPARE(decoded.rows(guess.spec).at(4), axesRow(4));
        for (const TextLine& line : decoded.lines)
            QVERIFY(line.text.size() <= kMaxTextLine + 1);
        verifyNoiseIsSurvived(guess, 11);
        verifyNoiseIsSurvived(survey("csv", openingOf("time_us,v\n" + stamped(0, 60, 10'000, 0))), 12);
    }

    void aLinkThatWasLostTearsNoRows()
    {
        const Guess guess = survey("edge-impulse", openingOf("x\n" + axes(0, 20), 1000));
        const auto decoder = guess.makeDecoder();
        Decoded decoded;
        decoder->feed("x\n1,2,3\n4,5,", decoded);
        decoder->restart();
        decoder->skipRows(10);
        decoder->feed("6,7,8\n9,9,9\n", decoded);
        const auto rows = decoded.rows(guess.spec);
        QCOMPARE(rows.size(), size_t(2));
        QCOMPARE(rows.at(11), (std::vector<float>{9, 9, 9}));
        QCOMPARE(decoder->counts().linkGaps, 10);
    }

    void otherTextIsNoTable()
    {
        for (const char* text : {"", "\n\n\n", "a\nhello world\nhow are you\nall is well\n",
                                 "x\n{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n", "x\nT:1\nT:2\nT:3\nT:4\n", "x\n1,2\n"}) {
            QVERIFY2(!survey("csv", openingOf(text, 100)).isUsable(), text);
            QVERIFY(survey("csv", openingOf(text, 100)).score < kLeastScore);
            QVERIFY(!survey("csv", openingOf(text, 100)).reason.isEmpty());
        }
    }
};

QTEST_GUILESS_MAIN(TestTables)
#include "tst_tables.moc"
