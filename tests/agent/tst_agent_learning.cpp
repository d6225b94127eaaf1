// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/agent/scripted_board.h"
#include "tests/agent/test_models.h"

#include <QTest>

#include <array>

using namespace ember;
using namespace ember::test;
using wire::MessageType;
using wire::NakReason;

namespace {

/// A store of two slots that can lose power after any number of writes, and that is busy every other time.
class ScriptedStore final : public agent::PersistentStore
{
public:
    uint16_t slotBytes() const override { return 64; }
    void read(uint8_t slot, uint16_t offset, uint8_t* to, uint16_t count) override
    {
        std::copy_n(bytes[slot].begin() + offset, count, to);
    }
    bool erase(uint8_t slot) override
    {
        if (!hasPower() || isBusy())
            return false;
        bytes[slot].fill(0xFF);
        return true;
    }
    bool write(uint8_t slot, uint16_t offset, const uint8_t* from) override
    {
        if (!hasPower() || isBusy())
            return false;
        std::copy_n(from, kWriteBytes, bytes[slot].begin() + offset);
        return true;
    }

    std::array<std::array<uint8_t, 64>, 2> bytes{};
    int power = 1'000'000; ///< steps that are left

private:
    bool hasPower() { return power > 0 && power-- > 0; }
    bool isBusy() { return m_turn++ % 2 == 0; }
    int m_turn = 0;
};

QByteArray lesson(uint8_t action, uint16_t label = 0, uint16_t count = 0)
{
    QByteArray bytes(wire::LearnRequest::kSize, '\0');
    wire::LearnRequest request;
    request.action = action;
    request.label = label;
    request.count = count;
    request.pack(AgentUnderTest::bytesOf(bytes));
    return bytes;
}

QByteArray features(int32_t a, int32_t b)
{
    wire::VectorHeader header;
    header.kind = wire::kVectorFeatures;
    header.total = 8;
    QByteArray bytes(wire::VectorHeader::kSize, '\0');
    header.pack(AgentUnderTest::bytesOf(bytes));
    return bytes + bytesOfU32({static_cast<uint32_t>(a), static_cast<uint32_t>(b)});
}

wire::LearnedHeader learned(const SeenFrame& frame)
{
    if (frame.type != MessageType::Learned)
        qFatal("the answer is no report of what was learned");
    return wire::LearnedHeader::unpack(frame.data());
}

NakReason reasonOf(const SeenFrame& frame)
{
    return frame.type == MessageType::Nak ? static_cast<NakReason>(wire::AckHeader::unpack(frame.data()).reason)
                                          : static_cast<NakReason>(255);
}

} // namespace

class TestAgentLearning : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { pupil = Pupil(); }

    void aModelThatDoesNotLearnRefuses()
    {
        const agent::ModelDescriptor model = windowModel(2);
        AgentUnderTest board(&model);
        QCOMPARE(reasonOf(board.ask(MessageType::Learn, lesson(wire::kLearnAsk))), NakReason::Unsupported);
        AgentUnderTest bare;
        QCOMPARE(reasonOf(bare.ask(MessageType::Learn, lesson(wire::kLearnAsk))), NakReason::Unsupported);
    }

    void theLastInputIsTaughtOnce()
    {
        const agent::ModelDescriptor model = learningModel();
        AgentUnderTest board(&model, false);
        QCOMPARE(reasonOf(board.ask(MessageType::Learn, lesson(wire::kLearnLast, 1))), NakReason::Busy);
        QCOMPARE(board.ask(MessageType::Vector, features(7, -9)).type, MessageType::Output);
        const SeenFrame frame = board.ask(MessageType::Learn, lesson(wire::kLearnLast, 1));
        const wire::LearnedHeader header = learned(frame);
        QCOMPARE(int(header.outcome), 1);
        QCOMPARE(int(header.label), 1);
        QCOMPARE(int(header.lessons), 1);
        QCOMPARE(int(header.stateBytes), int(sizeof(Pupil)));
        QCOMPARE(int(header.classes), 3);
        QCOMPARE(int(wire::getU16(frame.data() + wire::LearnedHeader::kSize + 2)), 1);
        QCOMPARE(pupil.last, (std::array<int32_t, 2>{7, -9}));
        // Asked again, it is not taught again.
        QCOMPARE(reasonOf(board.ask(MessageType::Learn, lesson(wire::kLearnLast, 1))), NakReason::Busy);
        QCOMPARE(int(pupil.counts[1]), 1);
    }

    void aTornInputIsNotTaught()
    {
        const agent::ModelDescriptor model = learningModel();
        AgentUnderTest board(&model, false);
        QCOMPARE(board.ask(MessageType::Vector, features(7, -9)).type, MessageType::Output);
        QCOMPARE(board.ask(MessageType::Vector, features(1, 2).chopped(4)).type, MessageType::Ack); // the first half
        QCOMPARE(reasonOf(board.ask(MessageType::Learn, lesson(wire::kLearnLast, 1))), NakReason::Busy);
        QCOMPARE(int(pupil.counts[1]), 0);
    }

    void comingInputsAreTaught()
    {
        const agent::ModelDescriptor model = learningModel();
        AgentUnderTest board(&model);
        QCOMPARE(int(learned(board.ask(MessageType::Learn, lesson(wire::kLearnNext, 2, 2))).waiting), 2);
        QVERIFY(board.start(wire::kStartInference));
        board.sensor.produce(4 * 3); // three windows
        board.settle();
        QCOMPARE(board.take(MessageType::Inference).size(), 3);
        QCOMPARE(int(pupil.counts[2]), 2);
        QCOMPARE(int(learned(board.ask(MessageType::Learn, lesson(wire::kLearnAsk))).waiting), 0);
        // And the one after these has not been taught yet.
        QCOMPARE(int(learned(board.ask(MessageType::Learn, lesson(wire::kLearnLast, 0))).lessons), 3);
        QCOMPARE(int(pupil.counts[0]), 1);
    }

    void wrongLessonsAreRefused()
    {
        const agent::ModelDescriptor model = learningModel();
        AgentUnderTest board(&model, false);
        QCOMPARE(board.ask(MessageType::Vector, features(7, -9)).type, MessageType::Output);
        QCOMPARE(reasonOf(board.ask(MessageType::Learn)), NakReason::Malformed);
        QCOMPARE(reasonOf(board.ask(MessageType::Learn, lesson(wire::kLearnLast, 1).chopped(1))), NakReason::Malformed);
        QCOMPARE(reasonOf(board.ask(MessageType::Learn, lesson(wire::kLearnLast, 3))), NakReason::Malformed);
        QCOMPARE(reasonOf(board.ask(MessageType::Learn, lesson(wire::kLearnNext, 3, 1))), NakReason::Malformed);
        QCOMPARE(reasonOf(board.ask(MessageType::Learn, lesson(9, 1))), NakReason::Malformed);
        QCOMPARE(reasonOf(board.ask(MessageType::Learn, lesson(wire::kLearnKeep))), NakReason::Unsupported);
        QVERIFY(pupil.counts == (std::array<uint8_t, 3>{}));
    }

    void forgettingIsForgetting()
    {
        const agent::ModelDescriptor model = learningModel();
        AgentUnderTest board(&model, false);
        board.ask(MessageType::Vector, features(1, 1));
        learned(board.ask(MessageType::Learn, lesson(wire::kLearnLast, 0)));
        learned(board.ask(MessageType::Learn, lesson(wire::kLearnNext, 0, 9)));
        const wire::LearnedHeader header = learned(board.ask(MessageType::Learn, lesson(wire::kLearnForget)));
        QCOMPARE(int(header.waiting), 0);
        QVERIFY(pupil.counts == (std::array<uint8_t, 3>{}));
    }

    void whatWasKeptIsThereAfterARestart()
    {
        const agent::ModelDescriptor model = learningModel();
        ScriptedStore store;
        for (uint32_t start = 1; start <= 4; ++start) {
            pupil = Pupil(); // RAM after a restart
            AgentUnderTest board(&model, false, 1024, 2048, &store);
            const SeenFrame description = board.ask(MessageType::DescribeRequest);
            const QCborArray can = description.cbor().value(QStringLiteral("cap")).toArray();
            QVERIFY(can.contains(QStringLiteral("learn")) && can.contains(QStringLiteral("keep")));
            const wire::LearnedHeader before = learned(board.ask(MessageType::Learn, lesson(wire::kLearnAsk)));
            QCOMPARE(before.generation, start - 1);
            QCOMPARE((before.flags & wire::kLearnedRestored) != 0, start > 1);
            QCOMPARE(uint32_t{pupil.counts[1]}, start - 1);
            board.ask(MessageType::Vector, features(static_cast<int32_t>(start), 1));
            QVERIFY((learned(board.ask(MessageType::Learn, lesson(wire::kLearnLast, 1))).flags &
                     wire::kLearnedUnkept) != 0);
            const wire::LearnedHeader kept = learned(board.ask(MessageType::Learn, lesson(wire::kLearnKeep)));
            QCOMPARE(kept.generation, start);
            QCOMPARE(kept.flags & (wire::kLearnedUnkept | wire::kLearnedCanKeep), int(wire::kLearnedCanKeep));
        }
    }

    /// Power goes after any number of writes: what was kept before is there, or what was to be kept, and nothing else.
    void aTornWriteKeepsTheOldState()
    {
        const agent::ModelDescriptor model = learningModel();
        int old = 0;
        int fresh = 0;
        for (int power = 0; power < 80; ++power) {
            pupil = Pupil();
            pupil.counts = {3, 0, 0};
            ScriptedStore store;
            agent::StateKeeper first(&store, model.hash, sizeof(Pupil));
            while (first.save(&pupil) == agent::StateKeeper::Progress::Busy) {
            }
            pupil.counts = {5, 5, 5};
            store.power = power;
            for (int turn = 0; turn < 100; ++turn) {
                if (first.save(&pupil) == agent::StateKeeper::Progress::Done)
                    break;
            }
            store.power = 1000;
            pupil = Pupil();
            agent::StateKeeper second(&store, model.hash, sizeof(Pupil));
            QVERIFY(second.load(&pupil));
            const bool isOld = pupil.counts == (std::array<uint8_t, 3>{3, 0, 0});
            QVERIFY(isOld || pupil.counts == (std::array<uint8_t, 3>{5, 5, 5}));
            QCOMPARE(second.generation(), isOld ? 1u : 2u);
            ++(isOld ? old : fresh);
        }
        QVERIFY(old > 10 && fresh > 10);
    }

    void damagedAndForeignRecordsAreNotThere()
    {
        const agent::ModelDescriptor model = learningModel();
        pupil.counts = {1, 2, 3};
        ScriptedStore store;
        agent::StateKeeper keeper(&store, model.hash, sizeof(Pupil));
        while (keeper.save(&pupil) == agent::StateKeeper::Progress::Busy) {
        }
        const ScriptedStore good = store;
        Pupil read;
        QVERIFY(agent::StateKeeper(&store, model.hash, sizeof(Pupil)).load(&read));
        QVERIFY(!agent::StateKeeper(&store, "fedcba9876543210", sizeof(Pupil)).load(&read));
        QVERIFY(!agent::StateKeeper(&store, model.hash, sizeof(Pupil) - 1).load(&read));
        for (std::size_t byte = 0; byte < 24 + sizeof(Pupil); ++byte) {
            for (int bit = 0; bit < 8; ++bit) {
                store = good;
                store.bytes[0][byte] = static_cast<uint8_t>(store.bytes[0][byte] ^ (1 << bit));
                QVERIFY(!agent::StateKeeper(&store, model.hash, sizeof(Pupil)).load(&read));
            }
        }
        // One that is too small is not used.
        QVERIFY(!agent::StateKeeper(&store, model.hash, 60).canKeep());
    }

    /// A, then B in its place, then A again: what A kept before its newest is not taken for that.
    void whatAnotherModelReplacedStaysAway()
    {
        const agent::ModelDescriptor model = learningModel();
        for (int kept = 1; kept <= 4; ++kept) {
            ScriptedStore store;
            const auto keep = [&](agent::StateKeeper& keeper) {
                auto progress = keeper.save(&pupil);
                for (int turn = 0; turn < 1000 && progress == agent::StateKeeper::Progress::Busy; ++turn)
                    progress = keeper.save(&pupil);
                return progress == agent::StateKeeper::Progress::Done;
            };
            agent::StateKeeper first(&store, model.hash, sizeof(Pupil));
            for (int i = 0; i < kept; ++i)
                QVERIFY(keep(first));
            Pupil read;
            QVERIFY(agent::StateKeeper(&store, model.hash, sizeof(Pupil)).load(&read));
            agent::StateKeeper other(&store, "fedcba9876543210", sizeof(Pupil));
            QVERIFY(!other.load(&read));
            QVERIFY(keep(other));
            QVERIFY(agent::StateKeeper(&store, "fedcba9876543210", sizeof(Pupil)).load(&read));
            QVERIFY(!agent::StateKeeper(&store, model.hash, sizeof(Pupil)).load(&read));
        }
    }

    void generationsCountAround()
    {
        const agent::ModelDescriptor model = learningModel();
        ScriptedStore store;
        agent::StateKeeper keeper(&store, model.hash, sizeof(Pupil));
        const auto keepWith = [&](uint8_t count) {
            pupil.counts[0] = count;
            while (keeper.save(&pupil) == agent::StateKeeper::Progress::Busy) {
            }
        };
        keepWith(1);
        // As if it had been kept 2^32 - 1 times: the number, and the CRC over it.
        wire::putU32(store.bytes[0].data() + 12, 0xFFFFFFFFu);
        uint32_t running = 0xFFFFFFFFu;
        for (int i = 0; i < 20; ++i)
            running = wire::crc32Update(running, store.bytes[0][static_cast<std::size_t>(i)]);
        for (std::size_t i = 0; i < sizeof(Pupil); ++i)
            running = wire::crc32Update(running, store.bytes[0][24 + i]);
        wire::putU32(store.bytes[0].data() + 20, ~running);
        keeper = agent::StateKeeper(&store, model.hash, sizeof(Pupil));
        QVERIFY(keeper.load(&pupil));
        QCOMPARE(keeper.generation(), 0xFFFFFFFFu);
        keepWith(2);
        QCOMPARE(keeper.generation(), 1u);
        agent::StateKeeper again(&store, model.hash, sizeof(Pupil));
        QVERIFY(again.load(&pupil));
        QCOMPARE(int(pupil.counts[0]), 2);
    }

    void theSelfTestRunsWhatIsStored()
    {
        agent::ModelDescriptor model = windowModel(4);
        QByteArray table;
        for (int v = 0; v < 3; ++v) {
            QByteArray rows;
            for (int i = 0; i < 8; ++i)
                rows += QByteArray(1, static_cast<char>(v * 5 + i)) + QByteArray(1, '\0');
            table += rows;
            const std::vector<int32_t> votes = expectedVotes(rows);
            for (const int32_t vote : votes)
                table += bytesOfU32({static_cast<uint32_t>(vote)});
            table += QByteArray("\2\0", 2); // all are positive: their total is the largest
        }
        agent::SelfTestVectors vectors{reinterpret_cast<const uint8_t*>(table.constData()), 3, 16};
        model.selfTest = &vectors;
        AgentUnderTest board(&model);
        const auto ask = [&] {
            const SeenFrame frame = board.ask(MessageType::SelfTest);
            return frame.type == MessageType::SelfTested ? wire::SelfTestReport::unpack(frame.data())
                                                         : wire::SelfTestReport();
        };
        QVERIFY(board.ask(MessageType::DescribeRequest)
                    .cbor()
                    .value(QStringLiteral("cap"))
                    .toArray()
                    .contains(QStringLiteral("self-test")));
        wire::SelfTestReport report = ask();
        QCOMPARE(int(report.vectors), 3);
        QCOMPARE(int(report.wrong), 0);
        QCOMPARE(int(report.vector), int(wire::SelfTestReport::kNone));
        // Another output is stored, and then another class.
        const qsizetype size = 16 + 12 + 2;
        table[size + 16 + 4] = static_cast<char>(table[size + 16 + 4] + 1);
        vectors.inFlash = reinterpret_cast<const uint8_t*>(table.constData());
        report = ask();
        QCOMPARE(int(report.wrong), 1);
        QCOMPARE(int(report.vector), 1);
        QCOMPARE(int(report.output), 1);
        QCOMPARE(report.storedBits, report.bits + 1);
        table[size - 2] = 1;
        vectors.inFlash = reinterpret_cast<const uint8_t*>(table.constData());
        report = ask();
        QCOMPARE(int(report.wrong), 2);
        QCOMPARE(int(report.vector), 0);
        QCOMPARE(int(report.output), int(wire::SelfTestReport::kNone));
        QCOMPARE(int(report.winner), 2);
        QCOMPARE(int(report.storedWinner), 1);
        // Not while the model works on the stream, and not without.
        QVERIFY(board.start(wire::kStartInference));
        QCOMPARE(reasonOf(board.ask(MessageType::SelfTest)), NakReason::Busy);
        model.selfTest = nullptr;
        QCOMPARE(board.ask(MessageType::Stop).type, MessageType::Ack);
        QCOMPARE(reasonOf(board.ask(MessageType::SelfTest)), NakReason::Unsupported);
    }

    /// The stored answers are those of the trained model.
    void whatWasLearnedIsNotTested()
    {
        agent::ModelDescriptor model = learningModel();
        const std::array<uint8_t, 16 + 12 + 2> zeros{};
        const agent::SelfTestVectors vectors{zeros.data(), 1, 16};
        model.selfTest = &vectors;
        AgentUnderTest board(&model, false);
        QCOMPARE(board.ask(MessageType::SelfTest).type, MessageType::SelfTested);
        board.ask(MessageType::Vector, features(1, 1));
        learned(board.ask(MessageType::Learn, lesson(wire::kLearnLast, 1)));
        QCOMPARE(reasonOf(board.ask(MessageType::SelfTest)), NakReason::Busy);
        learned(board.ask(MessageType::Learn, lesson(wire::kLearnForget)));
        QCOMPARE(board.ask(MessageType::SelfTest).type, MessageType::SelfTested);
    }

    /// Nobody gave the stored inputs: they are not the ones that were announced, nor the last one.
    void theSelfTestsInputsAreNotTaught()
    {
        agent::ModelDescriptor model = learningModel();
        const std::array<uint8_t, 16 + 12 + 2> zeros{};
        const agent::SelfTestVectors vectors{zeros.data(), 1, 16};
        model.selfTest = &vectors;
        AgentUnderTest board(&model, false);
        learned(board.ask(MessageType::Learn, lesson(wire::kLearnNext, 1, 5)));
        QCOMPARE(reasonOf(board.ask(MessageType::SelfTest)), NakReason::Busy);
        QCOMPARE(int(learned(board.ask(MessageType::Learn, lesson(wire::kLearnAsk))).waiting), 5);
        learned(board.ask(MessageType::Learn, lesson(wire::kLearnNext, 1, 0)));
        QCOMPARE(board.ask(MessageType::SelfTest).type, MessageType::SelfTested);
        QCOMPARE(reasonOf(board.ask(MessageType::Learn, lesson(wire::kLearnLast, 1))), NakReason::Busy);
        // An input that was known before lies there no longer.
        QCOMPARE(board.ask(MessageType::Vector, features(7, -9)).type, MessageType::Output);
        QCOMPARE(board.ask(MessageType::SelfTest).type, MessageType::SelfTested);
        QCOMPARE(reasonOf(board.ask(MessageType::Learn, lesson(wire::kLearnLast, 1))), NakReason::Busy);
        QVERIFY(pupil.counts == (std::array<uint8_t, 3>{}));
    }
};

QTEST_GUILESS_MAIN(TestAgentLearning)
#include "tst_agent_learning.moc"
