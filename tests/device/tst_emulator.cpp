// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/process.h"
#include "core/device/board.h"
#include "core/device/capture.h"
#include "core/device/elf_image.h"
#include "core/device/emulator.h"
#include "core/device/flasher.h"
#include "tests/support/memory_sink.h"
#include "tests/support/numbered_rows.h"
#include "tests/support/qemu_boards.h"

#include <QDir>
#include <QFile>
#include <QLockFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <cstdio>
#include <sys/types.h>
#include <unistd.h>

using namespace ember;
using namespace ember::device;
using namespace ember::test;

// Everything here runs the real agent on the real emulator.
namespace {

constexpr int kPatienceMs = 120'000;

/// Empty where the cross-compiler is missing and no agent was built.
QString agentImage(const Board& board)
{
    return shippedImage(board).value_or(QString());
}

/// Argument that makes this program start an emulator, say its process id and wait to be killed.
constexpr const char* kHold = "--hold-an-emulator";

int holdAnEmulator(const QString& image)
{
    const auto board = findBoard(QStringLiteral("mps2-an386"));
    if (!board)
        return 1;
    EmulatorOptions options;
    options.image = image;
    const auto emulator = Emulator::start(*board, std::move(options));
    if (!emulator)
        return 1;
    std::printf("%lld\n", static_cast<long long>((*emulator)->processId()));
    std::fflush(stdout);
    for (;;)
        ::pause();
}

bool isAlive(pid_t pid)
{
    QFile status(QStringLiteral("/proc/%1/stat").arg(pid));
    return status.open(QIODevice::ReadOnly) && !status.readAll().contains(") Z ");
}

std::unique_ptr<SensorFeed> numberedFeed(qint64 rows, double rateHz, const SensorFeedOptions& options)
{
    auto feed = SensorFeed::create({numberedSpec(rateHz, 6), numberedRows(0, rows, 6)}, options);
    return feed ? std::move(*feed) : nullptr;
}

} // namespace

class TestEmulator : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_state.isValid());
        qputenv("EMBERLAB_STATE", QFile::encodeName(m_state.path()));
        if (!programExists(QStringLiteral("qemu-system-arm")))
            QSKIP("qemu-system-arm is not installed");
        const auto board = findBoard(QStringLiteral("mps2-an386"));
        QVERIFY(board);
        m_board = *board;
        if (agentImage(m_board).isEmpty())
            QSKIP("the firmware has not been built (no cross-compiler)");
    }

    void everyEmulatedBoardDescribesItself()
    {
        int met = 0;
        for (const Board& board : qemuBoards()) {
            EmulatorOptions options;
            options.image = agentImage(board);
            const auto emulator = Emulator::start(board, std::move(options));
            QVERIFY2(emulator, qPrintable(emulator ? QString() : emulator.error().toString()));
            const auto session = (*emulator)->connectAgent(kPatienceMs);
            QVERIFY2(session, qPrintable(session ? QString() : session.error().toString()));
            QCOMPARE((*session)->description().board, board.id);
            QCOMPARE((*session)->description().buildId, readElf(agentImage(board))->buildId);
            QVERIFY((*session)->description().streams.empty());
            ++met;
        }
        QVERIFY(met >= 1);
    }

    void aRecordingComesBackWhole_data()
    {
        QTest::addColumn<QString>("board");
        QTest::addColumn<bool>("onDemand");
        QTest::addColumn<double>("speed");
        for (const Board& board : qemuBoards())
            QTest::addRow("%s, on demand", qPrintable(board.id)) << board.id << true << 1.0;
        // One of each port, of which some have next to no memory for rows.
        for (const char* id : {"mps2-an386", "netduino-plus-2", "stm32vldiscovery", "microbit", "sifive-e"})
            QTest::addRow("%s, ten times the speed", id) << QString::fromLatin1(id) << false << 10.0;
    }
    void aRecordingComesBackWhole()
    {
        QFETCH(QString, board);
        QFETCH(bool, onDemand);
        QFETCH(double, speed);
        const auto found = findBoard(board);
        if (!found || agentImage(*found).isEmpty() || !missingTool(*found).isEmpty())
            QSKIP("emulator or cross-compiler is missing");
        constexpr qint64 kRows = 3000;
        SensorFeedOptions feedOptions;
        feedOptions.pacing = onDemand ? SensorFeedOptions::Pacing::OnDemand : SensorFeedOptions::Pacing::Clock;
        feedOptions.speed = speed;
        EmulatorOptions options;
        options.image = agentImage(*found);
        options.feed = numberedFeed(kRows, 100, feedOptions);
        auto emulator = Emulator::start(*found, std::move(options));
        QVERIFY2(emulator, qPrintable(emulator ? QString() : emulator.error().toString()));

        const auto sink = std::make_shared<MemorySink>();
        CaptureOptions capture;
        capture.address = (*emulator)->linkAddress();
        capture.connectTimeoutMs = kPatienceMs;
        capture.timeScale = onDemand ? 0 : speed;
        capture.sink = into(sink);
        capture.sourceRows = [&] { return (*emulator)->feed()->finalRows(); };
        Capture run(capture, {});
        run.start();
        QVERIFY(run.wait(kPatienceMs));
        QCOMPARE(captureStateName(run.status().state), QStringLiteral("finished"));
        QCOMPARE(sink->rows(), kRows);
        QCOMPARE(sink->ledger().lostRows(), 0);
        QCOMPARE(sink->ledger().crcErrors, 0);
        qint64 next = 0;
        for (const signal::SampleBlock& block : sink->blocks()) {
            QCOMPARE(block.firstRow, next);
            QVERIFY(isNumbered(block, 6));
            next = block.endRow();
        }
        QVERIFY(std::abs(sink->ledger().measuredRateHz - 100) < 0.5);
        qInfo("drift %.1f ppm, rate %.3f Hz", sink->ledger().driftPpm, sink->ledger().measuredRateHz);
    }

    void aBoardThatDiesIsALostLinkAndKeepsWhatCame_data()
    {
        QTest::addColumn<QString>("board");
        for (const char* id : {"mps2-an386", "netduino-plus-2", "microbit", "sifive-e"})
            QTest::newRow(id) << QString::fromLatin1(id);
    }
    void aBoardThatDiesIsALostLinkAndKeepsWhatCame()
    {
        QFETCH(QString, board);
        const auto found = findBoard(board);
        if (!found || agentImage(*found).isEmpty() || !missingTool(*found).isEmpty())
            QSKIP("emulator or cross-compiler is missing");
        EmulatorOptions options;
        options.image = agentImage(*found);
        options.feed = numberedFeed(100'000, 1000, {});
        auto emulator = Emulator::start(*found, std::move(options));
        QVERIFY(emulator);
        const auto sink = std::make_shared<MemorySink>();
        CaptureOptions capture;
        capture.address = (*emulator)->linkAddress();
        capture.connectTimeoutMs = kPatienceMs;
        capture.reconnectTimeoutMs = 1000;
        capture.sink = into(sink);
        QStringList states;
        CaptureHandlers handlers;
        handlers.onStatus = [&](const CaptureStatus& status) {
            const QString name = captureStateName(status.state);
            if (states.isEmpty() || states.last() != name)
                states << name;
        };
        Capture run(capture, handlers);
        run.start();
        QTRY_VERIFY_WITH_TIMEOUT(sink->rows() > 200, kPatienceMs);
        ::kill(static_cast<pid_t>((*emulator)->processId()), SIGKILL);
        QVERIFY(run.wait(kPatienceMs));
        QCOMPARE(states, (QStringList{QStringLiteral("connecting"), QStringLiteral("streaming"),
                                      QStringLiteral("link-lost"), QStringLiteral("failed")}));
        QCOMPARE(run.status().error.kind, ErrorKind::Board);
        QVERIFY(sink->rows() > 200);
        QTRY_VERIFY_WITH_TIMEOUT(!(*emulator)->isRunning(), kPatienceMs);

        // Started again it is as good as new.
        EmulatorOptions again;
        again.image = agentImage(*found);
        const auto next = Emulator::start(*found, std::move(again));
        QVERIFY2(next, qPrintable(next ? QString() : next.error().toString()));
        QVERIFY((*next)->connectAgent(kPatienceMs));
    }

    void theAgentAnswersUnderIcountToo()
    {
        EmulatorOptions options;
        options.image = agentImage(m_board);
        options.icountShift = 10;
        const auto emulator = Emulator::start(m_board, std::move(options));
        QVERIFY(emulator);
        const auto session = (*emulator)->connectAgent(kPatienceMs);
        QVERIFY2(session, qPrintable(session ? QString() : session.error().toString()));
        const auto stats = (*session)->stats({kPatienceMs, 1});
        QVERIFY(stats);
        QCOMPARE(stats->rxErrors, 0u);
    }

    void theEmulatorIsGoneWithItsOwner()
    {
        EmulatorOptions options;
        options.image = agentImage(m_board);
        auto emulator = Emulator::start(m_board, std::move(options));
        QVERIFY(emulator);
        const auto pid = static_cast<pid_t>((*emulator)->processId());
        const QString address = (*emulator)->linkAddress();
        QCOMPARE(::kill(pid, 0), 0);
        emulator->reset();
        QCOMPARE(::kill(pid, 0), -1);
        QVERIFY(!QFile::exists(address.mid(7)));
    }

    void theEmulatorDiesWithAKilledProgram()
    {
        QProcess program;
        program.start(QCoreApplication::applicationFilePath(), {QLatin1String(kHold), agentImage(m_board)});
        QVERIFY(program.waitForReadyRead(kPatienceMs));
        const auto pid = static_cast<pid_t>(program.readLine().trimmed().toLongLong());
        QVERIFY(pid > 0);
        QCOMPARE(::kill(pid, 0), 0);
        program.kill();
        QVERIFY(program.waitForFinished(kPatienceMs));
        // It may stay a zombie where nobody collects orphans; that is dead too.
        QTRY_VERIFY_WITH_TIMEOUT(!isAlive(pid), kPatienceMs);
    }

    void anEmulatorThatEndsByItselfIsABoardThatIsGone()
    {
        const auto start = [this](const Board& board) {
            EmulatorOptions options;
            options.image = agentImage(m_board);
            return Emulator::start(board, std::move(options));
        };
        Board broken = m_board;
        broken.emulator->program = QStringLiteral("false");
        const auto ended = start(broken);
        QVERIFY(!ended);
        QCOMPARE(exitCodeFor(ended.error().kind), 4);
        QVERIFY2(ended.error().message.contains(QStringLiteral("ended by itself")), qPrintable(ended.error().message));

        Board unknown = m_board;
        unknown.emulator->machine = QStringLiteral("no-such-machine");
        const auto refused = start(unknown);
        QVERIFY(!refused);
        QVERIFY2(refused.error().hint.contains(QStringLiteral("unsupported machine")),
                 qPrintable(refused.error().hint));

        Board missing = m_board;
        missing.emulator->program = QStringLiteral("no-such-emulator");
        QCOMPARE(start(missing).error().kind, ErrorKind::MissingTool);
        Board physical = m_board;
        physical.emulator.reset();
        QCOMPARE(start(physical).error().kind, ErrorKind::Unsupported);

        // Killed after it was up.
        const auto emulator = start(m_board);
        QVERIFY(emulator);
        ::kill(static_cast<pid_t>((*emulator)->processId()), SIGKILL);
        const auto session = (*emulator)->connectAgent(kPatienceMs);
        QVERIFY(!session);
        QCOMPARE(session.error().kind, ErrorKind::Board);
    }

    void badImagesAreRefusedBeforeTheEmulatorSeesThem()
    {
        const auto start = [this](const QString& image) {
            EmulatorOptions options;
            options.image = image;
            return Emulator::start(m_board, std::move(options));
        };
        QCOMPARE(start(QStringLiteral("/nowhere/fw.elf")).error().kind, ErrorKind::NotFound);
        QCOMPARE(start(QCoreApplication::applicationFilePath()).error().kind, ErrorKind::BadData);
    }

    void flashingBootsTheImageAndKeepsIt()
    {
        const auto flasher = makeFlasher(m_board);
        QVERIFY(flasher);
        QStringList stages;
        qint64 written = 0;
        FlashRequest request;
        request.image = agentImage(m_board);
        request.bootTimeoutMs = kPatienceMs;
        request.onEvent = [&](const FlashEvent& event) {
            const QString name = flashStageName(event.stage);
            if (stages.isEmpty() || stages.last() != name)
                stages << name;
            if (event.stage == FlashEvent::Stage::Write)
                written = event.done;
        };
        request.dryRun = true;
        auto report = (*flasher)->flash(request);
        QVERIFY(report);
        QVERIFY(!report->verified);
        QCOMPARE(*currentImage(m_board), request.image); // nothing changed

        request.dryRun = false;
        stages.clear();
        report = (*flasher)->flash(request);
        QVERIFY2(report, qPrintable(report ? QString() : report.error().toString()));
        QVERIFY(report->verified);
        QCOMPARE(report->buildId, readElf(request.image)->buildId);
        QCOMPARE(stages, (QStringList{QStringLiteral("check"), QStringLiteral("erase"), QStringLiteral("write"),
                                      QStringLiteral("verify"), QStringLiteral("boot")}));
        QCOMPARE(written, QFile(request.image).size());
        const QString kept = *currentImage(m_board);
        QVERIFY(kept.startsWith(m_state.path()));
        QCOMPARE(QDir(QFileInfo(kept).path()).entryList(QDir::Files), QStringList{QStringLiteral("flash.elf")});
    }

    void everyBoardIsFlashed_data()
    {
        QTest::addColumn<QString>("board");
        for (const Board& board : qemuBoards())
            QTest::newRow(qPrintable(board.id)) << board.id;
    }
    void everyBoardIsFlashed()
    {
        QFETCH(QString, board);
        const auto flasher = makeFlasher(*findBoard(board));
        QVERIFY(flasher);
        FlashRequest request;
        request.image = agentImage(*findBoard(board));
        request.bootTimeoutMs = kPatienceMs;
        const auto report = (*flasher)->flash(request);
        QVERIFY2(report, qPrintable(report ? QString() : report.error().toString()));
        QVERIFY(report->verified);
        QCOMPARE(report->buildId, readElf(request.image)->buildId);
    }

    void aWrongImageLeavesTheBoardAsItWas()
    {
        const auto flasher = makeFlasher(m_board);
        QVERIFY(flasher);
        FlashRequest request;
        request.bootTimeoutMs = kPatienceMs;
        request.image = agentImage(m_board);
        QVERIFY((*flasher)->flash(request));
        QFile kept(*currentImage(m_board));
        QVERIFY(kept.open(QIODevice::ReadOnly));
        const QByteArray before = kept.readAll();
        kept.close();

        // Built for a sister board: boots, and says that it is another.
        const auto sister = findBoard(QStringLiteral("mps2-an385"));
        QVERIFY(sister);
        request.image = agentImage(*sister);
        auto report = (*flasher)->flash(request);
        QVERIFY(!report);
        QCOMPARE(report.error().kind, ErrorKind::Board);
        QVERIFY(report.error().message.contains(QStringLiteral("mps2-an385")));

        CancelSource cancel;
        cancel.cancel();
        request.image = agentImage(m_board);
        request.cancel = cancel.token();
        report = (*flasher)->flash(request);
        QCOMPARE(report.error().kind, ErrorKind::Cancelled);

        // Too large for the board, and while another program writes it.
        Board small = m_board;
        small.flashBytes = 1000;
        request.cancel = {};
        report = (*makeFlasher(small))->flash(request);
        QVERIFY(!report);
        QCOMPARE(report.error().kind, ErrorKind::BadData);
        QVERIFY2(report.error().message.contains(QStringLiteral("1000")), qPrintable(report.error().toString()));
        QVERIFY(!report.error().hint.isEmpty());
        QLockFile busy(*currentImage(m_board) + QStringLiteral(".lock"));
        QVERIFY(busy.tryLock(0));
        report = (*flasher)->flash(request);
        QVERIFY(!report);
        QCOMPARE(report.error().kind, ErrorKind::Board);
        QVERIFY2(report.error().hint.contains(QStringLiteral("Wait")), qPrintable(report.error().toString()));
        busy.unlock();

        // The board dies while it is flashed.
        Board dying = m_board;
        dying.emulator->program = QStringLiteral("false");
        request.cancel = {};
        report = (*makeFlasher(dying))->flash(request);
        QVERIFY(!report);
        QCOMPARE(exitCodeFor(report.error().kind), 4);

        QVERIFY(kept.open(QIODevice::ReadOnly));
        QCOMPARE(kept.readAll(), before);
    }

private:
    QTemporaryDir m_state;
    Board m_board;
};

int main(int argc, char** argv)
{
    QCoreApplication app(argc, argv);
    if (argc == 3 && qstrcmp(argv[1], kHold) == 0)
        return holdAnEmulator(QString::fromLocal8Bit(argv[2]));
    TestEmulator test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_emulator.moc"
