// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/capture.h"
#include "core/device/raw_log.h"
#include "tests/support/at_board.h"
#include "tests/support/cost_guard.h"
#include "tests/support/foreign_board.h"
#include "tests/support/foreign_streams.h"
#include "tests/support/host_board.h"
#include "tests/support/memory_sink.h"
#include "tests/support/pty_pair.h"
#include "tests/support/udp_sender.h"

#include <QFile>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <mutex>
#include <thread>

using namespace ember;
using namespace ember::device;
using namespace ember::test;

namespace {

constexpr int kPatienceMs = 30'000;
constexpr double kRateHz = 200;

// What a capture tells while it runs.
struct Told
{
    mutable std::mutex mutex;
    BoardDescription board;
    QStringList texts;
    std::vector<FormatReport> reports;

    CaptureHandlers handlers()
    {
        CaptureHandlers handlers;
        handlers.onDescription = [this](const BoardDescription& d) {
            const std::lock_guard lock(mutex);
            board = d;
        };
        handlers.onText = [this](const formats::TextLine& line) {
            const std::lock_guard lock(mutex);
            texts << line.text;
        };
        handlers.onFormatReport = [this](const FormatReport& report) {
            const std::lock_guard lock(mutex);
            reports.push_back(report);
        };
        return handlers;
    }
};

CaptureOptions optionsFor(const QString& address, std::shared_ptr<MemorySink> sink, qint64 rows)
{
    CaptureOptions options;
    options.address = address;
    options.format = QString::fromLatin1(kAutoFormat);
    options.connectTimeoutMs = kPatienceMs;
    options.sink = into(std::move(sink));
    options.take.maxRows = rows;
    return options;
}

// Row `i` of the stream from some row on, without a break but for those that are counted as lost.
void verifyRows(const MemorySink& sink, const signal::StreamSpec& spec)
{
    qint64 first = -1;
    for (const signal::SampleBlock& block : sink.blocks()) {
        const std::vector<float> values = signal::toPhysical(block.rows, spec);
        QCOMPARE(static_cast<qint64>(values.size()), block.rowCount * 2);
        for (qint64 i = 0; i < block.rowCount; ++i) {
            const float value = values[static_cast<size_t>(i) * 2];
            if (first < 0)
                first = std::lround(value) - (block.firstRow + i);
            const qint64 row = first + block.firstRow + i;
            QCOMPARE(value, static_cast<float>(foreignValue(row, 0)));
            QCOMPARE(values[static_cast<size_t>(i) * 2 + 1], spec.type == signal::SampleType::Int16
                                                                 ? std::floor(static_cast<float>(foreignValue(row, 1)))
                                                                 : static_cast<float>(foreignValue(row, 1)));
        }
    }
}

struct Firmware
{
    QString format;
    ForeignBoard::Piece piece;
    double piecesPerSecond = kRateHz;
    bool hasTime = false;
};

Firmware firmware(const QByteArray& name)
{
    if (name == "edge-impulse")
        return {QStringLiteral("edge-impulse"), [](qint64 row, const QByteArray&) { return numbersRow(row); }};
    if (name == "csv")
        return {QStringLiteral("csv"), [](qint64 row, const QByteArray&) {
                    return (row % 100 == 0 ? "left,right\r\n" : "") + numbersRow(row);
                }};
    if (name == "csv with time")
        return {QStringLiteral("csv"),
                [](qint64 row, const QByteArray&) {
                    return (row == 0 ? "time_ms,left,right\r\n" : "") + stampedRow(row, kRateHz);
                },
                kRateHz, true};
    if (name == "arduino")
        return {QStringLiteral("arduino"), [](qint64 row, const QByteArray&) { return arduinoRow(row); }};
    if (name == "teleplot")
        return {QStringLiteral("teleplot"), [](qint64 row, const QByteArray&) { return teleplotRow(row, kRateHz); },
                kRateHz, true};
    if (name == "nordic")
        return {QStringLiteral("nordic"),
                [](qint64 row, const QByteArray&) {
                    return (row % 50 == 0 ? nordicSession(kRateHz) : QByteArray()) + nordicRow(row, kRateHz);
                },
                kRateHz, true};
    // A board that waits for "connect" and then counts from zero.
    const int version = name == "sensiml 2" ? 2 : 1;
    return {QStringLiteral("sensiml"),
            [version, began = qint64(-1)](qint64 number, const QByteArray& heard) mutable {
                if (!heard.contains("connect"))
                    return number % 8 == 0 ? sensimlDescription(version, kRateHz) : QByteArray();
                if (began < 0)
                    began = number;
                const qint64 packet = number - began;
                if (version == 2)
                    return sensimlPacket(packet);
                QByteArray rows;
                for (int i = 0; i < 5; ++i)
                    rows += sensimlRow(packet * 5 + i);
                return rows;
            },
            kRateHz / 5};
}

} // namespace

class TestFormatCapture : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyFormatIsFoundOutAndRecorded_data()
    {
        QTest::addColumn<QByteArray>("name");
        for (const char* name :
             {"edge-impulse", "csv", "csv with time", "arduino", "teleplot", "nordic", "sensiml 1", "sensiml 2"})
            QTest::newRow(name) << QByteArray(name);
    }
    void everyFormatIsFoundOutAndRecorded()
    {
        QFETCH(QByteArray, name);
        const Firmware under = firmware(name);
        PtyPair pty;
        const auto sink = std::make_shared<MemorySink>();
        Told told;
        Capture capture(optionsFor(pty.path(), sink, 350), told.handlers());
        capture.start();
        const ForeignBoard board(pty.master(), under.piecesPerSecond, under.piece);
        QVERIFY(capture.wait(kPatienceMs));
        QVERIFY2(capture.status().state == CaptureState::Finished, qPrintable(capture.status().error.toString()));
        QCOMPARE(told.board.format, under.format);
        QVERIFY(!told.board.formatReason.isEmpty());
        QVERIFY(!told.reports.empty());
        const signal::StreamSpec& spec = told.board.streams.front().spec;
        QCOMPARE(spec.rateHz, kRateHz);
        QCOMPARE(spec.channels.size(), size_t(2));
        QCOMPARE(sink->rows(), 350);
        QCOMPARE(sink->ledger().lostRows(), 0);
        QCOMPARE(sink->ledger().badLines, 0);
        verifyRows(*sink, spec);
        // Fitted over bytes that arrive in lumps on a busy machine.
        QVERIFY2(std::abs(sink->ledger().measuredRateHz / kRateHz - 1) < 0.05,
                 qPrintable(QString::number(sink->ledger().measuredRateHz)));
        QVERIFY(sink->ledger().jitterMs > 0);
        if (!under.hasTime)
            QCOMPARE(sink->ledger().driftPpm, 0.0);
        QVERIFY(capture.live()->endRow() >= 350);
    }

    void edgeImpulseFirmwareIsFoundOutAndAsked_data()
    {
        QTest::addColumn<bool>("keepsFiles");
        QTest::newRow("buffer") << false;
        QTest::newRow("files") << true;
    }
    void edgeImpulseFirmwareIsFoundOutAndAsked()
    {
        QFETCH(bool, keepsFiles);
        PtyPair pty;
        const auto sink = std::make_shared<MemorySink>();
        Told told;
        CaptureOptions options = optionsFor(pty.path(), sink, 0);
        options.take.maxSeconds = 1.5;
        Capture capture(options, told.handlers());
        const AtBoard board(pty.master(), {.keepsFiles = keepsFiles});
        capture.start();
        QVERIFY(capture.wait(kPatienceMs));
        QVERIFY2(capture.status().state == CaptureState::Finished, qPrintable(capture.status().error.toString()));
        QCOMPARE(told.board.format, QStringLiteral("edge-impulse-at"));
        QVERIFY2(told.board.formatReason.contains(QStringLiteral("prompt")) ||
                     told.board.formatReason.contains(QStringLiteral("AT command")),
                 qPrintable(told.board.formatReason));
        QCOMPARE(told.board.board, QStringLiteral("SCRIPTED_BOARD"));
        const signal::StreamSpec& spec = told.board.streams.front().spec;
        QCOMPARE(spec.name, QStringLiteral("Built-in accelerometer"));
        QCOMPARE(spec.rateHz, 100.0); // the highest that it offers
        QCOMPARE(spec.channels.size(), size_t(3));
        QCOMPARE(spec.channels[1].name, QStringLiteral("accY"));
        QCOMPARE(spec.channels[1].unit, QStringLiteral("m/s2"));
        // The whole take was one sample, the one after the short one that told the channels.
        QCOMPARE(board.samples(), 2);
        QCOMPARE(sink->rows(), 150);
        QCOMPARE(sink->ledger().lostRows(), 0);
        QVERIFY(!sink->ledger().seesLoss);
        for (const signal::SampleBlock& block : sink->blocks()) {
            const std::vector<float> values = signal::toPhysical(block.rows, spec);
            for (qint64 i = 0; i < block.rowCount; ++i) {
                for (int c = 0; c < 3; ++c)
                    QCOMPARE(values[static_cast<size_t>(3 * i + c)],
                             static_cast<float>(AtBoard::value(1, block.firstRow + i, c)));
            }
        }
    }

    // What a board cannot hold at once has gaps, as long as the clock says; a sample that is damaged is taken again.
    void samplesThatFollowEachOtherHaveGaps()
    {
        PtyPair pty;
        const auto sink = std::make_shared<MemorySink>();
        CaptureOptions options = optionsFor(pty.path(), sink, 0);
        options.format = QStringLiteral("edge-impulse-at");
        options.rateHz = 60;
        Capture capture(options, {});
        const AtBoard board(pty.master(), {.maxSeconds = 0.5, .damagedSample = 1, .failingSample = 3});
        capture.start();
        QTRY_VERIFY_WITH_TIMEOUT(sink->blocks().size() >= 2, kPatienceMs);
        capture.stop();
        QVERIFY(capture.wait(kPatienceMs));
        QVERIFY2(capture.status().state == CaptureState::Finished, qPrintable(capture.status().error.toString()));
        const std::vector<signal::SampleBlock> blocks = sink->blocks();
        QCOMPARE(sink->ledger().crcErrors, 2); // one damaged, one refused
        QCOMPARE(blocks[0].firstRow, 0);
        QCOMPARE(blocks[0].rowCount, qint64(31)); // 62.5 Hz is the nearest, for half a second
        const signal::StreamSpec spec = capture.live()->spec();
        QCOMPARE(spec.rateHz, 62.5);
        // Between them the board was read out and asked again, and refused once.
        const double seconds = static_cast<double>(blocks[1].hostNanos - blocks[0].hostNanos) * 1e-9;
        const auto expected = static_cast<double>(blocks[1].endRow() - blocks[0].endRow());
        QVERIFY2(std::abs(seconds * 62.5 - expected) < 3, qPrintable(QStringLiteral("%1").arg(seconds)));
        QVERIFY(blocks[1].firstRow - blocks[0].endRow() > 20);
        QCOMPARE(signal::toPhysical(blocks[0].rows, spec)[1], static_cast<float>(AtBoard::value(2, 0, 1)));
        QCOMPARE(signal::toPhysical(blocks[1].rows, spec)[1], static_cast<float>(AtBoard::value(4, 0, 1)));
        QCOMPARE(sink->rows() + sink->ledger().lostRows(), blocks.back().endRow());
    }

    void soundStandsBehindItsDescription()
    {
        PtyPair pty;
        const auto sink = std::make_shared<MemorySink>();
        CaptureOptions options = optionsFor(pty.path(), sink, 0);
        options.format = QStringLiteral("edge-impulse-at");
        options.streams = {QStringLiteral("Built-in microphone")};
        options.take.maxSeconds = 0.5;
        options.connectTimeoutMs = 1000; // its first sample takes longer, but it is at work
        Capture capture(options, {});
        const AtBoard board(pty.master(), {.isSound = true});
        capture.start();
        QVERIFY(capture.wait(kPatienceMs));
        QVERIFY2(capture.status().state == CaptureState::Finished, qPrintable(capture.status().error.toString()));
        QCOMPARE(sink->rows(), 8000);
        const signal::StreamSpec spec = capture.live()->spec();
        for (const signal::SampleBlock& block : sink->blocks()) {
            const std::vector<float> values = signal::toPhysical(block.rows, spec);
            for (qint64 i = 0; i < block.rowCount; ++i)
                QCOMPARE(values[static_cast<size_t>(i)], static_cast<float>(AtBoard::sound(1, block.firstRow + i)));
        }
    }

    void whatSuchABoardCannotDoIsSaid()
    {
        const auto errorOf = [](const AtBoard::Options& how, const QStringList& streams) {
            PtyPair pty;
            CaptureOptions options = optionsFor(pty.path(), std::make_shared<MemorySink>(), 10);
            options.format = QStringLiteral("edge-impulse-at");
            options.streams = streams;
            Capture capture(options, {});
            const AtBoard board(pty.master(), how);
            capture.start();
            return capture.wait(kPatienceMs) ? capture.status().error : Error(ErrorKind::Failed, QStringLiteral("?"));
        };
        const Error none = errorOf({}, {QStringLiteral("Camera")});
        QVERIFY2(none.message.contains(QStringLiteral("no sensor 'Camera'")), qPrintable(none.toString()));
        QVERIFY2(none.hint.contains(QStringLiteral("Built-in microphone")), qPrintable(none.toString()));
        const Error gone = errorOf({.uploads = true}, {});
        QVERIFY2(gone.message.contains(QStringLiteral("did not keep")), qPrintable(gone.toString()));
        QVERIFY2(gone.hint.contains(QStringLiteral("Wi-Fi")), qPrintable(gone.toString()));
        const Error refused = errorOf({.maxSeconds = 0.1, .refusesSettingsFrom = 1}, {});
        QVERIFY2(refused.message.contains(QStringLiteral("bad interval")), qPrintable(refused.toString()));
        const Error noRate = errorOf({.maxSeconds = 0.1, .saidIntervalMs = 1e30}, {});
        QCOMPARE(noRate.kind, ErrorKind::BadData);
        const Error tooFast = errorOf({.maxSeconds = 0.1, .saidIntervalMs = 1e-30}, {});
        QCOMPARE(tooFast.kind, ErrorKind::BadData);
    }

    // Teleplot's own form: a datagram for each value, one for what the board says to people, from a real socket. Its
    // clock is set ahead by an hour meanwhile, which is no hour of lost rows.
    void teleplotIsHeardOverUdp()
    {
        constexpr qint64 kRowsOfAnHour = 3600 * static_cast<qint64>(kRateHz);
        const quint16 port = freeUdpPort();
        UdpSender sender;
        QVERIFY(port > 0 && sender.bound);
        const auto sink = std::make_shared<MemorySink>();
        Told told;
        Capture capture(optionsFor(QStringLiteral("udp:127.0.0.1:%1").arg(port), sink, 0), told.handlers());
        capture.start();
        std::atomic_bool stop{false};
        std::atomic<qint64> setAt{-1};
        std::thread board([&] {
            for (qint64 row = 0; !stop; ++row) {
                if (setAt < 0 && capture.live())
                    setAt = row;
                // As on a serial port, but for the mark. The values of a row repeat with an hour.
                const qint64 stamp = setAt < 0 ? row : row + kRowsOfAnHour;
                sender.send(port, teleplotRow(stamp, kRateHz).replace(">", ""));
                if (row % 50 == 0)
                    sender.send(port, "> battery is low: 3.1 V");
                std::this_thread::sleep_for(std::chrono::microseconds(static_cast<int>(1e6 / kRateHz)));
            }
        });
        const bool wasSet = QTest::qWaitFor([&] { return setAt >= 0 && sink->rows() > setAt + 50; }, kPatienceMs);
        capture.stop();
        const bool ended = capture.wait(kPatienceMs);
        stop = true;
        board.join();
        QVERIFY(wasSet && ended);
        QVERIFY2(capture.status().state == CaptureState::Finished, qPrintable(capture.status().error.toString()));
        QCOMPARE(told.board.format, QStringLiteral("teleplot"));
        QCOMPARE(sink->ledger().lostRows(), 0);
        QCOMPARE(sink->ledger().restarts, 1);
        QCOMPARE(sink->ledger().badLines, 0);
        // Nor did an hour pass in it.
        const signal::SampleBlock last = sink->blocks().back();
        const double seconds = static_cast<double>(last.deviceMicros) * 1e-6;
        QVERIFY2(std::abs(seconds - static_cast<double>(last.firstRow) / kRateHz) < 5,
                 qPrintable(QString::number(seconds)));
        QVERIFY2(told.texts.contains(QStringLiteral(" battery is low: 3.1 V")), qPrintable(told.texts.join('|')));
        verifyRows(*sink, told.board.streams.front().spec);
    }

    void ourOwnAgentIsFoundToo()
    {
        QTemporaryDir folder;
        PtyPair pty;
        const auto sink = std::make_shared<MemorySink>();
        Told told;
        CaptureOptions options = optionsFor(pty.path(), sink, 100);
        options.rawLog = folder.filePath(QStringLiteral("raw.log"));
        {
            const HostBoard board(pty.master(), {});
            Capture capture(options, told.handlers());
            capture.start();
            QVERIFY(capture.wait(kPatienceMs));
            QVERIFY2(capture.status().state == CaptureState::Finished, qPrintable(capture.status().error.toString()));
            QCOMPARE(told.board.format, QStringLiteral("agent"));
            QCOMPARE(sink->rows(), 100);
        }
        // Its log is known for what it is as well.
        const auto again = std::make_shared<MemorySink>();
        Capture player(optionsFor(QStringLiteral("replay://") + options.rawLog, again, 100), told.handlers());
        player.start();
        QVERIFY(player.wait(kPatienceMs));
        QVERIFY2(player.status().state == CaptureState::Finished, qPrintable(player.status().error.toString()));
        QCOMPARE(told.board.format, QStringLiteral("agent"));
        QCOMPARE(again->rows(), 100);
        QCOMPARE(again->blocks().front().rows, sink->blocks().front().rows);
    }

    void aLogIsDecodedAgainInAnotherWay()
    {
        QTemporaryDir folder;
        PtyPair pty;
        const auto sink = std::make_shared<MemorySink>();
        CaptureOptions options = optionsFor(pty.path(), sink, 400);
        options.rawLog = folder.filePath(QStringLiteral("raw.log"));
        {
            Capture capture(options, {});
            capture.start();
            const Firmware under = firmware("csv with time");
            const ForeignBoard board(pty.master(), kRateHz, under.piece);
            QVERIFY(capture.wait(kPatienceMs));
        }
        QCOMPARE(sink->rows(), 400);
        // The stamps become a channel; the rate then comes from the times in the log.
        for (const auto& [format, channels] : {std::pair("auto", size_t(2)), std::pair("csv", size_t(2))}) {
            const auto again = std::make_shared<MemorySink>();
            Told told;
            CaptureOptions replay = optionsFor(QStringLiteral("replay://") + options.rawLog, again, 0);
            replay.format = QString::fromLatin1(format);
            Capture player(replay, told.handlers());
            player.start();
            QVERIFY(player.wait(kPatienceMs));
            QVERIFY2(player.status().state == CaptureState::Finished, qPrintable(player.status().error.toString()));
            const signal::StreamSpec& spec = told.board.streams.front().spec;
            QCOMPARE(spec.channels.size(), channels);
            QCOMPARE(spec.rateHz, kRateHz);
            QVERIFY(again->rows() >= 400);
            verifyRows(*again, spec);
            // As it was, since the log has the times of then.
            QVERIFY(std::abs(again->ledger().measuredRateHz / kRateHz - 1) < 0.05);
            QVERIFY(std::abs(again->blocks().front().hostNanos - sink->blocks().front().hostNanos) < 1'000'000'000);
        }
        // Another format cannot make sense of it, and says so.
        CaptureOptions wrong =
            optionsFor(QStringLiteral("replay://") + options.rawLog, std::make_shared<MemorySink>(), 0);
        wrong.format = QStringLiteral("teleplot");
        Capture refused(wrong, {});
        refused.start();
        QVERIFY(refused.wait(kPatienceMs));
        QCOMPARE(refused.status().state, CaptureState::Failed);
        QVERIFY(refused.status().error.message.contains(QStringLiteral("teleplot")));
    }

    void plainBytesOfAnotherProgramAreReplayed()
    {
        QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("cat.txt")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("half,of\nleft,right\n");
        for (int row = 0; row < 1000; ++row)
            file.write(numbersRow(row));
        file.close();
        const auto sink = std::make_shared<MemorySink>();
        Told told;
        CaptureOptions options = optionsFor(QStringLiteral("replay://") + file.fileName(), sink, 0);
        options.rateHz = 62.5; // nothing in the file tells it
        options.channels.names = QStringList{QStringLiteral("a [g]"), QStringLiteral("b")};
        Capture capture(options, told.handlers());
        capture.start();
        QVERIFY(capture.wait(kPatienceMs));
        QVERIFY2(capture.status().state == CaptureState::Finished, qPrintable(capture.status().error.toString()));
        QCOMPARE(sink->rows(), 1000);
        QCOMPARE(told.board.streams.front().spec.rateHz, 62.5);
        QCOMPARE(told.board.streams.front().spec.channels[0].unit, QStringLiteral("g"));
        verifyRows(*sink, told.board.streams.front().spec);

        options.channels.names = QStringList{QStringLiteral("alone")};
        Capture refused(options, {});
        refused.start();
        QVERIFY(refused.wait(kPatienceMs));
        QCOMPARE(refused.status().error.kind, ErrorKind::Usage);
    }

    void aLogThatWasCutOffPlaysToItsEnd()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("raw.log"));
        {
            RawLogWriter log;
            QVERIFY(log.open(path));
            for (int row = 0; row < 500; ++row)
                QVERIFY(log.write(numbersRow(row), row * 5'000'000LL));
        }
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadWrite));
        QVERIFY(file.resize(file.size() - 3));
        file.close();
        const auto sink = std::make_shared<MemorySink>();
        Capture capture(optionsFor(QStringLiteral("replay://") + path, sink, 0), {});
        capture.start();
        QVERIFY(capture.wait(kPatienceMs));
        QVERIFY2(capture.status().state == CaptureState::Finished, qPrintable(capture.status().error.toString()));
        QCOMPARE(sink->rows(), 498); // the first line may be half of one, the last is
    }

    void whatNobodyKnowsIsShownAndRefused()
    {
        PtyPair pty;
        Told told;
        CaptureOptions options = optionsFor(pty.path(), std::make_shared<MemorySink>(), 10);
        options.connectTimeoutMs = 2500;
        Capture capture(options, told.handlers());
        capture.start();
        const ForeignBoard board(pty.master(), 100, [](qint64 number, const QByteArray&) {
            return "<inf> app: all is well, " + QByteArray::number(number) + " times\r\n";
        });
        QVERIFY(capture.wait(kPatienceMs));
        QCOMPARE(capture.status().state, CaptureState::Failed);
        QCOMPARE(capture.status().error.kind, ErrorKind::Board);
        QVERIFY(capture.status().error.message.contains(QStringLiteral("all is well")));
        QVERIFY(!told.reports.empty());
        QVERIFY(told.reports.back().lines.join(QString()).contains(QStringLiteral("all is well")));
        QVERIFY(told.reports.back().guesses.size() >= 6);
    }

    void pureNoiseIsNobodys()
    {
        PtyPair pty;
        Told told;
        CaptureOptions options = optionsFor(pty.path(), std::make_shared<MemorySink>(), 10);
        options.connectTimeoutMs = 2500;
        Capture capture(options, told.handlers());
        capture.start();
        const ForeignBoard board(pty.master(), 100, [](qint64 number, const QByteArray&) {
            QRandomGenerator random(static_cast<quint32>(number));
            QByteArray bytes(100, '\0');
            for (char& byte : bytes)
                byte = static_cast<char>(random.bounded(256));
            return bytes;
        });
        QVERIFY(capture.wait(kPatienceMs));
        QCOMPARE(capture.status().state, CaptureState::Failed);
        QCOMPARE(capture.status().error.kind, ErrorKind::Board);
        QVERIFY2(capture.status().error.hint.contains(QStringLiteral("baud")),
                 qPrintable(capture.status().error.toString()));
    }

    // In the middle of a stream: ten megabytes without a line's end, zero bytes, noise. Each is one row that is lost,
    // and none makes the program grow.
    void hostileLinesCostARowEach()
    {
        constexpr qsizetype kLong = 10 << 20;
        const CostGuard guard;
        PtyPair pty;
        const auto sink = std::make_shared<MemorySink>();
        CaptureOptions options = optionsFor(pty.path(), sink, 700);
        options.format = QStringLiteral("edge-impulse");
        Capture capture(options, {});
        capture.start();
        const ForeignBoard board(pty.master(), kRateHz, [](qint64 row, const QByteArray&) {
            if (row == 400)
                return QByteArray(kLong, '7') + "\n";
            if (row == 450)
                return QByteArray("450.0,\0\0\0\n", 10);
            if (row == 500)
                return QByteArray("\xFF\xFE,\x80\x01\n");
            return numbersRow(row);
        });
        QVERIFY(capture.wait(kPatienceMs));
        QVERIFY2(capture.status().state == CaptureState::Finished, qPrintable(capture.status().error.toString()));
        QCOMPARE(sink->ledger().badLines + sink->ledger().textLines, 3);
        QCOMPARE(sink->ledger().lostRows(), sink->ledger().badLines);
        QCOMPARE(sink->rows() + sink->ledger().lostRows(), 700);
        QVERIFY(sink->ledger().bytes > kLong);
        // The board's piece itself is in this program; what was read of it must not be.
        const qint64 grown = guard.grownBytes();
        QVERIFY2(grown > 0 && grown < 3 * kLong, qPrintable(QStringLiteral("%1 bytes").arg(grown)));
    }

    // A clock that is set ahead by an hour has lost no rows, and one that is set back neither; nor has one that says a
    // time which cannot be, once.
    void aClockThatJumpsLosesNoRows()
    {
        PtyPair pty;
        const auto sink = std::make_shared<MemorySink>();
        CaptureOptions options = optionsFor(pty.path(), sink, 1000);
        options.format = QStringLiteral("csv");
        Capture capture(options, {});
        capture.start();
        const ForeignBoard board(pty.master(), kRateHz, [](qint64 row, const QByteArray&) {
            const qint64 millis =
                row * 1000 / static_cast<qint64>(kRateHz) + (row >= 700 ? 3'600'000 : 0) - (row >= 900 ? 3'650'000 : 0);
            const qint64 said = row == 800 ? 1'000'000'000'000'000 : millis + 60'000;
            return (row == 0 ? "time_ms,left,right\r\n" : "") + QByteArray::number(said) + ',' + numbersRow(row);
        });
        QVERIFY(capture.wait(kPatienceMs));
        QVERIFY2(capture.status().state == CaptureState::Finished, qPrintable(capture.status().error.toString()));
        QCOMPARE(sink->ledger().lostRows(), 0);
        QCOMPARE(sink->rows(), 1000);
        QVERIFY2(sink->ledger().restarts >= 3 && sink->ledger().restarts <= 4,
                 qPrintable(QString::number(sink->ledger().restarts)));
        verifyRows(*sink, capture.live()->spec());
    }

    void silenceAndWrongNamesSayWhatToDo()
    {
        PtyPair pty;
        CaptureOptions options = optionsFor(pty.path(), std::make_shared<MemorySink>(), 10);
        options.connectTimeoutMs = 500;
        Capture silent(options, {});
        silent.start();
        QVERIFY(silent.wait(kPatienceMs));
        QVERIFY(silent.status().error.message.contains(QStringLiteral("Nothing came")));
        options.format = QStringLiteral("xml");
        Capture unknown(options, {});
        unknown.start();
        QVERIFY(unknown.wait(kPatienceMs));
        QCOMPARE(unknown.status().error.kind, ErrorKind::Usage);
    }

    void aBoardThatReportsAnErrorEndsTheRecording()
    {
        PtyPair pty;
        const auto sink = std::make_shared<MemorySink>();
        Told told;
        Capture capture(optionsFor(pty.path(), sink, 0), told.handlers());
        capture.start();
        const ForeignBoard board(pty.master(), kRateHz, [](qint64 row, const QByteArray&) {
            return row == 500 ? QByteArray("ERR: sensor unplugged\r\n") : numbersRow(row);
        });
        QVERIFY(capture.wait(kPatienceMs));
        QCOMPARE(capture.status().state, CaptureState::Failed);
        QVERIFY(capture.status().error.message.contains(QStringLiteral("sensor unplugged")));
        QVERIFY(sink->rows() >= 490);
        QVERIFY(told.texts.contains(QStringLiteral("ERR: sensor unplugged")));
    }

    void aCableThatIsPulledLeavesAGap_data()
    {
        QTest::addColumn<QByteArray>("name");
        for (const char* name : {"edge-impulse", "nordic", "sensiml 1"})
            QTest::newRow(name) << QByteArray(name);
    }
    void aCableThatIsPulledLeavesAGap()
    {
        if (!hasModemShim())
            QSKIP("needs the modem shim preloaded");
        QFETCH(QByteArray, name);
        PtyPair pty;
        const auto sink = std::make_shared<MemorySink>();
        Told told;
        CaptureOptions options = optionsFor(pty.serialAddress(), sink, 0);
        Capture capture(options, told.handlers());
        capture.start();
        Firmware under = firmware(name);
        auto board = std::make_unique<ForeignBoard>(pty.master(), under.piecesPerSecond, under.piece);
        QTRY_VERIFY_WITH_TIMEOUT(sink->rows() > 200, kPatienceMs);
        board.reset();
        pty.unplug();
        QTRY_COMPARE_WITH_TIMEOUT(capture.status().state, CaptureState::LinkLost, kPatienceMs);
        const qint64 before = sink->rows();
        QVERIFY(pty.plugAgain());
        under = firmware(name);
        board = std::make_unique<ForeignBoard>(pty.master(), under.piecesPerSecond, under.piece);
        QTRY_VERIFY_WITH_TIMEOUT(sink->rows() > before + 200, kPatienceMs);
        capture.stop();
        QVERIFY(capture.wait(kPatienceMs));
        QVERIFY2(capture.status().state == CaptureState::Finished, qPrintable(capture.status().error.toString()));
        const signal::Ledger ledger = sink->ledger();
        QCOMPARE(ledger.reconnects, 1);
        QCOMPARE(sink->rows() + ledger.lostRows(), sink->blocks().back().endRow());
        // Time and rows go forward, and the gap is as long as the link was down by the host's clock.
        const auto blocks = sink->blocks();
        qint64 gaps = 0;
        for (size_t i = 1; i < blocks.size(); ++i) {
            QVERIFY(blocks[i].deviceMicros >= blocks[i - 1].deviceMicros);
            const qint64 gap = blocks[i].firstRow - blocks[i - 1].endRow();
            QVERIFY(gap >= 0);
            if (gap == 0)
                continue;
            const double seconds = static_cast<double>(blocks[i].hostNanos - blocks[i - 1].hostNanos) * 1e-9;
            QCOMPARE(gap, std::llround(seconds * told.board.streams.front().spec.rateHz) - blocks[i].rowCount);
            ++gaps;
        }
        QCOMPARE(gaps, 1);
    }
};

QTEST_GUILESS_MAIN(TestFormatCapture)
#include "tst_format_capture.moc"
