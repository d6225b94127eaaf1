// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/nordic_format.h"
#include "device-agent/wire/cobs.hpp"
#include "tests/formats/decoding.h"

#include <QCborStreamWriter>
#include <QtEndian>

using namespace ember;
using namespace ember::formats;
using namespace ember::test;

namespace {

QByteArray framed(const QByteArray& cbor, bool crc)
{
    QByteArray raw(2, '\0');
    qToLittleEndian<quint16>(static_cast<quint16>(cbor.size()), raw.data());
    raw += cbor;
    if (crc) {
        raw.append(2, '\0');
        qToLittleEndian<quint16>(zephyrCrc16(cbor), raw.data() + raw.size() - 2);
    }
    QByteArray out;
    wire::cobsEncode(reinterpret_cast<const uint8_t*>(raw.constData()), static_cast<size_t>(raw.size()),
                     [&out](uint8_t byte) { out += static_cast<char>(byte); });
    return out + '\0';
}

QByteArray sessionCbor(quint32 id = 77, quint32 dropped = 0,
                       const QStringList& names = {QStringLiteral("ax"), QStringLiteral("ay")})
{
    QByteArray cbor;
    QCborStreamWriter writer(&cbor);
    writer.startMap(2);
    writer.append(QLatin1String("t"));
    writer.append(QLatin1String("si"));
    writer.append(QLatin1String("d"));
    writer.startMap(7);
    writer.append(QLatin1String("sid"));
    writer.append(quint64(id));
    writer.append(QLatin1String("hz"));
    writer.append(quint64(200));
    writer.append(QLatin1String("ch"));
    writer.append(quint64(names.size()));
    writer.append(QLatin1String("ch_n"));
    writer.startArray(static_cast<quint64>(names.size()));
    for (const QString& name : names)
        writer.append(name);
    writer.endArray();
    writer.append(QLatin1String("st"));
    writer.append(quint64(1));
    writer.append(QLatin1String("dr"));
    writer.append(quint64(dropped));
    writer.append(QLatin1String("name"));
    writer.append(QLatin1String("nRF DataFwd"));
    writer.endMap();
    writer.endMap();
    return cbor;
}

QByteArray sampleCbor(quint32 number, quint32 millis, bool integers = false, int values = 2)
{
    QByteArray cbor;
    QCborStreamWriter writer(&cbor);
    writer.startMap(2);
    writer.append(QLatin1String("t"));
    writer.append(QLatin1String("sd"));
    writer.append(QLatin1String("d"));
    writer.startMap(3);
    writer.append(QLatin1String("seq"));
    writer.append(quint64(number));
    writer.append(QLatin1String("ts"));
    writer.append(quint64(millis));
    writer.append(QLatin1String("val"));
    writer.startArray(static_cast<quint64>(values));
    for (int i = 0; i < values; ++i) {
        const float value = static_cast<float>(number) * 0.5F - static_cast<float>(i);
        if (integers)
            writer.append(qint64(std::llround(value * 1e6F)));
        else
            writer.append(value);
    }
    writer.endArray();
    writer.endMap();
    writer.endMap();
    return cbor;
}

QByteArray samples(quint32 first, quint32 count, bool crc = false, bool integers = false)
{
    QByteArray bytes;
    for (quint32 i = first; i < first + count; ++i)
        bytes += framed(sampleCbor(i, i * 5, integers), crc);
    return bytes;
}

} // namespace

class TestNordic : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theCrcIsTheReflectedOne()
    {
        QCOMPARE(zephyrCrc16("123456789"), quint16(0x6F91)); // CRC-16/MCRF4XX
    }

    void floatsAndMicroUnitsWithAndWithoutCrc()
    {
        for (const bool crc : {false, true}) {
            for (const bool integers : {false, true}) {
                const QByteArray bytes = "\x05half" + QByteArray(1, '\0') + samples(3, 2, crc, integers) +
                                         framed(sessionCbor(), crc) + samples(5, 20, crc, integers);
                const Guess guess = survey("nordic", openingOf(bytes, 1000));
                QVERIFY2(guess.isUsable(), qPrintable(guess.reason));
                QVERIFY(guess.settled && guess.hasTime);
                QCOMPARE(guess.spec.rateHz, 200.0);
                QCOMPARE(guess.spec.channels[1].name, QStringLiteral("ay"));
                Counts counts;
                const Decoded decoded = decode(guess, bytes, {}, &counts);
                const auto rows = decoded.rows(guess.spec);
                QCOMPARE(rows.size(), size_t(22));
                QCOMPARE(rows.at(4).at(1), 2.5F); // number 7
                QCOMPARE(*decoded.blocks.front().deviceMicros, 0);
                QCOMPARE(counts.units, 23);
                QCOMPARE(counts.badUnits + counts.checksumErrors + counts.linkGaps, 0);
                verifyCutsDoNotMatter(guess, bytes.left(400));
            }
        }
    }

    void lossIsTheLinksUntilTheBoardSaysItWasIts()
    {
        const Guess guess = survey("nordic", openingOf(framed(sessionCbor(), true) + samples(0, 5, true), 1000));
        const auto decoder = guess.makeDecoder();
        Decoded decoded;
        QByteArray bad = framed(sampleCbor(12, 60), true);
        bad[20] = static_cast<char>(bad[20] ^ 4);
        decoder->feed(samples(0, 10, true) + samples(11, 1, true) + bad + samples(13, 7, true) + samples(25, 5, true),
                      decoded);
        QCOMPARE(decoder->counts().checksumErrors, 1);
        QCOMPARE(decoder->counts().linkGaps, 1 + 1 + 5);
        QCOMPARE(decoder->counts().deviceDrops, 0);
        decoder->feed(framed(sessionCbor(77, 5), true), decoded);
        QCOMPARE(decoder->counts().linkGaps, 2);
        QCOMPARE(decoder->counts().deviceDrops, 5);
        decoder->feed(framed(sessionCbor(77, 500), true), decoded); // never more than what is missing
        QCOMPARE(decoder->counts().deviceDrops + decoder->counts().linkGaps, 7);
        QCOMPARE(decoded.rows(guess.spec).at(29).at(0), 14.5F);
    }

    void aNewSessionGoesOnAndOtherChannelsDoNot()
    {
        const Guess guess = survey("nordic", openingOf(framed(sessionCbor(), false) + samples(0, 5), 1000));
        const auto decoder = guess.makeDecoder();
        Decoded decoded;
        decoder->feed(samples(100, 5), decoded);
        decoder->feed(framed(sessionCbor(78), false) + samples(0, 5), decoded);
        QCOMPARE(decoder->counts().restarts, 1);
        QCOMPARE(decoder->counts().rows, 10);
        QCOMPARE(decoder->counts().linkGaps, 0);
        QCOMPARE(*decoded.blocks.back().deviceMicros, 20'000);
        QVERIFY(decoded.refusals.empty());
        decoder->feed(framed(sessionCbor(79, 0, {QStringLiteral("t")}), false), decoded);
        QCOMPARE(decoded.refusals.size(), size_t(1));
    }

    void jumpsBeyondReasonAreAnotherCount()
    {
        const Guess guess = survey("nordic", openingOf(framed(sessionCbor(), false) + samples(0, 5), 1000));
        Counts counts;
        decode(guess, samples(0, 3) + samples(200'000, 3) + samples(1, 3), {}, &counts);
        QCOMPARE(counts.linkGaps, 0);
        QCOMPARE(counts.restarts, 2);
        QCOMPARE(counts.rows, 9);
        // The count wraps.
        decode(guess, framed(sampleCbor(0xFFFF'FFFF, 1), false) + framed(sampleCbor(0, 6), false), {}, &counts);
        QCOMPARE(counts.linkGaps + counts.restarts, 0);
    }

    void hostileFramesAreCounted()
    {
        const Guess guess = survey("nordic", openingOf(framed(sessionCbor(), false) + samples(0, 5), 1000));
        QByteArray bytes = samples(0, 1);
        bytes += framed("\xBF\x61t\x62sd", false);          // a map without end
        bytes += framed(QByteArray(200, '\x81'), false);    // arrays in arrays
        bytes += framed(sampleCbor(1, 5, false, 3), false); // three values for two channels
        bytes += framed("\x9B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", false);
        bytes += QByteArray(100'000, '\x7F') + '\0'; // far too long
        bytes += framed(QByteArray(), false);
        bytes += samples(1, 2);
        Counts counts;
        decode(guess, bytes, {}, &counts);
        QCOMPARE(counts.rows, 3);
        QCOMPARE(counts.badUnits, 6);
        verifyNoiseIsSurvived(guess, 8);
        // Each byte of a frame damaged in each bit: never a wrong row with a checksum.
        const QByteArray good = framed(sampleCbor(1, 5), true);
        for (qsizetype at = 0; at + 1 < good.size(); ++at) {
            for (int bit = 0; bit < 8; ++bit) {
                QByteArray damaged = good;
                damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
                const auto rows = decode(guess, samples(0, 1, true) + damaged, {}, &counts).rows(guess.spec);
                QVERIFY(rows.size() <= 1);
            }
        }
    }

    void rowsAloneWaitForTheirNames()
    {
        const Guess guess = survey("nordic", openingOf(samples(0, 50), 1000));
        QVERIFY(!guess.isUsable());
        QVERIFY(guess.score > 0.9);
        QVERIFY(!guess.settled);
    }
};

QTEST_GUILESS_MAIN(TestNordic)
#include "tst_nordic.moc"
