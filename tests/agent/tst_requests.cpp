// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/agent/scripted_board.h"
#include "tests/agent/test_models.h"

#include <QCborArray>
#include <QRandomGenerator>
#include <QTest>

using namespace ember;
using namespace ember::test;
using wire::MessageType;
using wire::NakReason;

namespace {

QByteArray vectorPayload(uint32_t row, uint8_t kind, uint8_t want, int offset, int total, const QByteArray& piece)
{
    wire::VectorHeader header;
    header.row = row;
    header.kind = kind;
    header.want = want;
    header.offset = static_cast<uint32_t>(offset);
    header.total = static_cast<uint32_t>(total);
    QByteArray bytes(wire::VectorHeader::kSize, '\0');
    header.pack(AgentUnderTest::bytesOf(bytes));
    return bytes + piece;
}

constexpr uint8_t kWantAll = wire::kWantFeatures | wire::kWantOutputs;

QByteArray int16Row(QRandomGenerator& random, int count)
{
    QByteArray bytes(2 * count, '\0');
    for (int i = 0; i < count; ++i)
        wire::putU16(AgentUnderTest::bytesOf(bytes) + 2 * i, static_cast<uint16_t>(random.bounded(100)));
    return bytes;
}

} // namespace

class TestRequests : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theDescriptionSaysAll()
    {
        const agent::ModelDescriptor model = windowModel(2);
        AgentUnderTest board(&model);
        board.port.bootloader = true;
        const SeenFrame answer = board.ask(MessageType::DescribeRequest);
        QCOMPARE(answer.type, MessageType::Description);
        const QCborMap map = answer.cbor();
        QCOMPARE(map.value(QStringLiteral("p")).toInteger(), 1);
        QVERIFY(!map.value(QStringLiteral("fw")).toString().isEmpty());
        QCOMPARE(map.value(QStringLiteral("id")).toByteArray(), QByteArray("01234567890123456789"));
        QCOMPARE(map.value(QStringLiteral("b")).toString(), QStringLiteral("scripted"));
        QCOMPARE(map.value(QStringLiteral("s")).toInteger(), 77);
        QCOMPARE(map.value(QStringLiteral("mp")).toInteger(), 1024 - 16);
        QCOMPARE(map.value(QStringLiteral("ch")).toInteger(), 1'000'000);
        const QCborMap stream = map.value(QStringLiteral("st")).toArray().at(0).toMap();
        QCOMPARE(stream.value(QStringLiteral("i")).toInteger(), 0);
        QCOMPARE(stream.value(QStringLiteral("n")).toString(), QStringLiteral("imu"));
        QCOMPARE(stream.value(QStringLiteral("t")).toInteger(), 1);
        QCOMPARE(stream.value(QStringLiteral("r")).toDouble(), 1000.0);
        const QCborMap channel = stream.value(QStringLiteral("c")).toArray().at(1).toMap();
        QCOMPARE(channel.value(QStringLiteral("n")).toString(), QStringLiteral("ay"));
        QCOMPARE(channel.value(QStringLiteral("u")).toString(), QStringLiteral("m/s2"));
        QCOMPARE(channel.value(QStringLiteral("s")).toDouble(), 0.25);
        QCOMPARE(channel.value(QStringLiteral("o")).toDouble(), 1.0);
        const QCborMap m = map.value(QStringLiteral("m")).toMap();
        QCOMPARE(m.value(QStringLiteral("h")).toString(), QStringLiteral("0123456789abcdef"));
        QCOMPARE(m.value(QStringLiteral("w")).toInteger(), kWindowRows);
        QCOMPARE(m.value(QStringLiteral("hp")).toInteger(), 2);
        QCOMPARE(m.value(QStringLiteral("v")).toInteger(), 3);
        QCOMPARE(m.value(QStringLiteral("c")).toArray(), (QCborArray{"left", "right", "both"}));
        QCOMPARE(m.value(QStringLiteral("sg")).toArray(), (QCborArray{"features", "model"}));
        QCOMPARE(map.value(QStringLiteral("cap")).toArray(),
                 (QCborArray{"reset", "inject", "vector", "profile", "bootloader"}));
    }

    void aModelWithoutSensorStillHasAStream()
    {
        const agent::ModelDescriptor model = windowModel(2);
        AgentUnderTest board(&model, false);
        const QCborMap stream =
            board.ask(MessageType::DescribeRequest).cbor().value(QStringLiteral("st")).toArray().at(0).toMap();
        QCOMPARE(stream.value(QStringLiteral("n")).toString(), QStringLiteral("inject"));
        QCOMPARE(stream.value(QStringLiteral("c")).toArray().size(), 2);
        QCOMPARE(stream.value(QStringLiteral("c")).toArray().at(1).toMap().value(QStringLiteral("n")).toString(),
                 QStringLiteral("c1"));

        AgentUnderTest bare(nullptr, false);
        const QCborMap map = bare.ask(MessageType::DescribeRequest).cbor();
        QVERIFY(map.value(QStringLiteral("st")).toArray().isEmpty());
        QVERIFY(map.value(QStringLiteral("m")).isUndefined());
        QCOMPARE(map.value(QStringLiteral("cap")).toArray(), (QCborArray{"reset"}));
    }

    void itDescribesItselfUntilAHostSpeaks()
    {
        AgentUnderTest board;
        board.runMillis(9'000);
        QVERIFY(board.take(MessageType::Description).size() >= 4);
        board.ask(MessageType::StatsRequest);
        board.runMillis(8'000);
        QVERIFY(board.take(MessageType::Description).isEmpty());
        board.runMillis(9'000); // the host has gone; another may come
        QVERIFY(board.take(MessageType::Description).size() >= 2);
    }

    void aWrongRequestIsAnsweredWithItsReason_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<int>("stream");
        QTest::addColumn<QByteArray>("payload");
        QTest::addColumn<int>("reason");
        const auto row = [](const char* name, int type, int stream, const QByteArray& payload, NakReason reason) {
            QTest::newRow(name) << type << stream << payload << static_cast<int>(reason);
        };
        row("unknown type", 0x3F, 0, {}, NakReason::Unknown);
        row("the sensor's type", 0x40, 0, {}, NakReason::Unknown);
        row("start says nothing", 0x02, 0, {}, NakReason::Malformed);
        row("start wants nothing", 0x02, 0, QByteArray(1, 0), NakReason::Malformed);
        row("start wants too much", 0x02, 0, QByteArray(1, 4), NakReason::Malformed);
        row("start of another stream", 0x02, 1, QByteArray(1, 1), NakReason::NoSuchStream);
        row("start without model", 0x02, 0, QByteArray(1, 2), NakReason::NoModel);
        row("stop of another stream", 0x03, 7, {}, NakReason::NoSuchStream);
        row("configure says nothing", 0x04, 0, QByteArray(3, 1), NakReason::Malformed);
        row("configure to zero", 0x04, 0, QByteArray(4, 0), NakReason::Malformed);
        row("configure another stream", 0x04, 9, QByteArray(4, 1), NakReason::NoSuchStream);
        row("configure a fixed rate", 0x04, 0, QByteArray(4, 1), NakReason::Unsupported);
        row("inject without start", 0x05, 0, QByteArray(8, 0), NakReason::Busy);
        row("inject another stream", 0x05, 2, QByteArray(8, 0), NakReason::NoSuchStream);
        row("vector without model", 0x06, 0, QByteArray(14, 0), NakReason::NoModel);
        row("profile without model", 0x07, 0, QByteArray(1, 0), NakReason::NoModel);
        row("learn", 0x09, 0, {}, NakReason::Unsupported);
        row("bootloader", 0x0A, 0, QByteArray(1, 1), NakReason::Unsupported);
    }
    void aWrongRequestIsAnsweredWithItsReason()
    {
        QFETCH(int, type);
        QFETCH(int, stream);
        QFETCH(QByteArray, payload);
        QFETCH(int, reason);
        AgentUnderTest board;
        const SeenFrame answer = board.ask(static_cast<MessageType>(type), payload, static_cast<uint8_t>(stream), 0);
        QCOMPARE(answer.type, MessageType::Nak);
        const auto header = wire::AckHeader::unpack(answer.data());
        QCOMPARE(int(header.type), type);
        QCOMPARE(header.seq, 101u);
        QCOMPARE(int(header.reason), reason);
        QVERIFY(answer.payload.size() > static_cast<qsizetype>(wire::AckHeader::kSize)); // says it in words
    }

    void aBoardWithoutStreamStartsNothing()
    {
        AgentUnderTest board;
        board.sensor.known = false;
        const SeenFrame answer = board.ask(MessageType::Start, QByteArray(1, 1));
        QCOMPARE(answer.type, MessageType::Nak);
        QCOMPARE(NakReason(answer.data()[5]), NakReason::NoSuchStream);
    }

    void configureTellsTheNewRate()
    {
        AgentUnderTest board;
        board.sensor.fixedRate = false;
        board.settle();
        board.take();
        board.send(MessageType::Configure, bytesOfU32({50'000}));
        board.settle();
        const QList<SeenFrame> frames = board.take();
        QCOMPARE(frames.size(), 2);
        QCOMPARE(frames[0].type, MessageType::Ack);
        QCOMPARE(frames[1].type, MessageType::Description);
        QCOMPARE(
            frames[1].cbor().value(QStringLiteral("st")).toArray().at(0).toMap().value(QStringLiteral("r")).toDouble(),
            50.0);
    }

    void itsOwnFramesComeBackUnanswered()
    {
        AgentUnderTest board;
        board.settle();
        board.port.in += board.port.out; // a looped link
        board.take();
        board.port.in += AgentUnderTest::frame(0x8F, QByteArray(8, 'x'), 0, 1);
        board.settle();
        QVERIFY(board.take().isEmpty());
        QCOMPARE(board.ask(MessageType::DescribeRequest).type, MessageType::Description);
    }

    void everyRequestOfManyGetsItsAnswerInOrder()
    {
        AgentUnderTest board;
        board.settle();
        board.take();
        QList<uint32_t> asked;
        for (int i = 0; i < 200; ++i)
            asked << board.send(MessageType::Learn);
        board.settle();
        QList<uint32_t> answered;
        for (const SeenFrame& frame : board.take(MessageType::Nak))
            answered << wire::AckHeader::unpack(frame.data()).seq;
        QCOMPARE(answered, asked);
    }

    void garbageIsCountedAndSurvived()
    {
        AgentUnderTest board;
        QRandomGenerator random(11);
        int answered = 0;
        for (int round = 0; round < 300; ++round) {
            QByteArray noise(random.bounded(3000), '\0');
            for (char& c : noise)
                c = static_cast<char>(random.bounded(100) < 3 ? 0 : random.bounded(256));
            board.port.in += noise + '\0';
            answered += board.ask(MessageType::DescribeRequest).type == MessageType::Description ? 1 : 0;
        }
        QCOMPARE(answered, 300);
        const auto stats = wire::StatsReport::unpack(board.ask(MessageType::StatsRequest).data());
        QVERIFY(stats.rxErrors > 1000);
        QVERIFY(stats.rxFrames >= 301);
        QCOMPARE(board.badFrames, 0);
    }

    void damagedRequestsOfEveryTypeAreSurvived()
    {
        // Whole frames with wild content: what the CRC cannot catch.
        const agent::ModelDescriptor model = windowModel(2);
        QRandomGenerator random(12);
        for (int withModel = 0; withModel < 2; ++withModel) {
            AgentUnderTest board(withModel ? &model : nullptr, true, 256, 300);
            for (int i = 0; i < 20'000; ++i) {
                QByteArray payload(random.bounded(random.bounded(10) == 0 ? 240 : 24), '\0');
                for (char& c : payload)
                    c = static_cast<char>(random.bounded(4) ? random.bounded(4) : random.bounded(256));
                board.port.in += AgentUnderTest::frame(
                    static_cast<uint8_t>(random.bounded(0x10)), payload,
                    static_cast<uint8_t>(random.bounded(8) ? 0 : random.bounded(256)), static_cast<uint32_t>(i));
                if (random.bounded(20) == 0)
                    board.sensor.produce(random.bounded(1, 100));
                board.settle();
            }
            board.port.resets.clear();
            QCOMPARE(board.badFrames, 0);
            board.send(MessageType::Stop);
            board.settle();
            QCOMPARE(board.ask(MessageType::StatsRequest).type, MessageType::Stats);
        }
    }

    void aHostThatGoesAwayInMidFrameCostsOneFrame()
    {
        AgentUnderTest board;
        const QByteArray request = AgentUnderTest::frame(0x08, {}, 0, 1);
        board.port.in += request.left(request.size() / 2);
        board.settle();
        board.take();
        board.send(MessageType::StatsRequest); // the next host's first request is taken for the rest of the torn one
        board.settle();
        QVERIFY(board.take().isEmpty());
        QCOMPARE(wire::StatsReport::unpack(board.ask(MessageType::StatsRequest).data()).rxErrors, 1u);
    }

    void requestsTooLongForTheBoardAreRefusedAndCounted()
    {
        AgentUnderTest board(nullptr, true, 128);
        board.port.in += AgentUnderTest::frame(0x05, QByteArray(4000, 'x'), 0, 1);
        QCOMPARE(wire::StatsReport::unpack(board.ask(MessageType::StatsRequest).data()).rxErrors, 1u);
    }

    void vectorsInAnyPiecesGiveTheModelsAnswer()
    {
        const agent::ModelDescriptor model = vectorModel();
        AgentUnderTest board(&model);
        QRandomGenerator random(13);
        for (uint32_t row = 0; row < 200; ++row) {
            const QByteArray input = int16Row(random, kVectorFeatures);
            const uint8_t want = static_cast<uint8_t>(random.bounded(4));
            SeenFrame answer{};
            for (int at = 0; at < input.size();) {
                const int length = std::min<int>(random.bounded(1, 601), static_cast<int>(input.size()) - at);
                answer = board.ask(MessageType::Vector,
                                   vectorPayload(row, wire::kVectorFeatures, want, at, static_cast<int>(input.size()),
                                                 input.mid(at, length)));
                at += length;
                QCOMPARE(answer.type, at < input.size() ? MessageType::Ack : MessageType::Output);
            }
            const auto out = wire::OutputHeader::unpack(answer.data());
            int32_t sum = 0;
            for (int i = 0; i < kVectorFeatures; ++i)
                sum += static_cast<int16_t>(wire::getU16(reinterpret_cast<const uint8_t*>(input.constData()) + 2 * i));
            QCOMPARE(out.row, row);
            QCOMPARE(out.winner, uint16_t(0));
            QCOMPARE(out.featureTicks, 0u);
            QCOMPARE(out.modelTicks, kInferTicks + wire::getU16(reinterpret_cast<const uint8_t*>(input.constData())));
            QCOMPARE(out.features, uint16_t((want & wire::kWantFeatures) ? kVectorFeatures : 0));
            QCOMPARE(out.outputs, uint16_t((want & wire::kWantOutputs) ? 2 : 0));
            QByteArray rest = answer.payload.mid(wire::OutputHeader::kSize);
            if (want & wire::kWantFeatures) {
                QCOMPARE(rest.left(input.size()), input);
                rest.remove(0, input.size());
            }
            QCOMPARE(rest, (want & wire::kWantOutputs) ? bytesOfU32({uint32_t(sum), uint32_t(-sum)}) : QByteArray());
        }
        QCOMPARE(board.port.measurements, 0); // each begun was ended
    }

    void windowsRunBothStages()
    {
        const agent::ModelDescriptor model = windowModel(2);
        AgentUnderTest board(&model);
        QRandomGenerator random(14);
        const QByteArray window = int16Row(random, kWindowRows * 2);
        const SeenFrame answer =
            board.ask(MessageType::Vector, vectorPayload(5, wire::kVectorWindow, kWantAll, 0, 16, window));
        QCOMPARE(answer.type, MessageType::Output);
        const auto out = wire::OutputHeader::unpack(answer.data());
        QCOMPARE(out.featureTicks, kExtractTicks);
        QCOMPARE(out.modelTicks, kInferTicks);
        const std::vector<int32_t> votes = expectedVotes(window);
        QCOMPARE(answer.payload.mid(wire::OutputHeader::kSize),
                 bytesOfU32({uint32_t(votes[0]), uint32_t(votes[1]), uint32_t(votes[0]), uint32_t(votes[1]),
                             uint32_t(votes[2])}));
        QCOMPARE(out.winner, uint16_t(2));
    }

    void wrongPiecesEndTheirVector_data()
    {
        QTest::addColumn<QList<QByteArray>>("pieces");
        QTest::addColumn<int>("reason");
        const auto features = [](uint32_t row, int offset, int length, int total = 600, uint8_t want = kWantAll) {
            return vectorPayload(row, wire::kVectorFeatures, want, offset, total, QByteArray(length, 'a'));
        };
        const auto row = [](const char* name, const QList<QByteArray>& pieces, NakReason reason) {
            QTest::newRow(name) << pieces << static_cast<int>(reason);
        };
        row("header cut", {QByteArray(13, '\0')}, NakReason::Malformed);
        row("no content", {features(1, 0, 0)}, NakReason::Malformed);
        row("wrong total", {features(1, 0, 100, 602)}, NakReason::WrongShape);
        row("unknown kind", {vectorPayload(1, 2, kWantAll, 0, 600, QByteArray(10, 'a'))}, NakReason::WrongShape);
        row("window for a vector model", {vectorPayload(1, wire::kVectorWindow, kWantAll, 0, 600, QByteArray(10, 'a'))},
            NakReason::WrongShape);
        row("longer than the whole", {features(1, 0, 601)}, NakReason::Malformed);
        row("beyond the end", {features(1, 0, 300), features(1, 300, 301)}, NakReason::Malformed);
        row("offset that wraps", {features(1, 0, 300), features(1, -100, 200)}, NakReason::Malformed);
        row("begins in the middle", {features(1, 300, 300)}, NakReason::Malformed);
        row("leaves a hole", {features(1, 0, 100), features(1, 200, 100)}, NakReason::Malformed);
        row("says a piece twice", {features(1, 0, 100), features(1, 100, 100), features(1, 100, 100)},
            NakReason::Malformed);
        row("changes the row", {features(1, 0, 100), features(2, 100, 100)}, NakReason::Malformed);
        row("changes its wishes", {features(1, 0, 100), features(1, 100, 100, 600, wire::kWantOutputs)},
            NakReason::Malformed);
        row("goes on after an error", {features(1, 0, 100), features(1, 200, 100), features(1, 100, 100)},
            NakReason::Malformed);
    }
    void wrongPiecesEndTheirVector()
    {
        QFETCH(QList<QByteArray>, pieces);
        QFETCH(int, reason);
        const agent::ModelDescriptor model = vectorModel();
        AgentUnderTest board(&model);
        SeenFrame answer{};
        for (const QByteArray& piece : std::as_const(pieces))
            answer = board.ask(MessageType::Vector, piece);
        QCOMPARE(answer.type, MessageType::Nak);
        QCOMPARE(int(answer.data()[5]), reason);
        // And the next one, begun anew, works.
        const QByteArray input(600, 'b');
        QCOMPARE(board.ask(MessageType::Vector, vectorPayload(9, 0, wire::kWantOutputs, 0, 600, input)).type,
                 MessageType::Output);
    }

    void anAnswerThatFitsNoFrameIsRefused()
    {
        const agent::ModelDescriptor model = vectorModel();
        AgentUnderTest board(&model, true, 512);
        const QByteArray piece(400, 'a');
        SeenFrame answer = board.ask(MessageType::Vector, vectorPayload(1, 0, kWantAll, 0, 600, piece));
        QCOMPARE(answer.type, MessageType::Nak);
        QCOMPARE(NakReason(answer.data()[5]), NakReason::TooLarge);
        answer = board.ask(MessageType::Vector, vectorPayload(1, 0, wire::kWantOutputs, 0, 600, piece));
        QCOMPARE(answer.type, MessageType::Ack);
    }

    void theProfileAddsUpAndClears()
    {
        const agent::ModelDescriptor model = vectorModel();
        AgentUnderTest board(&model);
        uint64_t sum = 0;
        for (uint16_t first : {30, 7, 99, 12}) {
            QByteArray input(600, '\0');
            wire::putU16(AgentUnderTest::bytesOf(input), first);
            QCOMPARE(board.ask(MessageType::Vector, vectorPayload(1, 0, wire::kWantOutputs, 0, 600, input)).type,
                     MessageType::Output);
            sum += kInferTicks + first;
        }
        SeenFrame answer = board.ask(MessageType::ProfileRequest, QByteArray(1, '\1'));
        QCOMPARE(answer.type, MessageType::Profile);
        auto header = wire::ProfileHeader::unpack(answer.data());
        QCOMPARE(header.cpuTickHz, 1'000'000u);
        QCOMPARE(header.runs, 4u);
        QCOMPARE(header.stages, uint8_t(1));
        const auto stage = wire::StageTicks::unpack(answer.data() + wire::ProfileHeader::kSize);
        QCOMPARE(stage.least, kInferTicks + 7);
        QCOMPARE(stage.most, kInferTicks + 99);
        QCOMPARE(uint64_t(stage.sumLow) | (uint64_t(stage.sumHigh) << 32), sum);

        answer = board.ask(MessageType::ProfileRequest);
        header = wire::ProfileHeader::unpack(answer.data());
        QCOMPARE(header.runs, 0u);
        QCOMPARE(wire::StageTicks::unpack(answer.data() + wire::ProfileHeader::kSize).least, 0u);
    }

    void theBoardRestartsAfterItsAnswerIsOut()
    {
        AgentUnderTest board;
        board.settle();
        board.port.linkRoom = 5; // the answer gets stuck
        board.send(MessageType::Reset, QByteArray(1, '\0'));
        board.settle();
        QVERIFY(board.port.resets.isEmpty());
        board.port.linkRoom = 1000;
        board.settle();
        QVERIFY(!board.port.resets.isEmpty());
        QCOMPARE(board.port.resets.first(), false);

        AgentUnderTest withBootloader;
        withBootloader.port.bootloader = true;
        withBootloader.send(MessageType::Reset, QByteArray(1, '\1'));
        withBootloader.settle();
        QCOMPARE(withBootloader.port.resets.value(0), true);
    }

    void logLinesReachTheHost()
    {
        AgentUnderTest board;
        board.agent.log(agent::LogLevel::Error, "fault at", 0x0012ABCDu);
        board.agent.log(agent::LogLevel::Info, "hello");
        for (int i = 0; i < 10; ++i)
            board.agent.log(agent::LogLevel::Debug, "more than the queue holds");
        board.settle();
        const QList<SeenFrame> lines = board.take(MessageType::Log);
        QCOMPARE(lines.size(), 4);
        QCOMPARE(lines[0].payload, QByteArray("\3fault at 0x0012abcd"));
        QCOMPARE(lines[1].payload, QByteArray("\1hello"));
    }

    void theLoadIsWhatIsNotIdle()
    {
        AgentUnderTest board;
        const auto load = [&board] {
            board.runMillis(5'000);
            return wire::StatsReport::unpack(board.ask(MessageType::StatsRequest).data()).loadPermille;
        };
        QCOMPARE(load(), uint16_t(0));
        board.sensor.onPoll = [&board] { board.port.now += 60'000; }; // a turn sleeps 20 ms
        const uint16_t busy = load();
        QVERIFY2(busy >= 740 && busy <= 760, qPrintable(QString::number(busy)));
    }

    void aStreamThatIsNotThereIsRefused()
    {
        AgentUnderTest board;
        for (const MessageType type : {MessageType::Start, MessageType::Stop, MessageType::Configure,
                                       MessageType::Inject, MessageType::StatsRequest}) {
            const SeenFrame answer = board.ask(type, QByteArray(8, '\1'), 1);
            QCOMPARE(answer.type, MessageType::Nak);
            QCOMPARE(NakReason(answer.data()[5]), NakReason::NoSuchStream);
        }
        QCOMPARE(board.ask(MessageType::Stop, {}, wire::kAllStreams).type, MessageType::Ack);
    }

    void theModelWorksOnTheFirstStreamOnly()
    {
        const agent::ModelDescriptor model = windowModel(4);
        AgentUnderTest board(&model);
        ScriptedSensor other; // with rows that the model could take
        QByteArray memory(512, '\0');
        agent::Streamer more(other, AgentUnderTest::bytesOf(memory), static_cast<size_t>(memory.size()));
        board.agent.addStream(more);
        const SeenFrame answer =
            board.ask(MessageType::Start, QByteArray(1, char(wire::kStartSamples | wire::kStartInference)), 1);
        QCOMPARE(answer.type, MessageType::Nak);
        QCOMPARE(NakReason(answer.data()[5]), NakReason::WrongShape);
        QVERIFY(board.start(wire::kStartSamples | wire::kStartInference));
        QCOMPARE(board.ask(MessageType::Start, QByteArray(1, char(wire::kStartSamples)), 1).type, MessageType::Ack);
        board.sensor.produce(4);
        other.produce(40);
        board.settle();
        const QList<SeenFrame> results = board.take(MessageType::Inference);
        QCOMPARE(results.size(), 1);
        QCOMPARE(results[0].header.stream, uint8_t(0));
    }
};

QTEST_GUILESS_MAIN(TestRequests)
#include "tst_requests.moc"
