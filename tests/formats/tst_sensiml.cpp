// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/sensiml_format.h"
#include "tests/formats/decoding.h"

#include <QtEndian>

using namespace ember;
using namespace ember::formats;
using namespace ember::test;

namespace {

QByteArray description(int version, int columns = 3, const char* end = "\r\n")
{
    QByteArray names;
    for (int i = 0; i < columns; ++i)
        names += (i ? ",\"" : "\"") + QByteArray(i == 0 ? "AccelerometerX" : "Column" + QByteArray::number(i)) +
                 "\":" + QByteArray::number(i);
    return "{\"sample_rate\":119,\"version\":" + QByteArray::number(version) +
           ",\"samples_per_packet\":6,\"column_location\":{" + names + "}}" + end;
}

QByteArray rowBytes(qint16 first, int columns = 3)
{
    QByteArray bytes(columns * 2, '\0');
    for (int i = 0; i < columns; ++i)
        qToLittleEndian<qint16>(static_cast<qint16>(first + i), bytes.data() + i * 2);
    return bytes;
}

QByteArray packet(quint32 number, const QByteArray& payload, char channel = 0)
{
    QByteArray body(6, '\0');
    body[1] = channel;
    qToLittleEndian<quint32>(number, body.data() + 2);
    body += payload;
    QByteArray head("\xFF\0\0", 3);
    qToLittleEndian<quint16>(static_cast<quint16>(body.size()), head.data() + 1);
    char sum = 0;
    for (const char byte : body)
        sum = static_cast<char>(sum ^ byte);
    return head + body + sum;
}

QByteArray packetOf(quint32 number)
{
    QByteArray payload;
    for (int row = 0; row < 6; ++row)
        payload += rowBytes(static_cast<qint16>((number * 6 + static_cast<quint32>(row)) * 10));
    return packet(number, payload);
}

} // namespace

class TestSensiml : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theDescriptionIsFoundWhereverListeningBegan()
    {
        const QByteArray one = description(1);
        for (qsizetype cut = 0; cut < one.size(); ++cut) {
            const Guess guess = survey("sensiml", openingOf(one.mid(cut) + one + one, 1000));
            QVERIFY2(guess.isUsable(), qPrintable(QStringLiteral("%1: %2").arg(cut).arg(guess.reason)));
            QCOMPARE(guess.spec.channels.size(), size_t(3));
            QCOMPARE(guess.spec.channels[0].name, QStringLiteral("AccelerometerX"));
            QCOMPARE(guess.spec.channels[0].unit, QString());
            QCOMPARE(guess.spec.rateHz, 119.0);
            QCOMPARE(guess.spec.type, signal::SampleType::Int16);
            QCOMPARE(guess.startRequest, QByteArray("connect"));
        }
    }

    void descriptionsThatCannotBeUsedSayWhy()
    {
        for (const char* json :
             {"{\"sample_rate\":0,\"column_location\":{\"a\":0}}", "{\"sample_rate\":10,\"column_location\":{}}",
              "{\"sample_rate\":10,\"column_location\":{\"a\":1}}",
              "{\"sample_rate\":10,\"column_location\":{\"a\":0,\"b\":0}}",
              "{\"sample_rate\":10,\"version\":3,\"column_location\":{\"a\":0}}",
              "{\"sample_rate\":10,\"samples_per_packet\":0,\"column_location\":{\"a\":0}}", "{\"sample_rate\":"}) {
            const Guess guess = survey("sensiml", openingOf(json));
            QVERIFY2(!guess.isUsable(), json);
            QVERIFY(guess.score < kLeastScore);
            QVERIFY(!guess.reason.isEmpty());
        }
        // Missing fields have the specification's defaults.
        const auto layout = parseSensimlDescription("{\"sample_rate\":10,\"column_location\":{\"b\":1,\"a\":0}}");
        QVERIFY(layout);
        QCOMPARE(layout->version, 1);
        QCOMPARE(layout->rowsPerPacket, 6);
        QCOMPARE(layout->names, (QStringList{QStringLiteral("a"), QStringLiteral("b")}));
    }

    // Rows may look like anything, also like white space or the beginning of another description.
    void rawRowsBeginBehindTheDescription_data()
    {
        QTest::addColumn<QByteArray>("row");
        QTest::newRow("plain") << QByteArray("\1\0\2\0\3\0", 6);
        QTest::newRow("line ends") << QByteArray("\n\r\n \t\n", 6);
        QTest::newRow("a brace") << QByteArray("{\0\1\1\1\1", 6);
        QTest::newRow("more of a description") << QByteArray("{\"samp", 6);
        QTest::newRow("zeros") << QByteArray(6, '\0');
    }
    void rawRowsBeginBehindTheDescription()
    {
        QFETCH(QByteArray, row);
        const QByteArray one = description(1);
        const Guess guess = survey("sensiml", openingOf(one + one, 1000));
        const QByteArray rows = row + rowBytes(7) + rowBytes(-9);
        for (const QByteArray& before : {one, one + one, one.mid(20) + one + one}) {
            Counts counts;
            const Decoded decoded = decode(guess, before + rows, {}, &counts);
            QByteArray all;
            for (const Rows& block : decoded.blocks)
                all += block.bytes;
            QCOMPARE(all, rows);
            QCOMPARE(counts.rows, 3);
            verifyCutsDoNotMatter(guess, before + rows);
        }
    }

    void aDescriptionMayBeCutOffByConnecting()
    {
        const QByteArray one = description(1);
        const Guess guess = survey("sensiml", openingOf(one + one, 1000));
        Counts counts;
        const Decoded decoded = decode(guess, one + one.left(30) + rowBytes(1) + rowBytes(5), {}, &counts);
        QCOMPARE(counts.rows, 2);
        QCOMPARE(counts.skippedBytes, 30);
        QCOMPARE(decoded.blocks.front().bytes.left(6), rowBytes(1));
        verifyNoiseIsSurvived(guess, 5);
    }

    void packetsAreReadAndLossIsCounted()
    {
        const QByteArray one = description(2);
        const Guess guess = survey("sensiml", openingOf(one + one, 1000));
        QByteArray bytes = one;
        for (quint32 i = 0; i < 20; ++i) {
            QByteArray next = packetOf(i);
            if (i == 7)
                next[15] = static_cast<char>(next[15] ^ 1); // a bit flipped
            if (i == 12)
                continue; // lost on its way
            if (i == 15)
                next.remove(9, 4); // bytes lost
            bytes += next;
        }
        Counts counts;
        const auto rows = decode(guess, bytes, {}, &counts).rows(guess.spec);
        QCOMPARE(counts.rows, 17 * 6);
        QCOMPARE(counts.linkGaps, 3 * 6);
        QVERIFY(counts.checksumErrors >= 1);
        for (const auto& [row, values] : rows)
            QCOMPARE(values.at(0), static_cast<float>(row * 10));
        verifyCutsDoNotMatter(guess, bytes);
        verifyNoiseIsSurvived(guess, 6);
    }

    void dataThatLooksLikeSyncBytesDoesNotConfuse()
    {
        const Guess guess = survey("sensiml", openingOf(description(2) + description(2), 1000));
        QByteArray bytes;
        for (quint32 i = 0; i < 5; ++i)
            bytes += packet(i, QByteArray(36, '\xFF')) + packet(i, QByteArray(10, 'x'), 3);
        // Begins in the middle of a packet.
        Counts counts;
        const Decoded decoded = decode(guess, bytes.mid(20), {}, &counts);
        QCOMPARE(counts.rows, 4 * 6);
        QCOMPARE(counts.linkGaps, 0);
        verifyCutsDoNotMatter(guess, bytes.mid(20));
    }

    void aSequenceThatBeginsAnewIsNoLoss()
    {
        const Guess guess = survey("sensiml", openingOf(description(2) + description(2), 1000));
        Counts counts;
        decode(guess, packetOf(0xFFFF'FFFF) + packetOf(0) + packetOf(500'000) + packetOf(3) + packetOf(4), {}, &counts);
        QCOMPARE(counts.linkGaps, 0);
        QCOMPARE(counts.restarts, 2);
        QCOMPARE(counts.rows, 30);
    }

    void packetsAloneSayWhatIsMissing()
    {
        const Guess guess = survey("sensiml", openingOf(packetOf(0) + packetOf(1) + packetOf(2) + packetOf(3)));
        QVERIFY(!guess.isUsable());
        QVERIFY(guess.score > 0.1 && guess.score < kLeastScore);
        QVERIFY(guess.reason.contains(QStringLiteral("no description")));
    }
};

QTEST_GUILESS_MAIN(TestSensiml)
#include "tst_sensiml.moc"
