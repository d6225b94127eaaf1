// SPDX-License-Identifier: GPL-3.0-or-later
#include "device-agent/runtime/events.hpp"
#include "tests/agent/scripted_board.h"
#include "tests/agent/test_models.h"

#include <QRandomGenerator>
#include <QTest>

using namespace ember;
using namespace ember::test;
using wire::MessageType;

namespace {

/// What the test's model says of each class; scripted, window by window.
struct Script
{
    std::vector<std::array<uint8_t, 3>> phases; ///< of each window
    std::size_t window = 0;
    int inits = 0, breaks = 0;
    std::array<uint8_t, 3> now{};
};
Script script;

agent::EventPort scriptedPort()
{
    agent::EventPort port{};
    port.init = [] {
        ++script.inits;
        script.now = {};
    };
    port.interrupt = [] {
        ++script.breaks;
        for (uint8_t& phase : script.now)
            phase = phase == runtime::kEventBegins || phase == runtime::kEventGoesOn ? runtime::kEventEnds
                                                                                     : runtime::kEventNone;
    };
    port.phase = [](uint16_t label) -> uint8_t { return script.now[label]; };
    port.patience = 2;
    return port;
}

/// windowModel() whose answers are told as the script says.
agent::ModelDescriptor tellingModel()
{
    static const agent::EventPort port = scriptedPort();
    static agent::ModelDescriptor plain;
    plain = windowModel(4);
    agent::ModelDescriptor model = plain;
    model.events = &port;
    model.infer = [](const void* in, void* to) -> uint16_t {
        const uint16_t winner = plain.infer(in, to);
        script.now = script.window < script.phases.size() ? script.phases[script.window] : std::array<uint8_t, 3>{};
        ++script.window;
        return winner;
    };
    return model;
}

struct Told
{
    uint32_t endRow;
    int label;
    int phase;
    friend bool operator==(const Told&, const Told&) = default;
};

QList<Told> toldBy(const QList<SeenFrame>& frames, int* lost = nullptr)
{
    QList<Told> told;
    for (const SeenFrame& frame : frames) {
        if (frame.type != MessageType::Event)
            continue;
        const auto header = wire::EventHeader::unpack(frame.data());
        told << Told{header.endRow, header.label, header.phase};
        if (lost)
            *lost = header.lost;
    }
    return told;
}

/// Random phases, with windows in which several classes change at once.
QList<Told> fillScript(int windows)
{
    QRandomGenerator random(4);
    script = Script();
    QList<Told> expected;
    for (int i = 0; i < windows; ++i) {
        std::array<uint8_t, 3> phases{};
        for (int label = 0; label < 3; ++label) {
            phases[static_cast<std::size_t>(label)] = static_cast<uint8_t>(random.bounded(4));
            if (const int phase = phases[static_cast<std::size_t>(label)]; phase % 2 == 1)
                expected << Told{static_cast<uint32_t>(4 * i + 4), label, phase};
        }
        script.phases.push_back(phases);
    }
    return expected;
}

} // namespace

/// The agent tells what begins and ends: each change once, in order, or counts it as lost.
class TestAgentEvents : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyChangeIsToldOnce()
    {
        const QList<Told> expected = fillScript(200);
        const agent::ModelDescriptor model = tellingModel();
        AgentUnderTest board(&model);
        QCOMPARE(board.ask(MessageType::DescribeRequest)
                     .cbor()
                     .value(QLatin1String("m"))
                     .toMap()
                     .value(QLatin1String("pa"))
                     .toInteger(),
                 2);
        QVERIFY(board.start(wire::kStartInference));
        QCOMPARE(script.inits, 1);
        // Injected rows come in one breath: a window waits until what was said of the one before is out.
        QList<SeenFrame> frames;
        for (uint32_t row = 0; row < 800; row += 80) {
            board.send(MessageType::Inject, bytesOfU32({row}) + board.sensor.rows(row, 80));
            board.settle();
            frames << board.take();
        }
        int lost = -1;
        QCOMPARE(toldBy(frames, &lost), expected);
        QCOMPARE(lost, 0);
        QCOMPARE(script.window, std::size_t(200));
    }

    void whatTheLinkHasNoTimeForIsCounted()
    {
        const QList<Told> expected = fillScript(300);
        const agent::ModelDescriptor model = tellingModel();
        AgentUnderTest board(&model);
        QVERIFY(board.start(wire::kStartInference));
        QList<SeenFrame> frames;
        for (int i = 0; i < 300; ++i) {
            board.port.linkRoom = i % 50 < 25 ? 1'000'000 : 0; // blocked every other second
            board.sensor.produce(4);
            board.runMillis(40); // longer than anything waits for the link
            frames << board.take();
        }
        board.port.linkRoom = 1'000'000;
        board.settle();
        frames << board.take();
        int lost = 0;
        const QList<Told> told = toldBy(frames, &lost);
        QVERIFY2(lost > 50, qPrintable(QString::number(lost)));
        QVERIFY(told.size() > 100);
        // The last window had nothing that could still be lost.
        QVERIFY(told.size() + lost <= expected.size());
        QVERIFY(told.size() + lost >= expected.size() - 3);
        qsizetype at = 0;
        for (const Told& one : told) {
            while (at < expected.size() && !(expected[at] == one))
                ++at;
            QVERIFY(at < expected.size()); // in their order, and nothing that was not
        }
    }

    void aGapEndsWhatGoesOn()
    {
        script = Script();
        script.phases = {{0, runtime::kEventBegins, 0}, {0, runtime::kEventGoesOn, 0}};
        const agent::ModelDescriptor model = tellingModel();
        AgentUnderTest board(&model);
        QVERIFY(board.start(wire::kStartInference));
        board.sensor.produce(8);
        board.settle();
        board.sensor.lose(3);
        board.sensor.produce(4);
        board.settle();
        QCOMPARE(toldBy(board.take()), (QList<Told>{{4, 1, runtime::kEventBegins}, {8, 1, runtime::kEventEnds}}));
        QCOMPARE(script.breaks, 1);
        // A new stream has seen nothing: what went on before is not its affair.
        script.now = {runtime::kEventGoesOn, 0, 0};
        QVERIFY(board.start(wire::kStartInference));
        board.settle();
        QVERIFY(toldBy(board.take()).isEmpty());
        QCOMPARE(script.inits, 2);
    }
};

QTEST_GUILESS_MAIN(TestAgentEvents)
#include "tst_agent_events.moc"
