// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/agent_messages.h"
#include "core/device/description.h"
#include "core/device/frame_decoder.h"
#include "device-agent/wire/description.hpp"

#include <QCborArray>
#include <QCborMap>
#include <QRandomGenerator>
#include <QTest>

using namespace ember;
using namespace ember::device;

namespace {

QByteArray randomBytes(QRandomGenerator& random, int size)
{
    QByteArray bytes(size, '\0');
    for (char& c : bytes)
        c = static_cast<char>(random.bounded(256));
    return bytes;
}

Frame makeFrame(QRandomGenerator& random, quint32 seq)
{
    Frame frame;
    frame.header.type = static_cast<quint8>(random.bounded(256));
    frame.header.stream = static_cast<quint8>(random.bounded(8));
    frame.header.seq = seq;
    frame.header.ticks = random.generate();
    frame.payload = randomBytes(random, random.bounded(300));
    return frame;
}

QCborMap goodStream()
{
    const QCborMap channel{{QStringLiteral("n"), QStringLiteral("ax")},
                           {QStringLiteral("u"), QStringLiteral("m/s2")},
                           {QStringLiteral("s"), 0.25},
                           {QStringLiteral("o"), 1}};
    return {{QStringLiteral("i"), 0},
            {QStringLiteral("n"), QStringLiteral("imu")},
            {QStringLiteral("t"), 1},
            {QStringLiteral("r"), 100.0},
            {QStringLiteral("c"), QCborArray{channel, channel}}};
}

QCborMap goodModel()
{
    return {{QStringLiteral("n"), QStringLiteral("forest")},
            {QStringLiteral("h"), QStringLiteral("0123456789abcdef")},
            {QStringLiteral("k"), 1},
            {QStringLiteral("w"), 200},
            {QStringLiteral("hp"), 100},
            {QStringLiteral("ic"), 2},
            {QStringLiteral("f"), 40},
            {QStringLiteral("ft"), 3},
            {QStringLiteral("v"), 3},
            {QStringLiteral("c"), QCborArray{QStringLiteral("walk"), QStringLiteral("sit"), QStringLiteral("stand")}},
            {QStringLiteral("sg"), QCborArray{QStringLiteral("features"), QStringLiteral("model")}}};
}

QCborMap goodDescription()
{
    return {{QStringLiteral("p"), 1},
            {QStringLiteral("fw"), QStringLiteral("0.1.0")},
            {QStringLiteral("id"), QByteArray(20, '\7')},
            {QStringLiteral("b"), QStringLiteral("mps2-an386")},
            {QStringLiteral("s"), 77},
            {QStringLiteral("mp"), 4080},
            {QStringLiteral("ch"), 25'000'000},
            {QStringLiteral("st"), QCborArray{goodStream()}},
            {QStringLiteral("m"), goodModel()},
            {QStringLiteral("cap"), QCborArray{QStringLiteral("inject"), QStringLiteral("vector")}},
            {QStringLiteral("from the future"), QCborArray{1, 2, 3}}};
}

QByteArray cborOf(const QCborMap& map)
{
    return map.toCborValue().toCbor();
}

} // namespace

class TestDecoding : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void framesAreFoundWhereverTheChunksAreCut()
    {
        QRandomGenerator random(11);
        QList<Frame> sent;
        QByteArray stream;
        for (quint32 i = 0; i < 300; ++i) {
            sent << makeFrame(random, i);
            stream += encodeFrame(sent.last().header, sent.last().payload);
        }
        for (int round = 0; round < 20; ++round) {
            FrameDecoder decoder;
            QList<Frame> got;
            for (qsizetype at = 0; at < stream.size();) {
                const qsizetype piece = 1 + random.bounded(round < 2 ? 1 : 700);
                decoder.feed(stream.mid(at, piece), [&](const Frame& frame) { got << frame; });
                at += piece;
            }
            QCOMPARE(got.size(), sent.size());
            for (int i = 0; i < got.size(); ++i) {
                QCOMPARE(got[i].header.seq, sent[i].header.seq);
                QCOMPARE(got[i].header.type, sent[i].header.type);
                QCOMPARE(got[i].header.ticks, sent[i].header.ticks);
                QCOMPARE(got[i].payload, sent[i].payload);
            }
            QCOMPARE(decoder.counts().bytes, stream.size());
            QCOMPARE(decoder.counts().frames, sent.size());
            QCOMPARE(decoder.counts().refused(), 0);
        }
    }

    void aFlippedBitCostsItsOwnFrameAndNoOther()
    {
        QRandomGenerator random(12);
        const QByteArray first = encodeFrame({.seq = 1}, QByteArray("one"));
        const QByteArray middle = encodeFrame({.seq = 2}, randomBytes(random, 100));
        const QByteArray last = encodeFrame({.seq = 3}, QByteArray("three"));
        for (qsizetype at = 0; at < middle.size() - 1; ++at) {
            for (int bit = 0; bit < 8; ++bit) {
                QByteArray bad = middle;
                bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
                FrameDecoder decoder;
                QList<quint32> seqs;
                decoder.feed(first + bad + last, [&](const Frame& frame) { seqs << frame.header.seq; });
                QCOMPARE(seqs, (QList<quint32>{1, 3}));
                QVERIFY(decoder.counts().refused() >= 1);
            }
        }
    }

    void refusedFramesAreCountedByTheirFault()
    {
        FrameDecoder decoder;
        const auto feed = [&](const QByteArray& bytes) { decoder.feed(bytes, {}); };
        feed(QByteArray("\x05\x01\x00", 3));
        QCOMPARE(decoder.counts().torn, 1);
        QByteArray damaged = encodeFrame({}, "payload");
        damaged[20] = static_cast<char>(damaged[20] ^ 1);
        feed(damaged);
        QCOMPARE(decoder.counts().badCrc, 1);
        feed(encodeFrame({}, QByteArray(FrameDecoder::kMaxFrame, 'x')));
        QCOMPARE(decoder.counts().tooLong, 1);
        feed(encodeFrame({}, QByteArray(65'000, 'x')));
        QCOMPARE(decoder.counts().frames, 1);
        QCOMPARE(decoder.counts().refused(), 3);
    }

    void noiseIsSurvived()
    {
        QRandomGenerator random(13);
        FrameDecoder decoder;
        qint64 frames = 0;
        for (int i = 0; i < 500; ++i)
            decoder.feed(randomBytes(random, 4000), [&](const Frame&) { ++frames; });
        // 8000 candidates against a 16-bit check and a version: one passing would be rare, two a fault.
        QVERIFY(frames <= 1);
        QCOMPARE(decoder.counts().bytes, 2'000'000);
        // In step again after one delimiter.
        quint32 seq = 0;
        decoder.feed(QByteArray(1, '\0') + encodeFrame({.seq = 9}, "x"), [&](const Frame& f) { seq = f.header.seq; });
        QCOMPARE(seq, 9u);
    }

    void aDescriptionIsRead()
    {
        const auto board = parseDescription(cborOf(goodDescription()));
        QVERIFY2(board, qPrintable(board ? QString() : board.error().message));
        QCOMPARE(board->firmware, QStringLiteral("0.1.0"));
        QCOMPARE(board->buildId, QByteArray(20, '\7'));
        QCOMPARE(board->session, 77u);
        QCOMPARE(board->maxPayload, 4080);
        QCOMPARE(board->cpuTickHz, 25'000'000);
        QVERIFY(board->can(QStringLiteral("inject")));
        QVERIFY(!board->can(QStringLiteral("learn")));
        QCOMPARE(board->streams.size(), size_t(1));
        const signal::StreamSpec& spec = board->stream(0)->spec;
        QCOMPARE(spec.type, signal::SampleType::Int16);
        QCOMPARE(spec.rateHz, 100.0);
        QCOMPARE(spec.channels[1], (signal::Channel{QStringLiteral("ax"), QStringLiteral("m/s2"), 0.25, 1.0}));
        QVERIFY(!board->stream(1));
        QVERIFY(board->model);
        QCOMPARE(board->model->input, ModelInput::Window);
        QCOMPARE(board->model->windowRows, 200);
        QCOMPARE(board->model->classNames.at(2), QStringLiteral("stand"));
        QCOMPARE(board->model->stages.size(), 2);
    }

    void whatIsOptionalMayBeMissing()
    {
        QCborMap map = goodDescription();
        for (const char* key : {"st", "m", "cap"})
            map.remove(QLatin1String(key));
        const auto board = parseDescription(cborOf(map));
        QVERIFY(board);
        QVERIFY(board->streams.empty());
        QVERIFY(!board->model);

        // A channel without words for itself.
        QCborMap stream = goodStream();
        stream[QStringLiteral("c")] = QCborArray{QCborMap{}, QCborMap{}};
        map[QStringLiteral("st")] = QCborArray{stream};
        const auto plain = parseDescription(cborOf(map));
        QVERIFY(plain);
        QCOMPARE(plain->streams.front().spec.channels[1], (signal::Channel{QStringLiteral("c1"), QString(), 1.0, 0.0}));
    }

    void faultsAreNamed_data()
    {
        QTest::addColumn<QByteArray>("cbor");
        QTest::addColumn<QString>("names");
        const auto with = [](const char* key, const QCborValue& value) {
            QCborMap map = goodDescription();
            map[QLatin1String(key)] = value;
            return cborOf(map);
        };
        const auto withStream = [&](const char* key, const QCborValue& value) {
            QCborMap stream = goodStream();
            stream[QLatin1String(key)] = value;
            return with("st", QCborArray{stream});
        };
        const auto withModel = [&](const char* key, const QCborValue& value) {
            QCborMap model = goodModel();
            model[QLatin1String(key)] = value;
            return with("m", model);
        };
        const auto withChannel = [&](const char* key, const QCborValue& value) {
            return withStream("c", QCborArray{QCborMap{{QLatin1String(key), value}}});
        };
        const double nan = std::numeric_limits<double>::quiet_NaN();
        QTest::newRow("text for a number") << with("mp", QStringLiteral("many")) << QStringLiteral("'mp'");
        QTest::newRow("negative payload") << with("mp", -5) << QStringLiteral("'mp'");
        QTest::newRow("huge session") << with("s", 1ll << 40) << QStringLiteral("'s'");
        QTest::newRow("timer that stands") << with("ch", 0) << QStringLiteral("'ch'");
        QTest::newRow("id as text") << with("id", QStringLiteral("abc")) << QStringLiteral("'id'");
        QTest::newRow("long id") << with("id", QByteArray(65, 'x')) << QStringLiteral("'id'");
        QTest::newRow("empty board") << with("b", QString()) << QStringLiteral("'b'");
        QTest::newRow("escape codes") << with("b", QStringLiteral("a\x1b[2J")) << QStringLiteral("'b'");
        QTest::newRow("endless name") << with("fw", QString(5000, QLatin1Char('x'))) << QStringLiteral("'fw'");
        QTest::newRow("streams no list") << with("st", 5) << QStringLiteral("'st'");
        QTest::newRow("same stream twice")
            << with("st", QCborArray{goodStream(), goodStream()}) << QStringLiteral("'st.i'");
        QTest::newRow("stream no map") << with("st", QCborArray{1}) << QStringLiteral("'st.");
        QTest::newRow("stream 200") << withStream("i", 200) << QStringLiteral("'st.i'");
        QTest::newRow("element type 9") << withStream("t", 9) << QStringLiteral("'st.t'");
        QTest::newRow("rate NaN") << withStream("r", nan) << QStringLiteral("'st.r'");
        QTest::newRow("rate below zero") << withStream("r", -1.0) << QStringLiteral("'st.r'");
        QTest::newRow("no channels") << withStream("c", QCborArray()) << QStringLiteral("'st.c'");
        QTest::newRow("scale zero") << withChannel("s", 0.0) << QStringLiteral("'st.c.s'");
        QTest::newRow("scale infinite") << withChannel("s", std::numeric_limits<double>::infinity())
                                        << QStringLiteral("'st.c.s'");
        QTest::newRow("window of nothing") << withModel("w", 0) << QStringLiteral("'m.w'");
        QTest::newRow("window of everything") << withModel("ic", 65'535) << QStringLiteral("'m.w'");
        QTest::newRow("class no text") << withModel("c", QCborArray{7}) << QStringLiteral("'m.c'");
        QTest::newRow("capability no text") << with("cap", QCborArray{QCborMap()}) << QStringLiteral("'cap'");
        QCborArray many;
        for (int i = 0; i < 40; ++i)
            many.append(QCborMap{});
        QTest::newRow("forty channels") << withStream("c", many) << QStringLiteral("'st.c'");
        QTest::newRow("not a map") << QCborValue(QCborArray{1}).toCbor() << QStringLiteral("map");
        QTest::newRow("nothing") << QByteArray() << QStringLiteral("CBOR");
        QTest::newRow("text") << QByteArray("hello") << QStringLiteral("CBOR");
        QTest::newRow("deep") << QByteArray(50'000, '\x81') << QStringLiteral("CBOR");
        QTest::newRow("too long") << QByteArray(100'000, '\0') << QStringLiteral("long");
        QTest::newRow("array that claims four billion")
            << QByteArray("\x9A\xFF\xFF\xFF\xFF", 5) << QStringLiteral("CBOR");
    }
    void faultsAreNamed()
    {
        QFETCH(QByteArray, cbor);
        QFETCH(QString, names);
        const auto board = parseDescription(cbor);
        QVERIFY(!board);
        QCOMPARE(board.error().kind, ErrorKind::Board);
        QVERIFY(!board.error().mayMend());
        QVERIFY2(board.error().message.contains(names), qPrintable(board.error().message));
    }

    void anotherProtocolVersionIsSaidSo()
    {
        QCborMap map = goodDescription();
        map[QStringLiteral("p")] = 2;
        const auto board = parseDescription(cborOf(map));
        QCOMPARE(board.error().kind, ErrorKind::Board);
        QVERIFY(board.error().message.contains(QStringLiteral("version 2")));
    }

    void damagedDescriptionsNeverCrash()
    {
        QRandomGenerator random(14);
        const QByteArray good = cborOf(goodDescription());
        for (qsizetype size = 0; size < good.size(); ++size)
            QVERIFY(!parseDescription(good.left(size)));
        int accepted = 0;
        for (int i = 0; i < 20'000; ++i) {
            QByteArray bad = good;
            for (int flips = 1 + random.bounded(8); flips > 0; --flips)
                bad[random.bounded(static_cast<int>(bad.size()))] = static_cast<char>(random.bounded(256));
            const auto board = parseDescription(bad);
            if (!board)
                continue;
            ++accepted; // then it keeps its promises
            QVERIFY(board->maxPayload >= 32 && board->cpuTickHz > 0);
            for (const StreamDescription& stream : board->streams) {
                QVERIFY(stream.spec.channels.size() >= 1 && stream.spec.channels.size() <= wire::kMaxChannels);
                QVERIFY(std::isfinite(stream.spec.rateHz) && stream.spec.rateHz >= 0);
            }
        }
        QVERIFY(accepted > 0);
        for (int i = 0; i < 20'000; ++i)
            static_cast<void>(parseDescription(randomBytes(random, random.bounded(200))));
    }

    void answersAreCheckedAgainstTheirSize()
    {
        DeployedModel model;
        model.features = 2;
        model.featureType = signal::SampleType::Int16;
        model.outputs = 1;
        wire::OutputHeader header;
        header.row = 5;
        header.features = 2;
        header.outputs = 1;
        QByteArray good(wire::OutputHeader::kSize, '\0');
        header.pack(reinterpret_cast<uint8_t*>(good.data()));
        good += QByteArray("\x01\x00\x02\x00\xFE\xFF\xFF\xFF", 8);
        const auto output = parseOutput(good, model);
        QVERIFY(output);
        QCOMPARE(output->row, 5u);
        QCOMPARE(output->features, QByteArray("\x01\x00\x02\x00", 4));
        QCOMPARE(output->outputs.integers(), std::vector<qint32>{-2});
        for (qsizetype size = 0; size < good.size(); ++size)
            QVERIFY(!parseOutput(good.left(size), model));
        QVERIFY(!parseOutput(good + 'x', model));
        model.features = 3; // another model than the board runs
        QVERIFY(!parseOutput(good, model));

        QVERIFY(!parseProfile(QByteArray(8, '\0'), {}));
        QVERIFY(!parseStats(QByteArray(22, '\0')));
        QVERIFY(!parseInference(QByteArray(13, '\0'), 0, signal::SampleType::Int32));
        const QByteArray event("\x10\x00\x00\x00\x02\x00\x03\x07\x00", 9);
        const auto notice = parseEvent(event);
        QVERIFY(notice && notice->endRow == 16 && notice->label == 2 && !notice->begins && notice->lost == 7);
        QVERIFY(!parseEvent(event.left(8)) && !parseEvent(event + 'x'));
        QVERIFY(!parseEvent(QByteArray(event).replace(6, 1, "\x02"))); // going on is nothing to tell
        QVERIFY(!parseLog({}));
        QVERIFY(!parseAck(QByteArray(5, '\0')));
        QCOMPARE(parseLog(QByteArray("\x02"
                                     "beep\a\x1b[31m"))
                     ->text,
                 QStringLiteral("beep  [31m"));
    }

    void everyNakReasonHasWords()
    {
        for (int reason = 0; reason <= static_cast<int>(wire::NakReason::TooLarge); ++reason) {
            const Error error =
                nakError(static_cast<quint8>(reason), {}, static_cast<quint8>(wire::MessageType::Start));
            QVERIFY2(error.message.contains(QStringLiteral("'start'")), qPrintable(error.message));
            QVERIFY2(!error.message.contains(QStringLiteral("with reason")), qPrintable(error.message));
        }
        const Error unknown = nakError(200, QStringLiteral("out of cheese"), 0x7F);
        QVERIFY(unknown.message.contains(QStringLiteral("reason 200")));
        QVERIFY(unknown.message.contains(QStringLiteral("out of cheese")));
    }
};

QTEST_GUILESS_MAIN(TestDecoding)
#include "tst_decoding.moc"
