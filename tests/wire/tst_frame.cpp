// SPDX-License-Identifier: GPL-3.0-or-later
#include "device-agent/wire/cbor.hpp"
#include "device-agent/wire/frame.hpp"
#include "device-agent/wire/messages.hpp"

#include <QCborMap>
#include <QCborValue>
#include <QRandomGenerator>
#include <QTest>

using namespace ember::wire;

namespace {

QByteArray randomBytes(QRandomGenerator& random, int size, int zeroPercent)
{
    QByteArray bytes(size, '\0');
    for (char& c : bytes)
        c = random.bounded(100) < zeroPercent ? '\0' : static_cast<char>(random.bounded(1, 256));
    return bytes;
}

// COBS as the paper words it: split at the zeros, cut runs at 254, prefix each piece with its length plus one.
QByteArray cobsOracle(const QByteArray& data)
{
    QByteArray out;
    const QList<QByteArray> runs = data.split('\0');
    for (int i = 0; i < runs.size(); ++i) {
        QByteArray run = runs[i];
        while (run.size() >= 254) {
            out += char(0xFF);
            out += run.left(254);
            run.remove(0, 254);
            if (run.isEmpty() && i == runs.size() - 1)
                return out;
        }
        out += static_cast<char>(run.size() + 1);
        out += run;
    }
    return out;
}

QByteArray cobs(const QByteArray& data)
{
    QByteArray out;
    cobsEncode(reinterpret_cast<const uint8_t*>(data.constData()), static_cast<size_t>(data.size()),
               [&out](uint8_t b) { out += static_cast<char>(b); });
    return out;
}

QByteArray frameBytes(const FrameHeader& header, const QByteArray& payload)
{
    QByteArray buffer(static_cast<int>(kHeaderSize) + payload.size() + 4, '\0');
    std::copy(payload.begin(), payload.end(), buffer.begin() + kHeaderSize);
    QByteArray out;
    sendFrame(header, reinterpret_cast<uint8_t*>(buffer.data()), static_cast<size_t>(payload.size()),
              [&out](uint8_t b) { out += static_cast<char>(b); });
    return out;
}

struct Received
{
    FrameVerdict verdict;
    FrameHeader header;
    QByteArray payload;
};

QList<Received> receive(const QByteArray& stream, int capacity = 70'000)
{
    QByteArray buffer(capacity, '\0');
    FrameReceiver receiver(reinterpret_cast<uint8_t*>(buffer.data()), static_cast<size_t>(capacity));
    QList<Received> all;
    for (char c : stream) {
        const FrameVerdict verdict = receiver.push(static_cast<uint8_t>(c));
        if (verdict == FrameVerdict::NeedMore)
            continue;
        Received r{verdict, {}, {}};
        if (verdict == FrameVerdict::Valid) {
            r.header = receiver.header();
            r.payload =
                QByteArray(reinterpret_cast<const char*>(receiver.payload()), static_cast<int>(receiver.payloadSize()));
        }
        all << r;
    }
    return all;
}

} // namespace

class TestFrame : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void crcCheckValues()
    {
        const auto* digits = reinterpret_cast<const uint8_t*>("123456789");
        QCOMPARE(crc16(digits, 9), uint16_t(0x29B1));
        QCOMPARE(crc32(digits, 9), 0xCBF43926u);
    }

    void cobsEqualsTheDefinition()
    {
        QRandomGenerator random(1);
        QList<int> sizes = {0, 1, 2, 253, 254, 255, 256, 507, 508, 509, 510, 762};
        for (int i = 0; i < 200; ++i)
            sizes << random.bounded(1200);
        for (int size : std::as_const(sizes)) {
            for (int zeroPercent : {0, 1, 30, 100}) {
                const QByteArray data = randomBytes(random, size, zeroPercent);
                const QByteArray encoded = cobs(data);
                QCOMPARE(encoded, cobsOracle(data));
                QVERIFY(!encoded.contains('\0'));
                QVERIFY(static_cast<size_t>(encoded.size()) <= cobsMaxEncodedSize(static_cast<size_t>(size)));
            }
        }
    }

    void cobsByteByByteIsTheSame()
    {
        QRandomGenerator random(4);
        for (int i = 0; i < 2000; ++i) {
            const QByteArray data = randomBytes(random, random.bounded(1200), (i % 4) * 33);
            CobsEncoder encoder;
            encoder.begin(reinterpret_cast<const uint8_t*>(data.constData()), static_cast<size_t>(data.size()));
            QByteArray encoded;
            while (!encoder.finished())
                encoded += static_cast<char>(encoder.next());
            QCOMPARE(encoded, cobsOracle(data) + '\0');
        }
    }

    void framesComeBackAsSent()
    {
        QRandomGenerator random(2);
        QByteArray stream;
        QList<QByteArray> payloads;
        for (int size : {0, 1, 5, 240, 254, 300, 4082, 4083, 5000, 65'000}) {
            payloads << randomBytes(random, size, 20);
            FrameHeader header;
            header.type = 0x82;
            header.stream = 3;
            header.credit = 9;
            header.seq = 0xDEADBEEF;
            header.ticks = static_cast<uint32_t>(size);
            stream += frameBytes(header, payloads.last());
        }
        const QList<Received> all = receive(stream);
        QCOMPARE(all.size(), payloads.size());
        for (int i = 0; i < all.size(); ++i) {
            QCOMPARE(all[i].verdict, FrameVerdict::Valid);
            QCOMPARE(all[i].payload, payloads[i]);
            QCOMPARE(all[i].header.type, uint8_t(0x82));
            QCOMPARE(all[i].header.stream, uint8_t(3));
            QCOMPARE(all[i].header.credit, uint8_t(9));
            QCOMPARE(all[i].header.seq, 0xDEADBEEFu);
            QCOMPARE(all[i].header.ticks, static_cast<uint32_t>(payloads[i].size()));
        }
    }

    void everySingleByteErrorIsSeen()
    {
        const QByteArray good = frameBytes({}, QByteArray("\x00\x01\x02 payload \x00\xff", 14));
        for (int at = 0; at < good.size() - 1; ++at) {
            for (int flip = 1; flip < 256; ++flip) {
                QByteArray bad = good;
                bad[at] = static_cast<char>(bad[at] ^ flip);
                for (const Received& r : receive(bad))
                    QVERIFY2(r.verdict != FrameVerdict::Valid, qPrintable(QStringLiteral("byte %1").arg(at)));
            }
        }
    }

    void aReaderInTheMiddleIsInStepAfterOneFrame()
    {
        QByteArray stream;
        for (uint32_t i = 0; i < 5; ++i)
            stream += frameBytes(FrameHeader{0, 1, 0, 0, i, 0}, QByteArray(40, 'x'));
        for (int cut = 1; cut < stream.size(); ++cut) {
            const QList<Received> all = receive(stream.mid(cut));
            int valid = 0;
            for (const Received& r : all)
                valid += r.verdict == FrameVerdict::Valid ? 1 : 0;
            QVERIFY(all.size() - valid <= 1);
            QVERIFY(valid >= stream.mid(cut).count('\0') - 1);
        }
    }

    void oversizedAndForeignFramesAreRefused()
    {
        QCOMPARE(receive(frameBytes({}, QByteArray(200, 'x')), 64).constFirst().verdict, FrameVerdict::TooLong);
        QCOMPARE(receive(QByteArray("\x02\x41\x00", 3)).constFirst().verdict, FrameVerdict::Torn);
        QVERIFY(receive(QByteArray(10, '\0')).isEmpty());

        // A good frame of a protocol version from the future.
        uint8_t raw[kHeaderSize + 2] = {};
        raw[0] = (kProtocolVersion + 1) << 4;
        putU16(raw + kHeaderSize, crc16(raw, kHeaderSize));
        const QByteArray stream = cobs(QByteArray(reinterpret_cast<char*>(raw), sizeof raw)) + '\0';
        QCOMPARE(receive(stream).constFirst().verdict, FrameVerdict::BadVersion);
    }

    void randomBytesNeverPassForAFrame()
    {
        QRandomGenerator random(3);
        int valid = 0;
        for (int i = 0; i < 200; ++i) {
            for (const Received& r : receive(randomBytes(random, 5000, 2), 256))
                valid += r.verdict == FrameVerdict::Valid ? 1 : 0;
        }
        // 20 000 candidates against a 16-bit check and a version nibble: one passing would be rare, two a fault.
        QVERIFY(valid <= 1);
    }

    void cborIsWhatQtReads()
    {
        uint8_t buffer[256];
        CborWriter writer(buffer, sizeof buffer);
        writer.map(6);
        writer.uintPair("small", 7);
        writer.uintPair("byte", 200);
        writer.uintPair("word", 60'000);
        writer.uintPair("long", 4'000'000'000u);
        writer.textPair("name", "imu");
        writer.text("list");
        writer.array(2);
        writer.float32(0.25f);
        writer.bytes(reinterpret_cast<const uint8_t*>("\x00\x01"), 2);
        QVERIFY(writer.ok());
        const QCborMap map =
            QCborValue::fromCbor(QByteArray(reinterpret_cast<char*>(buffer), static_cast<int>(writer.size()))).toMap();
        QCOMPARE(map.value(QStringLiteral("small")).toInteger(), 7);
        QCOMPARE(map.value(QStringLiteral("byte")).toInteger(), 200);
        QCOMPARE(map.value(QStringLiteral("word")).toInteger(), 60'000);
        QCOMPARE(map.value(QStringLiteral("long")).toInteger(), 4'000'000'000ll);
        QCOMPARE(map.value(QStringLiteral("name")).toString(), QStringLiteral("imu"));
        QCOMPARE(map.value(QStringLiteral("list")).toArray().at(0).toDouble(), 0.25);
        QCOMPARE(map.value(QStringLiteral("list")).toArray().at(1).toByteArray(), QByteArray("\x00\x01", 2));

        CborWriter small(buffer, 4);
        small.text("does not fit");
        QVERIFY(!small.ok());
    }

    void messagesSurvivePacking()
    {
        uint8_t bytes[64];
        OutputHeader out;
        out.row = 70'000;
        out.winner = 4;
        out.features = 90;
        out.outputs = 5;
        out.featureTicks = 123'456;
        out.modelTicks = 789;
        out.stackBytes = 640;
        out.pack(bytes);
        const OutputHeader back = OutputHeader::unpack(bytes);
        QCOMPARE(back.row, out.row);
        QCOMPARE(back.winner, out.winner);
        QCOMPARE(back.features, out.features);
        QCOMPARE(back.outputs, out.outputs);
        QCOMPARE(back.featureTicks, out.featureTicks);
        QCOMPARE(back.modelTicks, out.modelTicks);
        QCOMPARE(back.stackBytes, out.stackBytes);

        VectorHeader vector;
        vector.row = 9;
        vector.kind = kVectorWindow;
        vector.offset = 1024;
        vector.total = 1536;
        vector.pack(bytes);
        QCOMPARE(VectorHeader::unpack(bytes).total, 1536u);
        QCOMPARE(VectorHeader::unpack(bytes).kind, kVectorWindow);
    }
};

QTEST_GUILESS_MAIN(TestFrame)
#include "tst_frame.moc"
