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

constexpr uint8_t kBoth = wire::kStartSamples | wire::kStartInference;

/// Checks every frame of samples: rows hold what their number says, and rows received and rows that the board says it
/// lost are all rows there are.
class Receiver
{
public:
    explicit Receiver(const ScriptedSensor& sensor)
        : m_sensor(sensor)
    {}

    void take(const QList<SeenFrame>& all)
    {
        for (const SeenFrame& frame : all) {
            if (frame.type == MessageType::Samples)
                takeSamples(frame);
        }
    }
    uint32_t received = 0;
    uint32_t dropped = 0;
    uint32_t next = 0;
    int frames = 0;
    int faults = 0;

private:
    void takeSamples(const SeenFrame& frame)
    {
        const auto header = wire::SamplesHeader::unpack(frame.data());
        const QByteArray rows = frame.payload.mid(wire::SamplesHeader::kSize);
        const int count = static_cast<int>(rows.size() / m_sensor.rowBytes());
        const bool good = count > 0 && rows.size() % m_sensor.rowBytes() == 0 &&
                          rows == m_sensor.rows(header.firstRow, count) &&
                          header.firstRow - header.dropped == received && header.dropped >= dropped &&
                          frame.header.ticks == header.firstRow * 1000 + 5;
        faults += good ? 0 : 1;
        received += static_cast<uint32_t>(count);
        dropped = header.dropped;
        next = header.firstRow + static_cast<uint32_t>(count);
        ++frames;
    }
    const ScriptedSensor& m_sensor;
};

wire::StatsReport stats(AgentUnderTest& board)
{
    return wire::StatsReport::unpack(board.ask(MessageType::StatsRequest).data());
}

QByteArray injectPayload(uint32_t first, const QByteArray& rows)
{
    return bytesOfU32({first}) + rows;
}

} // namespace

class TestStream : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void samplesAreBatchedButNotLate_data()
    {
        QTest::addColumn<int>("rowsPerMilli");
        QTest::newRow("1 kHz") << 1;
        QTest::newRow("8 kHz") << 8;
        QTest::newRow("40 kHz") << 40;
    }
    void samplesAreBatchedButNotLate()
    {
        QFETCH(int, rowsPerMilli);
        AgentUnderTest board;
        board.sensor.rowsPerMilli = rowsPerMilli;
        QVERIFY(board.start(wire::kStartSamples));
        Receiver receiver(board.sensor);
        uint32_t latest = 0;
        for (int i = 0; i < 2000; ++i) {
            board.runMillis(1);
            receiver.take(board.take());
            const uint32_t waiting = board.sensor.nextRow - receiver.next;
            latest = std::max(latest, waiting / static_cast<uint32_t>(rowsPerMilli));
        }
        QVERIFY2(latest <= 50, qPrintable(QStringLiteral("a row waited %1 ms").arg(latest)));
        QVERIFY(receiver.received > 1900u * static_cast<uint32_t>(rowsPerMilli));
        QVERIFY2(receiver.received / static_cast<uint32_t>(receiver.frames) >= 20,
                 qPrintable(QStringLiteral("%1 frames").arg(receiver.frames)));
        QCOMPARE(receiver.dropped, 0u);
        if (rowsPerMilli == 1) // the sensor's clock in this test is a row a millisecond
            QCOMPARE(receiver.faults, 0);
    }

    void aQueueShorterThanAFrameDoesNotOverflow()
    {
        AgentUnderTest board(nullptr, true, 1024, 96); // 24 rows, where 30 would come before a frame is due by time
        board.sensor.rowsPerMilli = 1;
        QVERIFY(board.start(wire::kStartSamples));
        Receiver receiver(board.sensor);
        for (int i = 0; i < 1000; ++i) {
            board.runMillis(1);
            receiver.take(board.take());
        }
        QCOMPARE(receiver.faults, 0);
        QCOMPARE(receiver.dropped, 0u);
        QVERIFY(receiver.received > 950);
        QVERIFY2(receiver.received / static_cast<uint32_t>(receiver.frames) >= 16,
                 qPrintable(QString::number(receiver.frames)));
    }

    void everyLostRowIsCountedOnce()
    {
        // A sensor that loses rows, a link that stands still now and then: what comes plus what is counted is all.
        QRandomGenerator random(21);
        AgentUnderTest board;
        QVERIFY(board.start(wire::kStartSamples));
        Receiver receiver(board.sensor);
        for (int i = 0; i < 5000; ++i) {
            switch (random.bounded(8)) {
            case 0:
                board.sensor.lose(random.bounded(1, 50));
                break;
            case 1:
                board.port.linkRoom = 0;
                break;
            case 2:
                board.port.linkRoom = random.bounded(1, 4000);
                break;
            default:
                board.sensor.produce(random.bounded(1, 120));
            }
            board.settle();
            receiver.take(board.take());
        }
        board.port.linkRoom = 1'000'000'000;
        board.send(MessageType::Stop);
        board.settle();
        QList<SeenFrame> last = board.take();
        QCOMPARE(last.last().type, MessageType::Ack);
        receiver.take(last);
        QCOMPARE(receiver.faults, 0);
        QCOMPARE(board.badFrames, 0);
        QVERIFY(receiver.dropped > 10'000);
        QVERIFY(receiver.received > 10'000);
        const wire::StatsReport report = stats(board);
        QCOMPARE(report.rowsDropped + receiver.received, report.rowsProduced);
        QCOMPARE(report.streaming, uint8_t(0));
    }

    void aLinkThatStandsStillCostsOnlyOldRows()
    {
        AgentUnderTest board; // a queue of 512 rows
        QVERIFY(board.start(wire::kStartSamples));
        board.port.linkRoom = 0;
        for (int i = 0; i < 100; ++i) {
            board.sensor.produce(50);
            board.settle();
        }
        board.port.linkRoom = 1'000'000'000;
        board.settle();
        Receiver receiver(board.sensor);
        receiver.take(board.take());
        QCOMPARE(receiver.faults, 0);
        QCOMPARE(receiver.next, 5000u);
        QCOMPARE(receiver.received + receiver.dropped, 5000u);
        QVERIFY(receiver.received >= 512);
    }

    void stopSendsWhatIsQueuedBeforeItsAck()
    {
        AgentUnderTest board;
        QVERIFY(board.start(wire::kStartSamples));
        board.sensor.produce(10);
        for (int i = 0; i < 3; ++i)
            board.agent.step();
        QVERIFY(board.take().isEmpty()); // still waiting for company
        board.send(MessageType::Stop, {}, 0xFF);
        board.settle();
        const QList<SeenFrame> frames = board.take();
        QCOMPARE(frames.size(), 2);
        QCOMPARE(frames[0].type, MessageType::Samples);
        QCOMPARE(frames[1].type, MessageType::Ack);
        QVERIFY(!board.sensor.running);
        board.sensor.produce(10);
        board.settle();
        QVERIFY(board.take().isEmpty());
    }

    void startBeginsAnew()
    {
        AgentUnderTest board;
        QVERIFY(board.start(wire::kStartSamples));
        board.sensor.produce(700);
        board.settle();
        QVERIFY(board.start(wire::kStartSamples));
        QCOMPARE(board.sensor.starts, 2);
        board.sensor.produce(10);
        board.settle();
        const QList<SeenFrame> frames = board.take(MessageType::Samples);
        QCOMPARE(frames.size(), 1);
        QCOMPARE(wire::SamplesHeader::unpack(frames[0].data()).firstRow, 0u);
        QCOMPARE(wire::SamplesHeader::unpack(frames[0].data()).dropped, 0u);
    }

    void aSensorThatBeginsAnewIsNoLoss()
    {
        AgentUnderTest board;
        QVERIFY(board.start(wire::kStartSamples));
        board.sensor.produce(30);
        board.settle();
        board.sensor.nextRow = 0;
        board.sensor.produce(5);
        board.settle();
        const QList<SeenFrame> frames = board.take(MessageType::Samples);
        const auto header = wire::SamplesHeader::unpack(frames.last().data());
        QCOMPARE(header.firstRow, 30u);
        QCOMPARE(header.dropped, 0u);
        QCOMPARE(frames.last().payload.mid(wire::SamplesHeader::kSize), board.sensor.rows(0, 5));
        QCOMPARE(stats(board).rowsProduced, 35u);
    }

    void anotherSensorEndsTheStreamAndIsDescribed()
    {
        AgentUnderTest board;
        QVERIFY(board.start(wire::kStartSamples));
        board.sensor.produce(10);
        board.settle();
        board.take();
        board.sensor.info.type = wire::ElementType::Int32;
        ++board.sensor.version;
        board.sensor.produce(10);
        board.settle();
        const QList<SeenFrame> frames = board.take();
        QCOMPARE(frames.size(), 1);
        QCOMPARE(frames[0].type, MessageType::Description);
        QCOMPARE(stats(board).streaming, uint8_t(0));
        QVERIFY(!board.sensor.running);
    }

    void injectedRowsComeBackWholeHoweverSlowTheLink()
    {
        AgentUnderTest board(nullptr, true, 1024, 256); // a queue of 64 rows: they have to wait for room
        QVERIFY(board.start(wire::kStartSamples));
        const int starts = board.sensor.starts;
        QRandomGenerator random(22);
        Receiver receiver(board.sensor);
        uint32_t next = 0;
        int acks = 0;
        for (int i = 0; i < 200; ++i) {
            const int count = random.bounded(1, 200);
            board.port.linkRoom = random.bounded(100);
            board.send(MessageType::Inject, injectPayload(next, board.sensor.rows(next, count)), 0, next * 1000 + 5);
            for (int turn = 0; turn < 100 && acks <= i; ++turn) {
                board.settle();
                board.port.linkRoom += random.bounded(500);
                const QList<SeenFrame> frames = board.take();
                receiver.take(frames);
                for (const SeenFrame& frame : frames)
                    acks += frame.type == MessageType::Ack ? 1 : 0;
            }
            QCOMPARE(acks, i + 1);
            next += static_cast<uint32_t>(count);
        }
        board.port.linkRoom = 1'000'000'000;
        board.settle();
        receiver.take(board.take());
        QCOMPARE(receiver.faults, 0);
        QCOMPARE(receiver.dropped, 0u);
        QCOMPARE(receiver.received, next);
        QVERIFY(!board.sensor.running); // it stands still while the host stands in
        QCOMPARE(board.sensor.starts, starts);
    }

    void injectionMayBeginAnywhereAndItsGapsCount()
    {
        AgentUnderTest board;
        QVERIFY(board.start(wire::kStartSamples));
        const auto inject = [&board](uint32_t first, int count) {
            return board.ask(MessageType::Inject, injectPayload(first, board.sensor.rows(first, count)), 0, 0).type;
        };
        QCOMPARE(inject(500, 10), MessageType::Ack);
        QCOMPARE(stats(board).rowsDropped, 0u);
        QCOMPARE(inject(515, 10), MessageType::Ack);
        QCOMPARE(stats(board).rowsDropped, 5u);
        QCOMPARE(stats(board).rowsProduced, 25u);
        QCOMPARE(board.ask(MessageType::Inject, injectPayload(525, QByteArray(6, 'x'))).type, MessageType::Nak);
        QCOMPARE(board.ask(MessageType::Inject, injectPayload(525, {})).type, MessageType::Nak);
    }

    void everyWindowGivesItsResult_data()
    {
        QTest::addColumn<int>("hop");
        QTest::addColumn<bool>("injected");
        for (int hop : {1, 2, 4, 7}) {
            QTest::addRow("sensor, hop %d", hop) << hop << false;
            QTest::addRow("injected, hop %d", hop) << hop << true;
        }
    }
    void everyWindowGivesItsResult()
    {
        QFETCH(int, hop);
        QFETCH(bool, injected);
        const agent::ModelDescriptor model = windowModel(static_cast<uint16_t>(hop));
        AgentUnderTest board(&model);
        QVERIFY(board.start(kBoth));
        QRandomGenerator random(23);
        QList<SeenFrame> results;
        Receiver receiver(board.sensor);
        uint32_t produced = 0;
        for (int i = 0; i < 100; ++i) {
            const int count = random.bounded(1, 40);
            if (injected)
                board.send(MessageType::Inject, injectPayload(produced, board.sensor.rows(produced, count)), 0,
                           produced * 1000 + 5);
            else
                board.sensor.produce(count);
            produced += static_cast<uint32_t>(count);
            board.settle();
            const QList<SeenFrame> frames = board.take();
            receiver.take(frames);
            for (const SeenFrame& frame : frames) {
                if (frame.type == MessageType::Inference)
                    results << frame;
            }
        }
        QCOMPARE(receiver.faults, 0);
        QCOMPARE(receiver.received, produced);
        QCOMPARE(results.size(), static_cast<qsizetype>((static_cast<int>(produced) - kWindowRows) / hop + 1));
        for (qsizetype i = 0; i < results.size(); ++i) {
            const auto header = wire::InferenceHeader::unpack(results[i].data());
            const uint32_t begin = static_cast<uint32_t>(i * hop);
            QCOMPARE(header.endRow, begin + kWindowRows);
            QCOMPARE(header.outputs, uint16_t(3));
            QCOMPARE(header.cpuTicks, kExtractTicks + kInferTicks);
            const std::vector<int32_t> votes = expectedVotes(board.sensor.rows(begin, kWindowRows));
            QCOMPARE(results[i].payload.mid(wire::InferenceHeader::kSize),
                     bytesOfU32({uint32_t(votes[0]), uint32_t(votes[1]), uint32_t(votes[2])}));
        }
    }

    void noWindowSpansALoss()
    {
        const agent::ModelDescriptor model = windowModel(4);
        AgentUnderTest board(&model);
        QVERIFY(board.start(wire::kStartInference));
        board.sensor.produce(6);
        board.sensor.lose(3);
        board.sensor.produce(9);
        board.settle();
        const QList<SeenFrame> results = board.take();
        QList<uint32_t> ends;
        for (const SeenFrame& frame : results) {
            QCOMPARE(frame.type, MessageType::Inference); // and no samples, which were not asked for
            ends << wire::InferenceHeader::unpack(frame.data()).endRow;
        }
        QCOMPARE(ends, (QList<uint32_t>{4, 13, 17}));
        QCOMPARE(stats(board).rowsDropped, 3u);
    }

    void aBlockedLinkDoesNotStopTheModel()
    {
        const agent::ModelDescriptor model = windowModel(4);
        AgentUnderTest board(&model);
        QVERIFY(board.start(kBoth));
        board.port.linkRoom = 0;
        for (int i = 0; i < 2000; ++i) {
            board.sensor.produce(4);
            board.runMillis(30); // longer than a result waits for the link
        }
        board.port.linkRoom = 1'000'000'000;
        board.settle();
        const QList<SeenFrame> results = board.take(MessageType::Inference);
        QVERIFY(!results.isEmpty());
        QCOMPARE(wire::InferenceHeader::unpack(results.last().data()).endRow, 8000u);
        QCOMPARE(wire::ProfileHeader::unpack(board.ask(MessageType::ProfileRequest).data()).runs, 2000u);
    }

    // Two sensors at rates of their own over one link: each row and each loss is counted in its own stream.
    void streamsRunBesideEachOther()
    {
        AgentUnderTest board;
        ScriptedSensor slow;
        slow.info.name = "slow";
        slow.info.channels = 1;
        QByteArray memory(64, '\0');
        agent::Streamer more(slow, AgentUnderTest::bytesOf(memory), static_cast<size_t>(memory.size()));
        board.agent.addStream(more);
        const QCborArray described =
            board.ask(MessageType::DescribeRequest).cbor().value(QLatin1String("st")).toArray();
        QCOMPARE(described.size(), 2);
        QCOMPARE(described[1].toMap().value(QLatin1String("i")).toInteger(), 1);
        QCOMPARE(described[1].toMap().value(QLatin1String("n")).toString(), QStringLiteral("slow"));

        QVERIFY(board.start(wire::kStartSamples));
        QVERIFY(!slow.running);
        QCOMPARE(board.ask(MessageType::Start, QByteArray(1, char(wire::kStartSamples)), 1).type, MessageType::Ack);
        QCOMPARE(stats(board).streaming, uint8_t(3));
        QRandomGenerator random(24);
        Receiver first(board.sensor);
        Receiver second(slow);
        const auto sort = [&](const QList<SeenFrame>& frames) {
            for (const SeenFrame& frame : frames)
                (frame.header.stream == 0 ? first : second).take({frame});
        };
        for (int i = 0; i < 3000; ++i) {
            board.sensor.produce(random.bounded(1, 60));
            if (i % 7 == 0)
                slow.produce(random.bounded(1, 20));
            if (i % 50 == 0)
                slow.lose(3);
            board.port.linkRoom += random.bounded(0, 160);
            if (i == 0)
                board.port.linkRoom = 0;
            board.settle();
            sort(board.take());
        }
        board.port.linkRoom = 1'000'000'000;
        board.settle();
        sort(board.take());
        const uint32_t lastOfSlow = slow.nextRow;
        QCOMPARE(board.ask(MessageType::Stop, {}, 1).type, MessageType::Ack);
        QVERIFY(!slow.running);
        QVERIFY(board.sensor.running);
        board.sensor.produce(10);
        board.settle();
        board.send(MessageType::Stop, {}, wire::kAllStreams);
        board.settle();
        sort(board.take());
        QCOMPARE(first.faults, 0);
        QCOMPARE(second.faults, 0);
        QVERIFY(first.dropped > 0); // the link was too slow
        QCOMPARE(first.received + first.dropped, board.sensor.nextRow);
        QCOMPARE(second.next, lastOfSlow);
        QVERIFY(second.dropped >= 3u * 60);
        QVERIFY2(second.received > lastOfSlow / 4, "the slow stream had its turns");
        const SeenFrame answer = board.ask(MessageType::StatsRequest, {}, 1);
        QCOMPARE(answer.header.stream, uint8_t(1));
        const auto report = wire::StatsReport::unpack(answer.data());
        QCOMPARE(report.rowsProduced, lastOfSlow);
        QCOMPARE(report.rowsDropped, second.dropped);
        QCOMPARE(report.streaming, uint8_t(0));
        QCOMPARE(board.badFrames, 0);
    }

    void modelAndStreamMustFit()
    {
        agent::ModelDescriptor model = windowModel(4);
        model.channels = 3;
        AgentUnderTest board(&model);
        const SeenFrame answer = board.ask(MessageType::Start, QByteArray(1, char(kBoth)));
        QCOMPARE(answer.type, MessageType::Nak);
        QCOMPARE(NakReason(answer.data()[5]), NakReason::WrongShape);
        QVERIFY(board.start(wire::kStartSamples)); // to look at the rows is still allowed
    }

    void vectorsHaveToWaitForTheStream()
    {
        const agent::ModelDescriptor model = windowModel(4);
        AgentUnderTest board(&model);
        wire::VectorHeader header;
        header.kind = wire::kVectorWindow;
        header.total = 16;
        QByteArray vector(wire::VectorHeader::kSize, '\0');
        header.pack(AgentUnderTest::bytesOf(vector));
        vector += QByteArray(16, '\1');
        QVERIFY(board.start(kBoth));
        const SeenFrame answer = board.ask(MessageType::Vector, vector);
        QCOMPARE(answer.type, MessageType::Nak);
        QCOMPARE(NakReason(answer.data()[5]), NakReason::Busy);
        QCOMPARE(board.ask(MessageType::Stop).type, MessageType::Ack);
        QCOMPARE(board.ask(MessageType::Vector, vector).type, MessageType::Output);

        // A stream in between has used the buffers: half an input from before it is void.
        const QByteArray firstHalf = vector.left(wire::VectorHeader::kSize + 8);
        header.offset = 8;
        header.pack(AgentUnderTest::bytesOf(vector));
        const QByteArray secondHalf = vector.left(wire::VectorHeader::kSize + 8);
        QCOMPARE(board.ask(MessageType::Vector, firstHalf).type, MessageType::Ack);
        QCOMPARE(board.ask(MessageType::Vector, secondHalf).type, MessageType::Output);
        QCOMPARE(board.ask(MessageType::Vector, firstHalf).type, MessageType::Ack);
        QVERIFY(board.start(kBoth));
        QCOMPARE(board.ask(MessageType::Stop).type, MessageType::Ack);
        QCOMPARE(board.ask(MessageType::Vector, secondHalf).type, MessageType::Nak);
    }
};

QTEST_GUILESS_MAIN(TestStream)
#include "tst_stream.moc"
