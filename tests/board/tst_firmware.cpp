// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/process.h"
#include "core/base/resources.h"
#include "core/device/agent_session.h"
#include "core/device/board.h"
#include "core/device/elf_image.h"
#include "core/device/emulator.h"
#include "tests/support/numbered_rows.h"
#include "tests/support/qemu_boards.h"
#include "tests/support/verify_ok.h"

#include <QFileInfo>
#include <QRandomGenerator>
#include <QTest>

#include <cmath>

using namespace ember;
using namespace ember::device;
using namespace ember::test;

// The firmware as it is built for each board, on the emulator, with the models that stand beside this file.
namespace {

constexpr int kPatienceMs = 240'000; // the machine may be busy with anything
constexpr int kShift = 10;
constexpr int kRows = 16;
constexpr int kHop = 8;
constexpr int kChannels = 3;
constexpr quint32 kModelStack = 600;
constexpr quint32 kInterruptFrame = 104; // of a Cortex-M4F: 26 registers

struct RunningBoard
{
    std::unique_ptr<Emulator> emulator;
    std::unique_ptr<AgentSession> session;
};

Result<RunningBoard> boot(const QString& id, const QString& image, std::optional<int> shift = {},
                          std::unique_ptr<SensorFeed> feed = {})
{
    EMBER_TRY(const Board board, findBoard(id));
    EmulatorOptions options;
    options.image = image;
    options.icountShift = shift;
    options.feed = std::move(feed);
    options.startTimeoutMs = kPatienceMs;
    RunningBoard running;
    EMBER_TRY(running.emulator, Emulator::start(board, std::move(options)));
    EMBER_TRY(running.session, running.emulator->connectAgent(kPatienceMs));
    return running;
}

QString testImage(const QString& model, const QString& board)
{
    return QStringLiteral("%1/%2-%3.elf").arg(qEnvironmentVariable("EMBERLAB_TEST_IMAGES"), model, board);
}

/// The boards that can run here and for which the test's images were built.
QStringList boardIds()
{
    QStringList ids;
    for (const Board& board : qemuBoards()) {
        if (QFileInfo::exists(testImage(QStringLiteral("counted"), board.id)))
            ids << board.id;
    }
    return ids;
}

/// A window that makes the counted model turn its loop so often.
QByteArray windowOfTurns(int turns)
{
    QByteArray window = numberedRows(1, kRows, kChannels);
    wire::putU16(reinterpret_cast<uint8_t*>(window.data()), static_cast<uint16_t>(turns));
    return window;
}

std::vector<qint32> sumsOf(const QByteArray& window)
{
    std::vector<qint32> sums(kChannels, 0);
    for (int i = 0; i < kRows * kChannels; ++i)
        sums[static_cast<size_t>(i % kChannels)] +=
            static_cast<qint16>(wire::getU16(reinterpret_cast<const uint8_t*>(window.constData()) + 2 * i));
    return sums;
}

qint64 instructions(quint32 ticks, qint64 tickHz, int shift)
{
    return std::llround(static_cast<double>(ticks) * 1e9 / static_cast<double>(tickHz) / std::ldexp(1.0, shift));
}

} // namespace

class TestFirmware : public QObject
{
    Q_OBJECT

    void boards()
    {
        QTest::addColumn<QString>("board");
        for (const QString& id : boardIds())
            QTest::newRow(qPrintable(id)) << id;
    }

private Q_SLOTS:
    void initTestCase()
    {
        if (boardIds().isEmpty())
            QSKIP("no emulator is installed, or the firmware has not been built (no cross-compiler)");
    }

    void itSaysWhatItIs_data() { boards(); }
    void itSaysWhatItIs()
    {
        QFETCH(QString, board);
        const QString image = testImage(QStringLiteral("counted"), board);
        const auto running = boot(board, image);
        VERIFY_OK(running);
        const BoardDescription& about = running->session->description();
        QCOMPARE(about.board, board);
        QCOMPARE(about.buildId.size(), 20);
        QCOMPARE(about.buildId, readElf(image)->buildId);
        // The machine has no clock of the core's speed that can be read.
        const bool apart = board == QStringLiteral("sifive-e");
        QCOMPARE(about.cpuTickHz, apart ? 10'000'000 : findBoard(board)->clockHz);
        QVERIFY(about.model);
        QCOMPARE(about.model->name, QStringLiteral("counted"));
        QCOMPARE(about.model->windowRows, kRows);
        QCOMPARE(about.model->classNames, (QStringList{QStringLiteral("short"), QStringLiteral("long")}));
        QCOMPARE(about.streams.size(), size_t(1)); // the model's own, as there is no sensor
    }

    void instructionsAreCountedExactly_data() { boards(); }
    void instructionsAreCountedExactly()
    {
        QFETCH(QString, board);
        const auto running = boot(board, testImage(QStringLiteral("counted"), board), kShift);
        VERIFY_OK(running);
        AgentSession& session = *running->session;
        const qint64 hz = session.description().cpuTickHz;
        std::optional<qint64> fixedPart;
        std::optional<qint64> extractPart;
        quint32 row = 0;
        for (int turns : {1, 1000, 2, 32'000, 1000, 17, 1}) {
            const QByteArray window = windowOfTurns(turns);
            const auto out = session.runVector(row, VectorKind::Window, window,
                                               wire::kWantFeatures | wire::kWantOutputs, {kPatienceMs, 1});
            VERIFY_OK(out);
            QCOMPARE(out->row, row);
            QCOMPARE(out->winner, turns > 1000 ? 1 : 0);
            const std::vector<qint32> sums = sumsOf(window);
            QCOMPARE(out->outputs.integers(), (std::vector<qint32>{sums[0] + sums[1] + sums[2], 3}));
            QCOMPARE(out->features.size(), 4 * (kChannels + 1));
            for (int c = 0; c < kChannels; ++c)
                QCOMPARE(static_cast<qint32>(
                             wire::getU32(reinterpret_cast<const uint8_t*>(out->features.constData()) + 4 * c)),
                         sums[static_cast<size_t>(c)]);

            // Two instructions a turn, the rest always the same.
            const qint64 rest = instructions(out->modelTicks, hz, kShift) - 2 * turns;
            if (!fixedPart)
                fixedPart = rest;
            QCOMPARE(rest, *fixedPart);
            const qint64 extract = instructions(out->featureTicks, hz, kShift);
            if (!extractPart)
                extractPart = extract;
            QCOMPARE(extract, *extractPart);
            QVERIFY(extract >= kRows * kChannels * 3); // at least load, add, loop
            // In a long run the interrupt that extends a short timer lies on the stack too, as it would in any program.
            const quint32 most = kModelStack + 64 + (turns > 10'000 ? kInterruptFrame : 0);
            QVERIFY2(out->stackBytes >= kModelStack && out->stackBytes <= most,
                     qPrintable(QString::number(out->stackBytes)));
            ++row;
        }
        QVERIFY2(*fixedPart >= 5 && *fixedPart <= 40, qPrintable(QString::number(*fixedPart)));

        const auto profile = session.profile(true, {kPatienceMs, 1});
        VERIFY_OK(profile);
        QCOMPARE(profile->runs, row);
        QCOMPARE(profile->stages.size(), size_t(2));
        QCOMPARE(profile->stages[1].name, QStringLiteral("model"));
        QCOMPARE(instructions(profile->stages[1].leastTicks, hz, kShift), 2 + *fixedPart);
        QCOMPARE(instructions(profile->stages[1].mostTicks, hz, kShift), 64'000 + *fixedPart);
    }

    void theCountDoesNotDependOnTheClockNorOnTraffic()
    {
        // The same work at another speed of the clock, and while the host floods the link.
        const QString board = QStringLiteral("mps2-an386");
        std::vector<qint64> counts;
        for (int shift : {10, 7}) {
            auto running = boot(board, testImage(QStringLiteral("counted"), board), shift);
            VERIFY_OK(running);
            const qint64 hz = running->session->description().cpuTickHz;
            Transport& link = running->session->transport();
            for (int flood : {0, 50, 300}) {
                wire::VectorHeader header;
                header.kind = wire::kVectorWindow;
                header.row = static_cast<uint32_t>(flood);
                const QByteArray window = windowOfTurns(20'000);
                header.total = static_cast<uint32_t>(window.size());
                QByteArray payload(wire::VectorHeader::kSize, '\0');
                header.pack(reinterpret_cast<uint8_t*>(payload.data()));
                wire::FrameHeader frame;
                frame.type = static_cast<uint8_t>(wire::MessageType::Vector);
                QByteArray bytes = encodeFrame(frame, payload + window);
                frame.type = static_cast<uint8_t>(wire::MessageType::StatsRequest);
                for (int i = 0; i < flood; ++i)
                    bytes += encodeFrame(frame, {});
                QVERIFY(link.write(bytes, kPatienceMs));

                FrameDecoder decoder;
                int reports = 0;
                std::optional<wire::OutputHeader> output;
                QDeadlineTimer deadline(kPatienceMs);
                while ((!output || reports < flood) && !deadline.hasExpired()) {
                    const auto read = link.read(1000);
                    VERIFY_OK(read);
                    decoder.feed(*read, [&](const Frame& f) {
                        reports += f.type() == wire::MessageType::Stats ? 1 : 0;
                        if (f.type() == wire::MessageType::Output)
                            output =
                                wire::OutputHeader::unpack(reinterpret_cast<const uint8_t*>(f.payload.constData()));
                    });
                }
                QVERIFY(output);
                QCOMPARE(reports, flood);
                QCOMPARE(output->row, static_cast<uint32_t>(flood));
                counts.push_back(instructions(output->modelTicks, hz, shift));
            }
        }
        for (qint64 count : counts)
            QCOMPARE(count, counts.front());
    }

    void theSensorRunsThroughTheModel_data() { boards(); }
    void theSensorRunsThroughTheModel()
    {
        QFETCH(QString, board);
        constexpr qint64 kTotal = 2000;
        SensorFeedOptions feedOptions;
        feedOptions.pacing = SensorFeedOptions::Pacing::OnDemand;
        auto feed = SensorFeed::create({numberedSpec(100, kChannels), numberedRows(0, kTotal, kChannels)}, feedOptions);
        VERIFY_OK(feed);
        auto running = boot(board, testImage(QStringLiteral("counted"), board), {}, std::move(*feed));
        VERIFY_OK(running);
        AgentSession& session = *running->session;
        QTRY_VERIFY_WITH_TIMEOUT(session.describe() && session.description().streams.size() == 1 &&
                                     session.description().streams[0].spec == numberedSpec(100, kChannels),
                                 kPatienceMs);

        QByteArray rows;
        QList<QByteArray> results;
        QStringList jumps;
        quint32 dropped = 0;
        session.setFrameHandler([&](const Frame& frame, qint64) {
            const auto* at = reinterpret_cast<const uint8_t*>(frame.payload.constData());
            if (frame.type() == wire::MessageType::Samples) {
                dropped = wire::SamplesHeader::unpack(at).dropped;
                const quint32 first = wire::SamplesHeader::unpack(at).firstRow;
                if (first * 2 * kChannels != static_cast<quint32>(rows.size()))
                    jumps << QStringLiteral("row %1 came after %2").arg(first).arg(rows.size() / 2 / kChannels - 1);
                rows += frame.payload.mid(wire::SamplesHeader::kSize);
            } else if (frame.type() == wire::MessageType::Inference) {
                results << frame.payload;
            }
        });
        VERIFY_OK(session.start(0, wire::kStartSamples | wire::kStartInference, {kPatienceMs, 1}));
        const qint64 bytes = kTotal * kChannels * 2;
        QDeadlineTimer deadline(kPatienceMs);
        while (rows.size() < bytes && !deadline.hasExpired())
            VERIFY_OK(session.poll(500));
        VERIFY_OK(session.stop(-1, {kPatienceMs, 1}));
        QCOMPARE(jumps, QStringList());
        QCOMPARE(dropped, 0u);
        QCOMPARE(rows, numberedRows(0, kTotal, kChannels));

        // A busy computer may read so late that a result gives way to the next; those that came have to be right.
        const qint64 windows = (kTotal - kRows) / kHop + 1;
        QVERIFY(results.size() <= windows);
        QVERIFY2(results.size() > windows / 2, qPrintable(QString::number(results.size())));
        qint64 last = -1;
        for (const QByteArray& result : std::as_const(results)) {
            const auto* at = reinterpret_cast<const uint8_t*>(result.constData());
            const qint64 begin = qint64(wire::InferenceHeader::unpack(at).endRow) - kRows;
            QVERIFY(begin > last && begin % kHop == 0);
            last = begin;
            const std::vector<qint32> sums = sumsOf(numberedRows(begin, kRows, kChannels));
            QCOMPARE(static_cast<qint32>(wire::getU32(at + wire::InferenceHeader::kSize)), sums[0] + sums[1] + sums[2]);
        }
        QCOMPARE(last, (windows - 1) * kHop);
    }

    void theHostCanStandInForTheSensor()
    {
        const QString board = QStringLiteral("mps2-an500");
        const auto running = boot(board, testImage(QStringLiteral("counted"), board));
        VERIFY_OK(running);
        AgentSession& session = *running->session;
        QByteArray rows;
        int results = 0;
        session.setFrameHandler([&](const Frame& frame, qint64) {
            if (frame.type() == wire::MessageType::Samples)
                rows += frame.payload.mid(wire::SamplesHeader::kSize);
            results += frame.type() == wire::MessageType::Inference ? 1 : 0;
        });
        VERIFY_OK(session.start(0, wire::kStartSamples | wire::kStartInference, {kPatienceMs, 1}));
        const QByteArray all = numberedRows(0, 5000, kChannels);
        VERIFY_OK(session.inject(0, 0, all, {kPatienceMs, 1}));
        VERIFY_OK(session.stop(-1, {kPatienceMs, 1}));
        QCOMPARE(rows.size(), all.size());
        QCOMPARE(rows, all);
        QCOMPARE(results, (5000 - kRows) / kHop + 1);
    }

    void noiseOnTheLinkIsCounted()
    {
        const QString board = QStringLiteral("mps2-an385");
        const auto running = boot(board, testImage(QStringLiteral("counted"), board));
        VERIFY_OK(running);
        QRandomGenerator random(31);
        QByteArray noise(20'000, '\0');
        for (char& c : noise)
            c = static_cast<char>(random.bounded(50) ? random.bounded(256) : 0);
        QVERIFY(running->session->transport().write(noise + '\0', kPatienceMs));
        const auto stats = running->session->stats({kPatienceMs, 1});
        VERIFY_OK(stats);
        QVERIFY(stats->rxErrors > 100);
        const auto out =
            running->session->runVector(1, VectorKind::Window, windowOfTurns(5), wire::kWantOutputs, {kPatienceMs, 1});
        VERIFY_OK(out);
        QCOMPARE(out->outputs.count(), qsizetype(2));
    }

    void aResetIsAnotherSession()
    {
        const QString board = QStringLiteral("mps2-an505");
        const auto running = boot(board, testImage(QStringLiteral("counted"), board));
        VERIFY_OK(running);
        const quint32 before = running->session->description().session;
        VERIFY_OK(running->session->reset(false, {kPatienceMs, 1}));
        QTRY_VERIFY_WITH_TIMEOUT(running->session->describe() && running->session->description().session != before,
                                 kPatienceMs);
    }

    void aFaultRestartsTheBoardAndIsTold_data()
    {
        QTest::addColumn<QString>("board");
        QTest::addColumn<int>("way");
        for (const QString& id : boardIds()) {
            QTest::addRow("%s, undefined instruction", qPrintable(id)) << id << 1;
            QTest::addRow("%s, endless stack", qPrintable(id)) << id << 2;
        }
    }
    void aFaultRestartsTheBoardAndIsTold()
    {
        QFETCH(QString, board);
        QFETCH(int, way);
        const auto running = boot(board, testImage(QStringLiteral("faulty"), board));
        VERIFY_OK(running);
        AgentSession& session = *running->session;
        const quint32 before = session.description().session;
        QStringList log;
        session.setFrameHandler([&log](const Frame& frame, qint64) {
            if (frame.type() == wire::MessageType::Log)
                log << QString::fromUtf8(frame.payload.mid(1));
        });
        const auto run = [&session](int value, int timeoutMs) {
            QByteArray input(2, '\0');
            wire::putU16(reinterpret_cast<uint8_t*>(input.data()), static_cast<uint16_t>(value));
            return session.runVector(1, VectorKind::Features, input, wire::kWantOutputs, {timeoutMs, 1});
        };
        VERIFY_OK(run(0, kPatienceMs));
        QVERIFY(!run(way, 1000)); // no answer comes from a board that fell
        QTRY_VERIFY_WITH_TIMEOUT(session.describe() && session.description().session != before, kPatienceMs);
        QTRY_VERIFY_WITH_TIMEOUT(session.poll(50) && log.size() == 2, kPatienceMs);
        QVERIFY2(log[0].startsWith(QStringLiteral("The board restarted after a fault")), qPrintable(log[0]));
        if (way == 1)
            QVERIFY2(!log[0].endsWith(QStringLiteral("0x00000000")), qPrintable(log[0]));
        QVERIFY2(!log[1].endsWith(QStringLiteral("0x00000000")), qPrintable(log[1]));
        VERIFY_OK(run(0, kPatienceMs));
    }
};

QTEST_GUILESS_MAIN(TestFirmware)
#include "tst_firmware.moc"
