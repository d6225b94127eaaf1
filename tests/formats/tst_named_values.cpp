// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/formats/decoding.h"

using namespace ember;
using namespace ember::formats;
using namespace ember::test;

namespace {

QByteArray arduino(int rows)
{
    QByteArray text = "mp:3\r\n";
    for (int row = 0; row < rows; ++row)
        text += "temp:" + QByteArray::number(20 + row) + ",hum:" + QByteArray::number(row * 0.5) + "\r\n";
    return text;
}

// Two values of one round, each on its line, 100 Hz by the board's clock.
QByteArray teleplot(int first, int rows)
{
    QByteArray text;
    for (int row = first; row < first + rows; ++row) {
        text += ">ax:" + QByteArray::number(row * 10) + ':' + QByteArray::number(row) + "\xC2\xA7g\n";
        text += ">ay,plot:" + QByteArray::number(row * 10 + 1) + ':' + QByteArray::number(-row) + "|g\n";
    }
    return text;
}

} // namespace

class TestNamedValues : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void thePlotterOfArduino()
    {
        const QByteArray bytes = arduino(100);
        const Guess guess = survey("arduino", openingOf(bytes, static_cast<double>(bytes.size())));
        QVERIFY2(guess.isUsable(), qPrintable(guess.reason));
        QCOMPARE(guess.spec.channels[0].name, QStringLiteral("temp"));
        QCOMPARE(guess.spec.rateHz, 100.0);
        Counts counts;
        const auto rows = decode(guess, bytes, {}, &counts).rows(guess.spec);
        QCOMPARE(rows.size(), size_t(100));
        QCOMPARE(rows.at(7), (std::vector<float>{27, 3.5F}));
        QCOMPARE(counts.heldValues + counts.badUnits + counts.textLines, 0);
        verifyCutsDoNotMatter(guess, bytes.left(300));
        verifyNoiseIsSurvived(guess, 3);
        // Blanks behind the colon, tabs between.
        const auto other = decode(guess, "x\ntemp: 1\thum: 2\n", {}, &counts).rows(guess.spec);
        QCOMPARE(other.at(0), (std::vector<float>{1, 2}));
    }

    void valuesThatDoNotComeAreHeldAndCounted()
    {
        const QByteArray bytes = "x\na:1 b:2\na:3\na:4\na:5 b:6\na:1 b:1\n";
        const Guess guess = survey("arduino", openingOf(bytes, 100));
        QVERIFY(guess.isUsable());
        Counts counts;
        const auto rows = decode(guess, bytes, {}, &counts).rows(guess.spec);
        QCOMPARE(rows.size(), size_t(5));
        QCOMPARE(rows.at(1), (std::vector<float>{3, 2}));
        QCOMPARE(rows.at(3), (std::vector<float>{5, 6})); // a round ends with its last channel
        QCOMPARE(counts.heldValues, 2);
    }

    // Whoever begins to listen within a round must not take the end of one and the beginning of the next for a row.
    void aRoundBeginsWhereTimePasses()
    {
        const QByteArray bytes = ">ax:0:0\n>ay:1:0\n" + teleplot(1, 50);
        const QByteArray untimed = [] {
            QByteArray text;
            for (int row = 0; row < 60; ++row)
                text += ">ax:" + QByteArray::number(row) + "\n>ay:" + QByteArray::number(-row) + '\n';
            return text;
        }();
        // Each round arrives at once, 20 ms after the one before.
        Opening arrived;
        qsizetype at = 0;
        for (int row = 0; row < 60; ++row) {
            const qsizetype end = untimed.indexOf('\n', untimed.indexOf('\n', at) + 1) + 1;
            arrived.add(untimed.mid(at, end - at), row * 20'000'000LL);
            at = end;
        }
        for (const Guess& guess : {survey("teleplot", openingOf(bytes, 1000)), survey("teleplot", arrived)}) {
            QVERIFY(guess.isUsable());
            QCOMPARE(guess.spec.channels[0].name, QStringLiteral("ax"));
            const auto rows = decode(guess, guess.hasTime ? bytes : untimed).rows(guess.spec);
            QVERIFY(rows.size() >= 50);
            for (const auto& [row, values] : rows)
                QCOMPARE(values.at(1), -values.at(0));
        }
        QCOMPARE(survey("teleplot", arrived).spec.rateHz, 50.0);
    }

    void whatIsNoValueIsTextOrDamage()
    {
        const Guess guess = survey("arduino", openingOf(arduino(20), 1000));
        Counts counts;
        const Decoded decoded =
            decode(guess, "x\nhello\ntemp:1,hum:warm\nother:5\ntemp:warm\n12:30:01 boot\ntemp:1,hum:2\n", {}, &counts);
        QCOMPARE(counts.rows, 1);
        QCOMPARE(counts.badUnits, 2);
        QCOMPARE(counts.textLines, 3);
        QCOMPARE(decoded.texts().size(), 5);
    }

    void teleplotLinesMakeRowsAndOthersAreText()
    {
        const QByteArray bytes = "10:3\n" + teleplot(0, 50) + "I (123) wifi: connected: 1\n" + teleplot(50, 50);
        const Guess guess = survey("teleplot", openingOf(bytes, 1000));
        QVERIFY2(guess.isUsable(), qPrintable(guess.reason));
        QVERIFY(guess.hasTime);
        QCOMPARE(guess.spec.rateHz, 100.0);
        QCOMPARE(guess.spec.channels[0].unit, QStringLiteral("g"));
        QCOMPARE(guess.spec.channels[1].name, QStringLiteral("ay"));
        Counts counts;
        const Decoded decoded = decode(guess, bytes, {}, &counts);
        const auto rows = decoded.rows(guess.spec);
        QCOMPARE(rows.size(), size_t(100));
        QCOMPARE(rows.at(60), (std::vector<float>{60, -60}));
        QCOMPARE(counts.textLines, 1);
        QCOMPARE(*decoded.blocks.front().deviceMicros, 0);
        verifyCutsDoNotMatter(guess, bytes.left(300));
        verifyNoiseIsSurvived(guess, 4);
    }

    void teleplotWithoutTimeAndInBatches()
    {
        QByteArray plain = "x\n";
        for (int row = 0; row < 30; ++row)
            plain += ">v:" + QByteArray::number(row) + "\n";
        const Guess untimed = survey("teleplot", openingOf(plain, static_cast<double>(plain.size()) / 0.3));
        QVERIFY(untimed.isUsable() && !untimed.hasTime);
        QCOMPARE(untimed.spec.rateHz, 100.0);
        QCOMPARE(decode(untimed, plain).rows(untimed.spec).size(), size_t(30));

        QByteArray batches = "x\n";
        for (int batch = 0; batch < 10; ++batch) {
            for (const char* name : {"x", "y"}) {
                batches += '>' + QByteArray(name) + ':';
                for (int i = 0; i < 5; ++i)
                    batches += QByteArray::number((batch * 5 + i) * 4) + ':' + QByteArray::number(batch * 5 + i) + ';';
                batches.chop(1);
                batches += '\n';
            }
        }
        const Guess batched = survey("teleplot", openingOf(batches, 1000));
        QVERIFY(batched.hasTime);
        QCOMPARE(batched.spec.rateHz, 250.0);
        Counts counts;
        const auto rows = decode(batched, batches, {}, &counts).rows(batched.spec);
        QCOMPARE(rows.size(), size_t(50));
        QCOMPARE(rows.at(33), (std::vector<float>{33, 33}));
        QCOMPARE(counts.heldValues, 0);
        verifyCutsDoNotMatter(batched, batches.left(200));
    }

    void teleplotOfOtherKindsIsPassedOver()
    {
        const Guess guess = survey("teleplot", openingOf("x\n" + teleplot(0, 20), 1000));
        Counts counts;
        decode(guess,
               "x\n>state:on|t\n>path:1:2;3:4|xy\n>3D|cube:S:cube:P:1:1:1\n>nothing\n>ax:\n>ax:abc\n>ax:1;;2\n>zz:1\n",
               {}, &counts);
        QCOMPARE(counts.rows, 0);
        QCOMPARE(counts.textLines, 3);
        QCOMPARE(counts.badUnits, 5);
    }

    void theyAreNotTakenForEachOther()
    {
        const Opening arduinos = openingOf(arduino(50), 1000);
        const Opening teleplots = openingOf("x\n" + teleplot(0, 50), 1000);
        QCOMPARE(rank(arduinos).front().format, QStringLiteral("arduino"));
        QCOMPARE(rank(teleplots).front().format, QStringLiteral("teleplot"));
    }
};

QTEST_GUILESS_MAIN(TestNamedValues)
#include "tst_named_values.moc"
