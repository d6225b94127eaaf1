// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/agent_messages.h"
#include "core/device/agent_session.h"
#include "core/device/socket_transport.h"
#include "tests/support/host_board.h"
#include "tests/support/numbered_rows.h"

#include <QCborMap>
#include <QCborValue>
#include <QTest>

#include <numeric>

using namespace ember;
using namespace ember::device;
using namespace ember::test;

// The real agent on one end, the program's side on the other.
namespace {

constexpr int kPatienceMs = 30'000;
const RequestOptions kPatient{kPatienceMs, 1};

/// A session with a board behind a pair of sockets.
struct Bench
{
    explicit Bench(HostBoardOptions options = {})
        : board(pair.boardEnd(), std::move(options))
        , session(adoptSocket(pair.takeHostEnd(), QStringLiteral("unix:///bench")))
    {}

    SocketPair pair;
    HostBoard board;
    AgentSession session;
};

/// Takes away frames of one type on their way to the host, as often as it says.
std::function<QByteArray(const QByteArray&)> losing(wire::MessageType type, int times)
{
    return [type, left = std::make_shared<int>(times)](const QByteArray& bytes) {
        FrameDecoder decoder;
        bool hit = false;
        decoder.feed(bytes, [&](const Frame& frame) { hit = frame.type() == type; });
        if (!hit || *left == 0)
            return bytes;
        --*left;
        return QByteArray();
    };
}

} // namespace

class TestAgentSession : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theBoardSaysWhatItIs()
    {
        Bench bench({.session = 4711, .buildId = QByteArray(20, '\x17')});
        const auto said = bench.session.describe(kPatient);
        QVERIFY2(said, qPrintable(said ? QString() : said.error().toString()));
        QCOMPARE(said->board, QStringLiteral("host-board"));
        QCOMPARE(said->session, 4711u);
        QCOMPARE(said->buildId, QByteArray(20, '\x17'));
        QCOMPARE(said->streams.size(), size_t(1));
        QCOMPARE(said->streams.front().spec.channels, numberedSpec(1000).channels);
        QCOMPARE(said->streams.front().spec.rateHz, 1000.0);
        QVERIFY(!said->model);
        QVERIFY(said->can(QStringLiteral("inject")));
    }

    void samplesFlowBetweenStartAndStop()
    {
        Bench bench;
        QVERIFY(bench.session.describe(kPatient));
        qint64 rows = 0;
        qint64 other = 0;
        bench.session.setFrameHandler([&](const Frame& frame, qint64) {
            if (frame.type() != wire::MessageType::Samples)
                return;
            const auto header =
                wire::SamplesHeader::unpack(reinterpret_cast<const uint8_t*>(frame.payload.constData()));
            const QByteArray bytes = frame.payload.mid(wire::SamplesHeader::kSize);
            other += header.firstRow != rows || bytes != numberedRows(rows, bytes.size() / 6) ? 1 : 0;
            rows += bytes.size() / 6;
        });
        QVERIFY(bench.session.start(0, wire::kStartSamples, kPatient));
        QTRY_VERIFY_WITH_TIMEOUT((static_cast<void>(bench.session.poll(20)), rows > 300), kPatienceMs);
        QVERIFY(bench.session.stop(-1, kPatient));
        QCOMPARE(other, 0);
        const auto stats = bench.session.stats(kPatient);
        QVERIFY(stats);
        QCOMPARE(stats->streaming, uint8_t(0));
        QCOMPARE(qint64(stats->rowsProduced), rows); // everything it had came before its answer to stop
        QCOMPARE(stats->rowsDropped, 0u);
    }

    // Whatever a board says that is not what was wanted, it is board trouble to who calls the program.
    void boardTroubleHasItsExitCode_data()
    {
        QTest::addColumn<Error>("error");
        QTest::addColumn<bool>("mayMend");
        for (int reason = 0; reason <= 12; ++reason) {
            const bool final = reason == static_cast<int>(wire::NakReason::Unknown) ||
                               reason == static_cast<int>(wire::NakReason::Unsupported);
            QTest::addRow("nak %d", reason) << nakError(static_cast<quint8>(reason), {}, 1) << !final;
        }
        QCborMap other{{QStringLiteral("p"), 2}};
        QTest::newRow("no description") << parseDescription("hello").error() << false;
        QTest::newRow("half a description") << parseDescription(QCborValue(other).toCbor()).error() << false;
        QTest::newRow("torn result") << parseOutput("x", {}).error() << false;
        QTest::newRow("torn statistics") << parseStats("x").error() << false;
    }
    void boardTroubleHasItsExitCode()
    {
        QFETCH(Error, error);
        QFETCH(bool, mayMend);
        QCOMPARE(errorKindName(error.kind), QStringLiteral("board"));
        QCOMPARE(exitCodeFor(error.kind), 4);
        QCOMPARE(error.mayMend(), mayMend);
    }

    void refusalsSayWhy()
    {
        Bench bench;
        QVERIFY(bench.session.describe(kPatient));
        const auto noStream = bench.session.start(3, wire::kStartSamples, kPatient);
        QVERIFY2(noStream.error().message.contains(QStringLiteral("'start'")), qPrintable(noStream.error().message));
        const auto noModel = bench.session.start(0, wire::kStartInference, kPatient);
        QVERIFY(noModel.error().message.contains(QStringLiteral("no model")));
        QVERIFY(noModel.error().hint.contains(QStringLiteral("flash")));
        QCOMPARE(bench.session.profile(false, kPatient).error().kind, ErrorKind::Board);
        QCOMPARE(bench.session.configure(0, 50, kPatient).error().kind, ErrorKind::Board);
        QCOMPARE(bench.session.configure(0, -1).error().kind, ErrorKind::Usage);
        QCOMPARE(bench.session.reset(true, kPatient).error().kind, ErrorKind::Board);
        QCOMPARE(bench.session.inject(9, 0, "abc").error().kind, ErrorKind::Usage);
        QCOMPARE(bench.session.inject(0, 0, "abcd").error().kind, ErrorKind::Usage);
        QCOMPARE(bench.session.runVector(0, VectorKind::Window, "abc").error().kind, ErrorKind::Usage);
    }

    void theModelRunsOnWhatItIsGiven()
    {
        Bench bench({.model = sumModel()});
        QVERIFY(bench.session.describe(kPatient));
        QCOMPARE(bench.session.description().model->name, QStringLiteral("sums"));
        for (quint32 row = 0; row < 50; ++row) {
            const QByteArray window = numberedRows(row * 100, 8);
            const auto output = bench.session.runVector(row, VectorKind::Window, window);
            QVERIFY2(output, qPrintable(output ? QString() : output.error().toString()));
            QCOMPARE(output->row, row);
            std::vector<qint32> sums(3, 0);
            for (qint64 i = 0; i < 8; ++i) {
                for (int c = 0; c < 3; ++c)
                    sums[static_cast<size_t>(c)] += numberedSample(row * 100 + i, c);
            }
            QCOMPARE(output->features, QByteArray(reinterpret_cast<const char*>(sums.data()), 12));
            QCOMPARE(output->outputs.integers(), (std::vector<qint32>{sums[0] * 2, sums[1] * 2, sums[2] * 2}));
            QCOMPARE(output->winner, static_cast<int>(std::max_element(sums.begin(), sums.end()) - sums.begin()));
        }
        const auto votesOnly =
            bench.session.runVector(7, VectorKind::Window, numberedRows(0, 8), wire::kWantOutputs, kPatient);
        QVERIFY(votesOnly->features.isEmpty());
        QCOMPARE(votesOnly->outputs.count(), qsizetype(3));
        const auto wrong = bench.session.runVector(8, VectorKind::Window, numberedRows(0, 7));
        QVERIFY2(wrong.error().message.contains(QStringLiteral("does not fit")), qPrintable(wrong.error().message));

        const auto profile = bench.session.profile(true, kPatient);
        QVERIFY(profile);
        QCOMPARE(profile->runs, 51u);
        QCOMPARE(profile->cpuTickHz, 1'000'000);
        QCOMPARE(profile->stages.size(), size_t(2));
        QCOMPARE(bench.session.profile(false, kPatient)->runs, 0u);
    }

    void injectedRowsComeBackAsSamplesAndResults()
    {
        Bench bench({.rateHz = 0.001, .model = sumModel()});
        QVERIFY(bench.session.describe(kPatient));
        QByteArray back;
        int results = 0;
        bench.session.setFrameHandler([&](const Frame& frame, qint64 nanos) {
            if (frame.type() == wire::MessageType::Samples)
                back += frame.payload.mid(wire::SamplesHeader::kSize);
            if (frame.type() == wire::MessageType::Inference) {
                const auto result = parseInference(frame.payload, nanos, signal::SampleType::Int32);
                results += result && result->outputs.count() == 3 ? 1 : 0;
            }
        });
        QVERIFY(bench.session.start(0, wire::kStartSamples | wire::kStartInference, kPatient));
        // More than one frame's worth, so that it goes in several.
        const QByteArray rows = numberedRows(0, 2000);
        const auto injected = bench.session.inject(0, 0, rows, kPatient);
        QVERIFY2(injected, qPrintable(injected ? QString() : injected.error().toString()));
        QVERIFY(bench.session.stop(0, kPatient));
        QCOMPARE(back, rows);
        QCOMPARE(results, 250); // a window of 8 rows each
    }

    void aLostAnswerIsAskedForAgainWhereThatIsHarmless()
    {
        Bench bench({.link = losing(wire::MessageType::Stats, 2)});
        QVERIFY(bench.session.describe(kPatient));
        QVERIFY(bench.session.stats({200, 50}));
    }

    void aLostResultIsAnErrorAndNotASecondRun()
    {
        Bench bench({.link = losing(wire::MessageType::Output, 1), .model = sumModel()});
        QVERIFY(bench.session.describe(kPatient));
        const QByteArray window = numberedRows(0, 8);
        const auto lost = bench.session.runVector(1, VectorKind::Window, window, wire::kWantOutputs, {300, 5});
        QCOMPARE(lost.error().kind, ErrorKind::Board);
        QVERIFY2(lost.error().message.contains(QStringLiteral("'vector'")), qPrintable(lost.error().message));
        QVERIFY(bench.session.runVector(2, VectorKind::Window, window));
        QCOMPARE(bench.session.profile(false, kPatient)->runs, 2u);
    }

    void aBoardThatHangsUpIsALostLink()
    {
        SocketPair pair;
        AgentSession session(adoptSocket(pair.takeHostEnd(), QStringLiteral("unix:///bench")));
        pair.closeBoardEnd();
        const auto said = session.describe(kPatient);
        QCOMPARE(said.error().kind, ErrorKind::Board);
        QVERIFY(!session.transport().isOpen());
        QCOMPARE(session.poll(0).error().kind, ErrorKind::Board);
    }

    void silenceEndsInTime()
    {
        SocketPair pair;
        AgentSession session(adoptSocket(pair.takeHostEnd(), QStringLiteral("unix:///bench")));
        const auto said = session.describe({50, 2});
        QCOMPARE(said.error().kind, ErrorKind::Board);
        QVERIFY(said.error().message.contains(QStringLiteral("100 ms")));
    }

    void everyByteReachesTheLog()
    {
        Bench bench;
        QByteArray raw;
        bench.session.setByteSink([&](QByteArrayView bytes, qint64) { raw += bytes.toByteArray(); });
        QVERIFY(bench.session.describe(kPatient));
        QVERIFY(bench.session.stats(kPatient));
        QCOMPARE(raw.size(), bench.session.counts().bytes);
        FrameDecoder decoder;
        decoder.feed(raw, {});
        QCOMPARE(decoder.counts().frames, bench.session.counts().frames);
    }

    void openingGivesUpWithAHint()
    {
        const auto nobody = AgentSession::open(QStringLiteral("unix:///nowhere/socket"), 0, {.connectTimeoutMs = 0});
        QCOMPARE(nobody.error().kind, ErrorKind::Board);
        CancelSource cancel;
        cancel.cancel();
        SocketPair pair;
        const auto cancelled =
            AgentSession::open(QStringLiteral("replay:///dev/null"), kPatienceMs, {}, cancel.token());
        QCOMPARE(cancelled.error().kind, ErrorKind::Cancelled);
    }
};

QTEST_GUILESS_MAIN(TestAgentSession)
#include "tst_agent_session.moc"
