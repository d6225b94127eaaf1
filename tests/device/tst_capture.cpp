// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/capture.h"
#include "tests/support/host_board.h"
#include "tests/support/link_proxy.h"
#include "tests/support/memory_sink.h"
#include "tests/support/numbered_rows.h"

#include <QFile>
#include <QFileInfo>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <mutex>
#include <sys/resource.h>

using namespace ember;
using namespace ember::device;
using namespace ember::test;

// The acquisition thread against the real agent, over a cable that can be pulled.
namespace {

constexpr int kPatienceMs = 60'000;

/// A board behind a cable. The board can be changed for another one while the cable stays.
struct Bench
{
    explicit Bench(HostBoardOptions options = {})
        : proxy(pair.takeHostEnd())
        , board(std::make_unique<HostBoard>(pair.boardEnd(), std::move(options)))
    {}

    void restartBoard(HostBoardOptions options)
    {
        board.reset();
        board = std::make_unique<HostBoard>(pair.boardEnd(), std::move(options));
    }
    CaptureOptions capture() const
    {
        CaptureOptions options;
        options.address = proxy.address();
        options.connectTimeoutMs = kPatienceMs;
        return options;
    }

    SocketPair pair;
    LinkProxy proxy;
    std::unique_ptr<HostBoard> board;
};

/// What a capture reports, in order, for the test's thread.
class Reports
{
public:
    CaptureHandlers handlers()
    {
        CaptureHandlers h;
        h.onStatus = [this](const CaptureStatus& status) {
            const std::lock_guard lock(m_mutex);
            const QString name = captureStateName(status.state);
            if (m_states.isEmpty() || m_states.last() != name)
                m_states << name;
        };
        h.onInference = [this](const InferenceResult& result) {
            const std::lock_guard lock(m_mutex);
            m_results.push_back(result);
        };
        h.onTakeEnded = [this](const TakeResult& result) {
            const std::lock_guard lock(m_mutex);
            m_takes.push_back(result);
        };
        return h;
    }
    QStringList states() const
    {
        const std::lock_guard lock(m_mutex);
        return m_states;
    }
    std::vector<InferenceResult> results() const
    {
        const std::lock_guard lock(m_mutex);
        return m_results;
    }
    std::vector<TakeResult> takes() const
    {
        const std::lock_guard lock(m_mutex);
        return m_takes;
    }

private:
    mutable std::mutex m_mutex;
    QStringList m_states;
    std::vector<InferenceResult> m_results;
    std::vector<TakeResult> m_takes;
};

QStringList words(const char* text)
{
    return QString::fromLatin1(text).split(QLatin1Char(' '));
}

/// Blocks in order, each with the rows that its number says.
void verifyNumbered(const std::vector<signal::SampleBlock>& blocks)
{
    qint64 next = 0;
    for (const signal::SampleBlock& block : blocks) {
        QVERIFY(block.firstRow >= next);
        QVERIFY(isNumbered(block));
        next = block.endRow();
    }
}

/// Does something to every n-th Samples frame on its way to the host; counts the rows in them.
struct FrameFault
{
    int every = 7;
    std::function<QByteArray(QByteArray)> damage;
    std::shared_ptr<std::atomic<qint64>> frames = std::make_shared<std::atomic<qint64>>(0);

    QByteArray operator()(const QByteArray& bytes)
    {
        FrameDecoder decoder;
        bool samples = false;
        decoder.feed(bytes, [&](const Frame& frame) { samples = frame.type() == wire::MessageType::Samples; });
        if (!samples || ++m_seen % every != 0)
            return bytes;
        ++*frames;
        return damage(bytes);
    }

private:
    int m_seen = 0;
};

} // namespace

class TestCapture : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aTakeHasTheRowsItWasAskedFor()
    {
        const Bench bench;
        const auto sink = std::make_shared<MemorySink>();
        Reports reports;
        CaptureOptions options = bench.capture();
        options.sink = into(sink);
        options.take.maxRows = 700;
        Capture capture(options, reports.handlers());
        capture.start();
        QVERIFY(capture.wait(kPatienceMs));
        QCOMPARE(reports.states(), words("connecting streaming finished"));
        QCOMPARE(sink->rows(), 700);
        verifyNumbered(sink->blocks());
        const signal::Ledger ledger = sink->ledger();
        QCOMPARE(ledger.lostRows(), 0);
        QCOMPARE(ledger.crcErrors, 0);
        QCOMPARE(ledger.reconnects, 0);
        QVERIFY(ledger.bytes > 700 * 6);
        QVERIFY(ledger.frames > 5);
        QVERIFY(std::abs(ledger.measuredRateHz - 1000) < 10);
        QCOMPARE(reports.takes().size(), size_t(1));
        QCOMPARE(reports.takes().front().rows, 700);
        QVERIFY(!reports.takes().front().error);
        QVERIFY(sink->ledgerUpdates() >= 2);
    }

    void aLengthInSecondsIsRowsAtTheStreamsRate()
    {
        const Bench bench;
        const auto sink = std::make_shared<MemorySink>();
        CaptureOptions options = bench.capture();
        options.sink = into(sink);
        options.take.maxSeconds = 0.25;
        Capture capture(options, {});
        capture.start();
        QVERIFY(capture.wait(kPatienceMs));
        QCOMPARE(sink->rows(), 250);
    }

    void theEndOfTheSourceEndsTheCaptureWithEveryRow()
    {
        const Bench bench({.totalRows = 1234});
        const auto sink = std::make_shared<MemorySink>();
        CaptureOptions options = bench.capture();
        options.sink = into(sink);
        options.sourceRows = [] { return std::optional<qint64>(1234); };
        Capture capture(options, {});
        capture.start();
        QVERIFY(capture.wait(kPatienceMs));
        QCOMPARE(captureStateName(capture.status().state), QStringLiteral("finished"));
        QCOMPARE(sink->rows(), 1234);
        QCOMPARE(sink->ledger().lostRows(), 0);
    }

    void lossesAreCountedWhereTheyHappen()
    {
        FrameFault losing;
        const auto lostRows = std::make_shared<std::atomic<qint64>>(0);
        losing.damage = [lostRows](const QByteArray& bytes) {
            FrameDecoder decoder;
            decoder.feed(bytes, [&](const Frame& frame) {
                *lostRows += (frame.payload.size() - static_cast<qsizetype>(wire::SamplesHeader::kSize)) / 6;
            });
            return QByteArray();
        };
        const Bench bench({.rateHz = 5000,
                           .totalRows = 3000,
                           .sensorLosses = {{100, 130}, {999, 1000}, {2000, 2500}},
                           .link = losing});
        const auto sink = std::make_shared<MemorySink>();
        CaptureOptions options = bench.capture();
        options.sink = into(sink);
        options.sourceRows = [] { return std::optional<qint64>(3000); };
        Capture capture(options, {});
        capture.start();
        QVERIFY(capture.wait(kPatienceMs));
        verifyNumbered(sink->blocks());
        QVERIFY(lostRows->load() > 0);
        QCOMPARE(sink->ledger().deviceDrops, 30 + 1 + 500);
        QCOMPARE(sink->ledger().linkGaps, lostRows->load());
        QCOMPARE(sink->rows() + sink->ledger().lostRows(), 3000);
        QCOMPARE(sink->ledger().crcErrors, 0);
    }

    void damagedFramesAreRefusedAndTheirRowsCounted_data()
    {
        QTest::addColumn<QString>("fault");
        QTest::newRow("flipped byte") << QStringLiteral("flip");
        QTest::newRow("torn in the middle") << QStringLiteral("tear");
        QTest::newRow("noise between") << QStringLiteral("noise");
    }
    void damagedFramesAreRefusedAndTheirRowsCounted()
    {
        QFETCH(QString, fault);
        const auto random = std::make_shared<QRandomGenerator>(4);
        FrameFault damaging;
        damaging.damage = [fault, random](QByteArray bytes) {
            if (fault == QLatin1String("flip")) {
                char& byte = bytes[1 + random->bounded(static_cast<int>(bytes.size()) - 2)];
                byte = static_cast<char>(byte ^ 0x10 ? byte ^ 0x10 : byte ^ 0x20);
            } else if (fault == QLatin1String("tear")) {
                bytes = bytes.left(bytes.size() / 2) + '\0';
            } else {
                bytes = QByteArray(50, '\x55') + '\0' + bytes;
            }
            return bytes;
        };
        const Bench bench({.rateHz = 5000, .totalRows = 2000, .link = damaging});
        const auto sink = std::make_shared<MemorySink>();
        CaptureOptions options = bench.capture();
        options.sink = into(sink);
        options.sourceRows = [] { return std::optional<qint64>(2000); };
        Capture capture(options, {});
        capture.start();
        QVERIFY(capture.wait(kPatienceMs));
        verifyNumbered(sink->blocks());
        const signal::Ledger ledger = sink->ledger();
        QVERIFY(damaging.frames->load() > 0);
        QVERIFY(ledger.crcErrors >= damaging.frames->load());
        QCOMPARE(ledger.deviceDrops, 0);
        QCOMPARE(ledger.linkGaps > 0, fault != QLatin1String("noise"));
        QCOMPARE(sink->rows() + ledger.lostRows(), 2000);
    }

    void aPulledCableIsALossThatIsCountedExactly()
    {
        Bench bench;
        const auto sink = std::make_shared<MemorySink>();
        Reports reports;
        CaptureOptions options = bench.capture();
        options.sink = into(sink);
        Capture capture(options, reports.handlers());
        capture.start();
        QTRY_VERIFY_WITH_TIMEOUT(sink->rows() > 300, kPatienceMs);
        bench.proxy.unplug();
        QTRY_COMPARE_WITH_TIMEOUT(reports.states(), words("connecting streaming link-lost"), kPatienceMs);
        QCOMPARE(capture.status().error.kind, ErrorKind::Board);
        // The ledger goes on being written while there is nothing to read.
        const int updates = sink->ledgerUpdates();
        QTRY_VERIFY_WITH_TIMEOUT(sink->ledgerUpdates() > updates + 2, kPatienceMs);
        const qint64 before = sink->rows();
        bench.proxy.plugIn();
        QTRY_VERIFY_WITH_TIMEOUT(sink->rows() > before + 300, kPatienceMs);
        capture.stop();
        QVERIFY(capture.wait(kPatienceMs));
        QCOMPARE(reports.states(), words("connecting streaming link-lost streaming finished"));

        // The board went on meanwhile: its own row numbers say what was missed.
        verifyNumbered(sink->blocks());
        QCOMPARE(sink->ledger().reconnects, 1);
        QVERIFY(sink->ledger().linkGaps > 0);
        QCOMPARE(sink->ledger().deviceDrops, 0);
        QCOMPARE(sink->rows() + sink->ledger().lostRows(), sink->blocks().back().endRow());
        QCOMPARE(reports.takes().size(), size_t(1)); // one take all along
    }

    void aBoardThatRestartedGoesOnInTheSameTake()
    {
        Bench bench({.session = 1});
        const auto sink = std::make_shared<MemorySink>();
        CaptureOptions options = bench.capture();
        options.sink = into(sink);
        Capture capture(options, {});
        capture.start();
        QTRY_VERIFY_WITH_TIMEOUT(sink->rows() > 300, kPatienceMs);
        bench.proxy.unplug();
        QTRY_COMPARE_WITH_TIMEOUT(capture.status().state, CaptureState::LinkLost, kPatienceMs);
        bench.restartBoard({.session = 2});
        const qint64 before = sink->rows();
        bench.proxy.plugIn();
        QTRY_VERIFY_WITH_TIMEOUT(sink->rows() > before + 300, kPatienceMs);
        capture.stop();
        QVERIFY(capture.wait(kPatienceMs));
        qint64 rows = 0;
        qint64 micros = 0;
        qint64 next = 0;
        qint64 offset = 0; // of the board's second life
        for (const signal::SampleBlock& block : sink->blocks()) {
            QVERIFY(block.deviceMicros >= micros && block.firstRow >= next);
            if (rows == before)
                offset = -block.firstRow;
            QVERIFY(isNumbered(block, 3, offset));
            rows += block.rowCount;
            micros = block.deviceMicros;
            next = block.endRow();
        }
        QVERIFY(offset < -before); // there is a gap
        QCOMPARE(sink->ledger().reconnects, 1);
        QCOMPARE(rows + sink->ledger().lostRows(), next);
    }

    void anotherBoardOnTheSameCableIsNotTakenForTheFirst()
    {
        Bench bench({.session = 1});
        const auto sink = std::make_shared<MemorySink>();
        CaptureOptions options = bench.capture();
        options.sink = into(sink);
        Capture capture(options, {});
        capture.start();
        QTRY_VERIFY_WITH_TIMEOUT(sink->rows() > 100, kPatienceMs);
        bench.proxy.unplug();
        QTRY_COMPARE_WITH_TIMEOUT(capture.status().state, CaptureState::LinkLost, kPatienceMs);
        bench.restartBoard({.channels = 5, .session = 2});
        bench.proxy.plugIn();
        QVERIFY(capture.wait(kPatienceMs));
        QCOMPARE(capture.status().state, CaptureState::Failed);
        QCOMPARE(exitCodeFor(capture.status().error.kind), 4);
        QVERIFY(!capture.status().error.mayMend());
        QVERIFY(capture.lastTake()->rows > 100);
        QVERIFY(capture.lastTake()->error);
    }

    void aStreamThatSomebodyLeftRunningIsNotMixedIn()
    {
        const Bench bench;
        {
            auto earlier = AgentSession::open(bench.proxy.address(), kPatienceMs);
            QVERIFY(earlier);
            QVERIFY((*earlier)->start(0, wire::kStartSamples, {kPatienceMs, 1}));
            qint64 frames = 0;
            (*earlier)->setFrameHandler([&](const Frame&, qint64) { ++frames; });
            QTRY_VERIFY_WITH_TIMEOUT((static_cast<void>((*earlier)->poll(20)), frames > 3), kPatienceMs);
        }
        const auto sink = std::make_shared<MemorySink>();
        CaptureOptions options = bench.capture();
        options.sink = into(sink);
        options.take.maxRows = 100;
        Capture capture(options, {});
        capture.start();
        QVERIFY(capture.wait(kPatienceMs));
        QCOMPARE(sink->rows(), 100);
        QCOMPARE(sink->ledger().lostRows(), 0);
        verifyNumbered(sink->blocks());
    }

    void withoutReconnectALostLinkIsTheEnd()
    {
        Bench bench;
        const auto sink = std::make_shared<MemorySink>();
        Reports reports;
        CaptureOptions options = bench.capture();
        options.sink = into(sink);
        options.reconnect = false;
        Capture capture(options, reports.handlers());
        capture.start();
        QTRY_VERIFY_WITH_TIMEOUT(sink->rows() > 100, kPatienceMs);
        bench.proxy.unplug();
        QVERIFY(capture.wait(kPatienceMs));
        QCOMPARE(reports.states(), words("connecting streaming failed"));
        QCOMPARE(exitCodeFor(capture.status().error.kind), 4);
        QVERIFY(capture.lastTake()->rows > 100); // what was recorded is kept
    }

    void aLinkThatFallsSilentIsTakenForLost()
    {
        Bench bench;
        const auto sink = std::make_shared<MemorySink>();
        Reports reports;
        CaptureOptions options = bench.capture();
        options.sink = into(sink);
        options.silenceMs = 1500;
        Capture capture(options, reports.handlers());
        capture.start();
        QTRY_VERIFY_WITH_TIMEOUT(sink->rows() > 100, kPatienceMs);
        bench.proxy.mute(true);
        QTRY_VERIFY_WITH_TIMEOUT(reports.states().contains(QStringLiteral("link-lost")), kPatienceMs);
        const qint64 before = sink->rows();
        bench.proxy.mute(false);
        QTRY_VERIFY_WITH_TIMEOUT(sink->rows() > before + 100, kPatienceMs);
        capture.stop();
        QVERIFY(capture.wait(kPatienceMs));
        verifyNumbered(sink->blocks());
        QVERIFY2(sink->ledger().reconnects >= 1, qPrintable(reports.states().join(QLatin1Char(' '))));
    }

    void aBoardThatIsNotThereFailsAtOnce()
    {
        CaptureOptions options;
        options.address = QStringLiteral("/dev/ttyDoesNotExist0");
        options.connectTimeoutMs = kPatienceMs * 100;
        Capture capture(options, {});
        capture.start();
        QVERIFY(capture.wait(kPatienceMs));
        QCOMPARE(capture.status().state, CaptureState::Failed);
        QCOMPARE(capture.status().error.kind, ErrorKind::Board);
    }

    void aBoardThatSaysNothingIsGivenUp()
    {
        SocketPair pair;
        const LinkProxy proxy(pair.takeHostEnd());
        CaptureOptions options;
        options.address = proxy.address();
        options.connectTimeoutMs = 500;
        Capture capture(options, {});
        capture.start();
        QVERIFY(capture.wait(kPatienceMs));
        QCOMPARE(capture.status().error.kind, ErrorKind::Board);
    }

    void stoppingWhileConnectingOrLostIsAnEnd()
    {
        SocketPair pair;
        const LinkProxy proxy(pair.takeHostEnd());
        CaptureOptions options;
        options.address = proxy.address();
        Capture capture(options, {});
        capture.start();
        QTRY_VERIFY_WITH_TIMEOUT(proxy.isConnected(), kPatienceMs);
        capture.stop();
        QVERIFY(capture.wait(kPatienceMs));
        QCOMPARE(capture.status().state, CaptureState::Finished);

        Bench bench;
        const auto sink = std::make_shared<MemorySink>();
        options = bench.capture();
        options.sink = into(sink);
        Capture lost(options, {});
        lost.start();
        QTRY_VERIFY_WITH_TIMEOUT(sink->rows() > 100, kPatienceMs);
        bench.proxy.unplug();
        QTRY_COMPARE_WITH_TIMEOUT(lost.status().state, CaptureState::LinkLost, kPatienceMs);
        lost.stop();
        QVERIFY(lost.wait(kPatienceMs));
        QCOMPARE(lost.status().state, CaptureState::Finished);
        QVERIFY(!lost.lastTake()->error);
        QVERIFY(lost.lastTake()->rows > 100);
    }

    void aSinkThatRefusesEndsTheCapture()
    {
        const Bench bench;
        const auto sink = std::make_shared<MemorySink>();
        sink->refuseAfter(3);
        CaptureOptions options = bench.capture();
        options.sink = into(sink);
        Capture capture(options, {});
        capture.start();
        QVERIFY(capture.wait(kPatienceMs));
        QCOMPARE(capture.status().state, CaptureState::Failed);
        QCOMPARE(capture.status().error.message, QStringLiteral("The disk is full."));
        QCOMPARE(capture.lastTake()->rows, sink->rows());

        options.sink = [](const auto&, const auto&) -> Result<std::shared_ptr<signal::BlockSink>> {
            return Error(ErrorKind::Io, QStringLiteral("No."));
        };
        Capture refused(options, {});
        refused.start();
        QVERIFY(refused.wait(kPatienceMs));
        QCOMPARE(refused.status().error.message, QStringLiteral("No."));
    }

    void takesComeAndGoWhileTheStreamRuns()
    {
        const Bench bench;
        Reports reports;
        Capture capture(bench.capture(), reports.handlers());
        capture.start();
        QTRY_VERIFY_WITH_TIMEOUT(capture.status().rows > 100, kPatienceMs);
        QVERIFY(!capture.lastTake());

        const auto first = std::make_shared<MemorySink>();
        capture.beginTake(into(first), {.maxRows = 200});
        QTRY_VERIFY_WITH_TIMEOUT(capture.lastTake(), kPatienceMs);
        QCOMPARE(first->rows(), 200);
        const auto blocks = first->blocks();
        QCOMPARE(blocks.front().firstRow, 0);
        QCOMPARE(blocks.front().deviceMicros, 0);
        // Its rows are those of the stream somewhere behind its beginning.
        const auto start =
            static_cast<qint16>(wire::getU16(reinterpret_cast<const uint8_t*>(blocks.front().rows.constData())));
        QVERIFY(start >= numberedSample(100, 0));
        QVERIFY(isNumbered(blocks.front(), 3, start / 7));

        const auto second = std::make_shared<MemorySink>();
        capture.beginTake(into(second));
        QVERIFY(!capture.lastTake());
        QTRY_VERIFY_WITH_TIMEOUT(second->rows() > 50, kPatienceMs);
        capture.endTake();
        QTRY_VERIFY_WITH_TIMEOUT(capture.lastTake(), kPatienceMs);
        QCOMPARE(capture.lastTake()->rows, second->rows());
        QCOMPARE(capture.lastTake()->ledger.lostRows(), 0);

        // A take that cannot begin does not disturb the stream.
        capture.beginTake([](const auto&, const auto&) -> Result<std::shared_ptr<signal::BlockSink>> {
            return Error(ErrorKind::Io, QStringLiteral("No."));
        });
        QTRY_VERIFY_WITH_TIMEOUT(capture.lastTake() && capture.lastTake()->error, kPatienceMs);
        const qint64 rows = capture.status().rows;
        QTRY_VERIFY_WITH_TIMEOUT(capture.status().rows > rows, kPatienceMs);
        QCOMPARE(capture.status().state, CaptureState::Streaming);
        QCOMPARE(reports.takes().size(), size_t(3));
        capture.stop();
        QVERIFY(capture.wait(kPatienceMs));
    }

    void theLiveBufferShowsTheStream()
    {
        const Bench bench;
        Capture capture(bench.capture(), {});
        QVERIFY(!capture.live());
        capture.start();
        QTRY_VERIFY_WITH_TIMEOUT(capture.live() && capture.live()->endRow() > 300, kPatienceMs);
        const auto live = capture.live();
        const Envelope envelope = live->envelope(1, 0, 300, 300);
        QCOMPARE(envelope.least.size(), size_t(300));
        for (qint64 row = 0; row < 300; ++row)
            QCOMPARE(envelope.least[static_cast<size_t>(row)], 0.5f * numberedSample(row, 1));
        capture.stop();
        QVERIFY(capture.wait(kPatienceMs));
        QVERIFY(live->endRow() > 300); // views may keep it
    }

    void resultsOfTheBoardsModelArePassedOn()
    {
        const Bench bench({.totalRows = 400, .model = sumModel()});
        Reports reports;
        CaptureOptions options = bench.capture();
        options.outputs = wire::kStartSamples | wire::kStartInference;
        options.sourceRows = [] { return std::optional<qint64>(400); };
        Capture capture(options, reports.handlers());
        capture.start();
        QVERIFY(capture.wait(kPatienceMs));
        const auto results = reports.results();
        QVERIFY(!results.empty());
        for (const InferenceResult& result : results) {
            QCOMPARE(result.endRow % 8, 0);
            QVERIFY(result.endRow > 0 && result.endRow <= 400);
            qint32 sum = 0;
            for (qint64 row = result.endRow - 8; row < result.endRow; ++row)
                sum += numberedSample(row, 2);
            const std::vector<qint32> votes = result.outputs.integers();
            QCOMPARE(votes.size(), size_t(3));
            QCOMPARE(votes[2], sum * 2);
        }
    }

    void theRawLogPlaysBackAsTheSameRecording()
    {
        QTemporaryDir folder;
        const Bench bench({.totalRows = 500});
        const auto sink = std::make_shared<MemorySink>();
        CaptureOptions options = bench.capture();
        options.sink = into(sink);
        options.rawLog = folder.filePath(QStringLiteral("raw.bin"));
        options.sourceRows = [] { return std::optional<qint64>(500); };
        {
            Capture capture(options, {});
            capture.start();
            QVERIFY(capture.wait(kPatienceMs));
        }
        QCOMPARE(sink->rows(), 500);

        const auto again = std::make_shared<MemorySink>();
        CaptureOptions replay;
        replay.address = QStringLiteral("replay://") + options.rawLog;
        replay.sink = into(again);
        Capture player(replay, {});
        player.start();
        QVERIFY(player.wait(kPatienceMs));
        QCOMPARE(player.status().state, CaptureState::Finished);
        QCOMPARE(again->rows(), 500);
        verifyNumbered(again->blocks());

        options.rawLog = QStringLiteral("/nowhere/raw.bin");
        Capture refused(options, {});
        refused.start();
        QVERIFY(refused.wait(kPatienceMs));
        QCOMPARE(refused.status().error.kind, ErrorKind::Io);
    }

    void theRawLogIsWrittenAsBytesCome()
    {
        QTemporaryDir folder;
        const Bench bench;
        CaptureOptions options = bench.capture();
        options.rawLog = folder.filePath(QStringLiteral("raw.bin"));
        Capture capture(options, {});
        capture.start();
        // Less than would fill the file's buffer.
        QTRY_VERIFY_WITH_TIMEOUT(capture.status().ledger.bytes > 500, kPatienceMs);
        const qint64 received = capture.status().ledger.bytes;
        QTRY_VERIFY_WITH_TIMEOUT(QFileInfo(options.rawLog).size() >= received, 2000);
        QVERIFY2(received < 16 * 1024, "too late to tell");
        capture.stop();
        QVERIFY(capture.wait(kPatienceMs));
        // Nothing stays behind in a buffer; each piece has its time beside it.
        QVERIFY(QFileInfo(options.rawLog).size() > capture.status().ledger.bytes);
    }

    void theRawLogReplacesNothing()
    {
        QTemporaryDir folder;
        const Bench bench;
        CaptureOptions options = bench.capture();
        options.rawLog = folder.filePath(QStringLiteral("precious.txt"));
        QFile file(options.rawLog);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("precious") == 8);
        file.close();
        Capture capture(options, {});
        capture.start();
        QVERIFY(capture.wait(kPatienceMs));
        QCOMPARE(capture.status().error.kind, ErrorKind::Usage);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), QByteArray("precious"));
    }

    void aFullDiskEndsTheRawLogWithAnError()
    {
        QTemporaryDir folder;
        const Bench bench;
        const auto sink = std::make_shared<MemorySink>();
        CaptureOptions options = bench.capture();
        options.sink = into(sink);
        options.rawLog = folder.filePath(QStringLiteral("raw.bin"));
        ::signal(SIGXFSZ, SIG_IGN);
        rlimit before{};
        QCOMPARE(::getrlimit(RLIMIT_FSIZE, &before), 0);
        const rlimit full{1000, before.rlim_max};
        QCOMPARE(::setrlimit(RLIMIT_FSIZE, &full), 0);
        Capture capture(options, {});
        capture.start();
        const bool ended = capture.wait(kPatienceMs);
        QCOMPARE(::setrlimit(RLIMIT_FSIZE, &before), 0);
        QVERIFY(ended);
        QCOMPARE(capture.status().error.kind, ErrorKind::Io);
        QVERIFY(capture.status().error.message.contains(QStringLiteral("raw.bin")));
    }

    void destroyingARunningCaptureEndsItsTake()
    {
        const Bench bench;
        const auto sink = std::make_shared<MemorySink>();
        Reports reports;
        {
            CaptureOptions options = bench.capture();
            options.sink = into(sink);
            Capture capture(options, reports.handlers());
            capture.start();
            QTRY_VERIFY_WITH_TIMEOUT(sink->rows() > 50, kPatienceMs);
        }
        QCOMPARE(reports.takes().size(), size_t(1));
        QCOMPARE(reports.takes().front().rows, sink->rows());
        QCOMPARE(sink.use_count(), 1); // nothing holds it any more
    }
};

QTEST_GUILESS_MAIN(TestCapture)
#include "tst_capture.moc"
