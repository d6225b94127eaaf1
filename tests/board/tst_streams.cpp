// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/board.h"
#include "core/device/capture.h"
#include "core/device/child_process.h"
#include "core/device/emulator.h"
#include "core/device/flasher.h"
#include "tests/support/board_socket.h"
#include "tests/support/link_proxy.h"
#include "tests/support/memory_sink.h"
#include "tests/support/numbered_rows.h"
#include "tests/support/verify_ok.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <map>
#include <set>

using namespace ember;
using namespace ember::device;
using namespace ember::test;

// Boards with two sensors at rates of their own, each a stream with its own rows, clock and losses. The agent as it is
// shipped, on the emulators.
namespace {

constexpr int kPatienceMs = 240'000;
constexpr double kRateHz = 400;
constexpr int kRows = 1200;
constexpr int kChannels = 6;
constexpr double kSecondRateHz = 12.5;

bool measuresVolts(const Board& board)
{
    return board.emulator->countsCycles(); // the Uno: a motion sensor, and its analogue inputs
}

std::vector<Board> boardsWithTwoSensors()
{
    std::vector<Board> boards = loadBoards().value_or(std::vector<Board>());
    std::erase_if(boards, [](const Board& board) {
        return !board.isEmulated() || !board.emulator->secondSensor || !missingTool(board).isEmpty() ||
               !shippedImage(board);
    });
    return boards;
}

signal::StreamSpec motionSpec()
{
    signal::StreamSpec spec = numberedSpec(kRateHz, kChannels);
    for (size_t i = 0; i < spec.channels.size(); ++i) {
        spec.channels[i].name = QString::fromLatin1(i < 3 ? "a" : "g") + QChar('x' + static_cast<int>(i % 3));
        spec.channels[i].unit = QString::fromLatin1(i < 3 ? "g" : "deg/s");
    }
    return spec;
}

/// Millivolts that rise by 100 a row from 0 on.
FeedRecording ramp(int rows)
{
    FeedRecording recording;
    recording.spec = numberedSpec(kSecondRateHz, 1);
    recording.spec.channels[0] = {QStringLiteral("a1"), QStringLiteral("mV"), 1.0, 0.0};
    recording.rows.resize(rows * 2);
    for (int i = 0; i < rows; ++i)
        wire::putU16(reinterpret_cast<uint8_t*>(recording.rows.data()) + 2 * i, static_cast<quint16>(i % 50 * 100));
    return recording;
}

/// The analogue inputs' own rate is not the recording's: the voltage at A1 has to rise step by step, and A0 is at rest.
void verifyRamp(const MemorySink& sink)
{
    std::set<int> steps;
    for (int i = 0; i < 50; ++i)
        steps.insert(i * 100 * 1023 / 5000);
    int last = 0;
    std::set<int> seen;
    for (const signal::SampleBlock& block : sink.blocks()) {
        for (qint64 row = 0; row < block.rowCount; ++row) {
            const auto* at = reinterpret_cast<const uint8_t*>(block.rows.constData()) + 4 * row;
            const int now = wire::getU16(at + 2);
            QCOMPARE(wire::getU16(at), quint16(0));
            QVERIFY2(steps.contains(now), qPrintable(QString::number(now)));
            QVERIFY(now >= last);
            last = now;
            seen.insert(now);
        }
    }
    QVERIFY2(seen.size() >= 20, qPrintable(QString::number(seen.size())));
}

} // namespace

class TestStreams : public QObject
{
    Q_OBJECT

    void boards()
    {
        QTest::addColumn<QString>("id");
        for (const Board& board : boardsWithTwoSensors())
            QTest::newRow(qPrintable(board.id)) << board.id;
    }

    Result<std::unique_ptr<Emulator>> start(const Board& board)
    {
        EmulatorOptions options;
        EMBER_TRY(options.image, shippedImage(board));
        options.startTimeoutMs = kPatienceMs;
        EMBER_TRY(options.feed, SensorFeed::create({motionSpec(), numberedRows(0, kRows, kChannels)}));
        if (measuresVolts(board)) {
            EMBER_TRY(options.secondFeed, SensorFeed::create(ramp(45)));
        } else {
            EMBER_TRY(options.secondFeed,
                      SensorFeed::create({numberedSpec(kSecondRateHz, 2), numberedRows(0, 1000, 2)}));
        }
        return Emulator::start(board, std::move(options));
    }

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_state.isValid());
        qputenv("EMBERLAB_STATE", m_state.path().toLocal8Bit());
        if (boardsWithTwoSensors().empty())
            QSKIP("no emulator is installed, or the firmware has not been built (no cross-compiler)");
    }

    void twoStreamsAtTwoRates_data() { boards(); }
    void twoStreamsAtTwoRates()
    {
        QFETCH(QString, id);
        const auto board = findBoard(id);
        VERIFY_OK(board);
        const auto emulator = start(*board);
        VERIFY_OK(emulator);

        std::map<QString, std::shared_ptr<MemorySink>> sinks;
        QStringList order;
        std::map<QString, signal::StreamSpec> specs;
        CaptureOptions capture;
        capture.address = (*emulator)->linkAddress();
        capture.connectTimeoutMs = kPatienceMs;
        capture.streams = {QString::fromLatin1(kAllStreams)};
        capture.leastStreams = 2;
        capture.sink = [&](const BoardDescription&, const StreamDescription& stream) {
            order << stream.spec.name;
            specs[stream.spec.name] = stream.spec;
            return Result<std::shared_ptr<signal::BlockSink>>(sinks[stream.spec.name] = std::make_shared<MemorySink>());
        };
        capture.sourceRows = [&] { return (*emulator)->feed()->finalRows(); };
        Capture run(capture, {});
        run.start();
        QVERIFY2(run.wait(kPatienceMs), qPrintable((*emulator)->messages()));
        QVERIFY2(run.status().state == CaptureState::Finished, qPrintable(run.status().error.toString()));

        const bool volts = measuresVolts(*board);
        const QString first = QString::fromLatin1(volts ? "imu" : "sensor");
        const QString second = QString::fromLatin1(volts ? "adc" : "sensor2");
        QCOMPARE(order, (QStringList{first, second}));
        const MemorySink& rows = *sinks[first];
        const MemorySink& others = *sinks[second];
        QCOMPARE(rows.rows(), kRows);
        QCOMPARE(rows.ledger().lostRows(), 0);
        QCOMPARE(others.ledger().lostRows(), 0);
        QCOMPARE(rows.ledger().crcErrors, 0);
        // By the boards' own clocks, which tell 3 s of it.
        const double secondRate = specs[second].rateHz;
        QCOMPARE(secondRate, volts ? 50.0 : kSecondRateHz);
        QVERIFY2(std::abs(rows.ledger().measuredRateHz - kRateHz) < kRateHz / 50,
                 qPrintable(QString::number(rows.ledger().measuredRateHz)));
        QVERIFY2(std::abs(others.ledger().measuredRateHz - secondRate) < secondRate / 20,
                 qPrintable(QString::number(others.ledger().measuredRateHz)));
        QVERIFY2(others.rows() >= secondRate * kRows / kRateHz / 2, qPrintable(QString::number(others.rows())));
        if (volts) {
            verifyRamp(others);
            return;
        }
        for (const signal::SampleBlock& block : rows.blocks())
            QVERIFY(isNumbered(block, kChannels));
        for (const signal::SampleBlock& block : others.blocks())
            QVERIFY(isNumbered(block, 2));
    }

    // Each goes on where it is, and its ledger tells what it missed. The Uno with the agent's firmware, and with a
    // sketch of the Arduino library; and a board that is emulated by QEMU.
    void bothResumeAfterTheCableWasPulled_data()
    {
        QTest::addColumn<QString>("id");
        QTest::addColumn<QString>("sketch");
        QTest::newRow("Uno") << QStringLiteral("arduino-uno") << QString();
        QTest::newRow("sketch") << QStringLiteral("arduino-uno") << QStringLiteral(EMBERLAB_SKETCHES "/TwoStreams.elf");
        QTest::newRow("QEMU") << QStringLiteral("mps2-an385") << QString();
    }
    void bothResumeAfterTheCableWasPulled()
    {
        QFETCH(QString, id);
        QFETCH(QString, sketch);
        const auto board = findBoard(id);
        VERIFY_OK(board);
        if (!missingTool(*board).isEmpty() ||
            !QFile::exists(sketch.isEmpty() ? shippedImage(*board).value_or(QString()) : sketch))
            QSKIP("the emulator is not installed, or the firmware has not been built");
        std::unique_ptr<Emulator> emulator;
        std::unique_ptr<ChildProcess> program;
        QString address = QStringLiteral("unix://") + m_state.filePath(QStringLiteral("sketch.sock"));
        if (sketch.isEmpty()) {
            auto started = start(*board);
            VERIFY_OK(started);
            emulator = std::move(*started);
            address = emulator->linkAddress();
        } else {
            auto started =
                ChildProcess::start(board->emulator->program, {QStringLiteral("--socket"), address.mid(7), sketch}, {},
                                    board->emulator->package);
            VERIFY_OK(started);
            program = std::move(*started);
        }
        const auto fd = connectToBoard(address, kPatienceMs);
        VERIFY_OK(fd);
        LinkProxy cable(fd->get());

        const std::shared_ptr<MemorySink> sinks[2] = {std::make_shared<MemorySink>(), std::make_shared<MemorySink>()};
        std::vector<double> rates;
        CaptureOptions capture;
        capture.address = cable.address();
        capture.connectTimeoutMs = kPatienceMs;
        capture.reconnectTimeoutMs = kPatienceMs;
        capture.streams = {QString::fromLatin1(kAllStreams)};
        capture.leastStreams = 2;
        capture.sink = [&](const BoardDescription&, const StreamDescription& stream) {
            rates.push_back(stream.spec.rateHz);
            return Result<std::shared_ptr<signal::BlockSink>>(sinks[rates.size() - 1]);
        };
        Capture run(capture, {});
        run.start();
        const auto bothHave = [&](const std::vector<qint64>& rows) {
            return sinks[0]->rows() > rows[0] && sinks[1]->rows() > rows[1];
        };
        QTRY_VERIFY_WITH_TIMEOUT(bothHave({20, 5}), kPatienceMs);
        cable.unplug();
        QTRY_COMPARE_WITH_TIMEOUT(run.status().state, CaptureState::LinkLost, kPatienceMs);
        const std::vector<qint64> before = {sinks[0]->rows(), sinks[1]->rows()};
        QTest::qWait(400); // rows of both are lost
        cable.plugIn();
        QTRY_VERIFY_WITH_TIMEOUT(bothHave({before[0] + 20, before[1] + 5}), kPatienceMs);
        run.stop();
        QVERIFY(run.wait(kPatienceMs));
        QCOMPARE(captureStateName(run.status().state), QStringLiteral("finished"));
        for (size_t i = 0; i < 2; ++i) {
            const signal::Ledger& ledger = sinks[i]->ledger();
            QCOMPARE(ledger.reconnects, 1);
            QVERIFY2(ledger.linkGaps >= static_cast<qint64>(rates[i] / 5),
                     qPrintable(QString::number(ledger.linkGaps)));
            QCOMPARE(ledger.deviceDrops, 0);
            QCOMPARE(sinks[i]->rows() + ledger.lostRows(), sinks[i]->blocks().back().endRow());
        }
    }

    // A take ends with the length that was asked for, in each stream by its own rate. (The Uno's motion sensor plays a
    // recording at another rate than its driver says, so its lengths tell nothing.)
    void aTakeHasItsLengthInEachStream()
    {
        const std::vector<Board> boards = boardsWithTwoSensors();
        const auto emulator = start(boards.back());
        VERIFY_OK(emulator);
        std::vector<std::shared_ptr<MemorySink>> sinks;
        std::vector<double> rates;
        CaptureOptions capture;
        capture.address = (*emulator)->linkAddress();
        capture.connectTimeoutMs = kPatienceMs;
        capture.streams = {QString::fromLatin1(kAllStreams)};
        capture.leastStreams = 2;
        capture.take.maxSeconds = 2;
        capture.sink = [&](const BoardDescription&, const StreamDescription& stream) {
            rates.push_back(stream.spec.rateHz);
            sinks.push_back(std::make_shared<MemorySink>());
            return Result<std::shared_ptr<signal::BlockSink>>(sinks.back());
        };
        Capture run(capture, {});
        run.start();
        QVERIFY(run.wait(kPatienceMs));
        const std::optional<TakeResult> take = run.lastTake();
        QVERIFY(take);
        QVERIFY(!take->error);
        QCOMPARE(take->others.size(), size_t(1));
        QVERIFY(take->stream != take->others[0].stream);
        QCOMPARE(take->rows + take->ledger.lostRows(), std::llround(2 * rates[0]));
        QCOMPARE(take->others[0].rows + take->others[0].ledger.lostRows(), std::llround(2 * rates[1]));
        QCOMPARE(sinks[1]->rows(), take->others[0].rows);
    }

    void aStreamIsChosenByItsName()
    {
        const std::vector<Board> boards = boardsWithTwoSensors();
        const auto emulator = start(boards.back());
        VERIFY_OK(emulator);
        CaptureOptions capture;
        capture.address = (*emulator)->linkAddress();
        capture.connectTimeoutMs = kPatienceMs;
        capture.streams = {QString::fromLatin1(measuresVolts(boards.back()) ? "adc" : "sensor2")};
        capture.take.maxRows = 10;
        const auto sink = std::make_shared<MemorySink>();
        capture.sink = into(sink);
        Capture run(capture, {});
        run.start();
        QVERIFY(run.wait(kPatienceMs));
        QVERIFY2(run.status().state == CaptureState::Finished, qPrintable(run.status().error.toString()));
        QCOMPARE(sink->rows(), 10);

        capture.streams = {QStringLiteral("gps")};
        capture.connectTimeoutMs = 1000;
        Capture refused(capture, {});
        refused.start();
        QVERIFY(refused.wait(kPatienceMs));
        QCOMPARE(refused.status().state, CaptureState::Failed);
        QVERIFY2(refused.status().error.toString().contains(QStringLiteral("gps")),
                 qPrintable(refused.status().error.toString()));
    }

    void aSecondRecordingNeedsASecondSensor()
    {
        const auto board = findBoard(QStringLiteral("microbit"));
        VERIFY_OK(board);
        if (!shippedImage(*board))
            QSKIP("the firmware has not been built");
        const auto emulator = start(*board);
        QVERIFY(!emulator);
        QCOMPARE(emulator.error().kind, ErrorKind::Unsupported);
    }

private:
    QTemporaryDir m_state;
};

QTEST_GUILESS_MAIN(TestStreams)
#include "tst_streams.moc"
