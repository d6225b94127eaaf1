// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/clock_fit.h"
#include "core/device/sample_assembler.h"
#include "core/device/take.h"
#include "tests/support/memory_sink.h"
#include "tests/support/numbered_rows.h"

#include <QRandomGenerator>
#include <QTest>

#include <cmath>

using namespace ember;
using namespace ember::device;
using namespace ember::test;

namespace {

constexpr qint64 kSecond = 1'000'000'000;
constexpr double kRate = 100;

Frame samplesFrame(quint32 firstRow, qint64 rows, quint32 dropped, quint32 ticks, const QByteArray& bytes)
{
    Frame frame;
    frame.header.type = static_cast<quint8>(wire::MessageType::Samples);
    frame.header.ticks = ticks;
    wire::SamplesHeader header;
    header.firstRow = firstRow;
    header.dropped = dropped;
    frame.payload = QByteArray(static_cast<qsizetype>(wire::SamplesHeader::kSize), '\0');
    header.pack(reinterpret_cast<uint8_t*>(frame.payload.data()));
    frame.payload += bytes.left(rows * 6);
    return frame;
}

/// Rows as a board at 100 Hz sends them.
Frame numberedFrame(quint32 firstRow, qint64 rows, quint32 dropped = 0)
{
    return samplesFrame(firstRow, rows, dropped, firstRow * 10'000u, numberedRows(firstRow, rows));
}

signal::SampleBlock numberedBlock(qint64 firstRow, qint64 rows)
{
    signal::SampleBlock block;
    block.firstRow = firstRow;
    block.rowCount = rows;
    block.rows = numberedRows(firstRow, rows);
    block.deviceMicros = firstRow * 10'000;
    block.hostNanos = firstRow * 10'000'000;
    return block;
}

} // namespace

class TestLedger : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // A board with a queue that overflows and a link that loses frames, both at random; whatever happens, each row is
    // received, dropped on the device or lost on the link, and is counted there.
    void everyLostRowIsCountedOnce_data()
    {
        QTest::addColumn<int>("seed");
        QTest::addColumn<int>("dropPercent");
        QTest::addColumn<int>("lossPercent");
        for (int seed = 1; seed <= 10; ++seed) {
            QTest::addRow("device drops, %d", seed) << seed << 20 << 0;
            QTest::addRow("link losses, %d", seed) << seed << 0 << 20;
            QTest::addRow("both, %d", seed) << seed << 20 << 20;
        }
    }
    void everyLostRowIsCountedOnce()
    {
        QFETCH(int, seed);
        QFETCH(int, dropPercent);
        QFETCH(int, lossPercent);
        QRandomGenerator random(static_cast<quint32>(seed));
        SampleAssembler assembler(numberedSpec(kRate));
        quint32 row = 0;
        quint32 dropped = 0;
        qint64 lostOnLink = 0;
        qint64 received = 0;
        for (int i = 0; i < 500; ++i) {
            if (random.bounded(100) < dropPercent) {
                const quint32 gap = 1 + random.bounded(50);
                row += gap;
                dropped += gap;
            }
            const qint64 rows = 1 + random.bounded(20);
            const Frame frame = numberedFrame(row, rows, dropped);
            row += static_cast<quint32>(rows);
            if (random.bounded(100) < lossPercent) {
                lostOnLink += rows;
                continue;
            }
            const auto block = assembler.take(frame, i * kSecond / 10);
            QVERIFY(block);
            QVERIFY(isNumbered(*block));
            received += rows;
        }
        assembler.settle(row, dropped);
        QCOMPARE(assembler.counts().received, received);
        QCOMPARE(assembler.counts().deviceDrops, qint64(dropped));
        QCOMPARE(assembler.counts().linkGaps, lostOnLink);
        QCOMPARE(assembler.endRow(), qint64(row));
    }

    void aDropThatIsCountedBeforeItsGapShowsIsNotCountedTwice()
    {
        SampleAssembler assembler(numberedSpec(kRate));
        assembler.take(numberedFrame(0, 10), 0);
        assembler.take(numberedFrame(10, 10, 5), kSecond); // the queue was full behind this frame
        QCOMPARE(assembler.counts().deviceDrops, 5);
        QCOMPARE(assembler.counts().linkGaps, 0);
        assembler.take(numberedFrame(25, 10, 5), 2 * kSecond);
        QCOMPARE(assembler.counts().deviceDrops, 5);
        QCOMPARE(assembler.counts().linkGaps, 0);
    }

    void rowNumbersAndClockGoOnWhenTheyWrap()
    {
        SampleAssembler assembler(numberedSpec(kRate));
        quint32 row = 0xFFFFFF00u;
        // Nobody receives four billion rows here: the first frame tells of a great loss, the next ones wrap.
        assembler.take(samplesFrame(0x7FFFFFF0u, 16, 0, 0, numberedRows(0, 16)), 0);
        assembler.take(samplesFrame(row, 16, 0, 0xFFFFFFF0u, numberedRows(0, 16)), kSecond);
        const qint64 before = assembler.endRow();
        row += 16;
        const auto a =
            assembler.take(samplesFrame(row, 240, 0, 0xFFFFFFF0u + 160'000u, numberedRows(0, 240)), 2 * kSecond);
        const auto b =
            assembler.take(samplesFrame(0, 16, 0, 0xFFFFFFF0u + 2'560'000u, numberedRows(0, 16)), 5 * kSecond);
        QVERIFY(a && b);
        QCOMPARE(a->firstRow, before);
        QCOMPARE(b->firstRow, before + 240);
        QCOMPARE(b->deviceMicros - a->deviceMicros, 2'400'000);
    }

    void aGapLongerThanTheClockWrapsUsesTheHostsClock()
    {
        SampleAssembler assembler(numberedSpec(kRate));
        assembler.take(samplesFrame(0, 10, 0, 1000, numberedRows(0, 10)), 0);
        // Three hours: the 32-bit microsecond clock went around twice.
        const qint64 gapMicros = 3ll * 3600 * 1'000'000;
        const auto block =
            assembler.take(samplesFrame(1'080'000, 10, 0, static_cast<quint32>(1000 + gapMicros), numberedRows(0, 10)),
                           gapMicros * 1000 + kSecond);
        QVERIFY(block);
        QCOMPARE(block->deviceMicros, gapMicros);
        QCOMPARE(assembler.counts().linkGaps, 1'080'000 - 10);
    }

    void staleAndMisshapenFramesChangeNothing()
    {
        SampleAssembler assembler(numberedSpec(kRate));
        QVERIFY(assembler.take(numberedFrame(0, 10), 0));
        QVERIFY(!assembler.take(numberedFrame(0, 10), 0)); // once more
        Frame torn = numberedFrame(10, 2);
        torn.payload.chop(1);
        QVERIFY(!assembler.take(torn, 0));
        torn.payload.truncate(3);
        QVERIFY(!assembler.take(torn, 0));
        QVERIFY(!assembler.take(numberedFrame(10, 0), 0)); // no rows: a sign of life
        QCOMPARE(assembler.counts().staleFrames, 1);
        QCOMPARE(assembler.counts().malformed, 2);
        QCOMPARE(assembler.counts().linkGaps, 0);
        QVERIFY(assembler.take(numberedFrame(10, 10), 0));
    }

    /// Rates come from the board, and times are counted in 64 bits.
    void hostileRatesDoNotOverflow_data()
    {
        QTest::addColumn<double>("rate");
        for (const double rate : {1e-300, 1e-12, 1e-6, 1e-3, 1e300})
            QTest::addRow("%g Hz", rate) << rate;
    }
    void hostileRatesDoNotOverflow()
    {
        QFETCH(double, rate);
        SampleAssembler assembler(numberedSpec(rate));
        qint64 before = 0;
        quint32 row = 0;
        for (int i = 0; i < 20'000; ++i, row += 10'000) {
            // Its clock goes back each time, so that the rows have to tell how long they took.
            const quint32 ticks = i % 2 == 0 ? 0 : 1'000'000'000;
            const auto block = assembler.take(samplesFrame(row, 2, 0, ticks, numberedRows(row, 2)), i * kSecond);
            QVERIFY(block);
            QVERIFY2(block->deviceMicros >= before, qPrintable(QString::number(block->deviceMicros)));
            before = block->deviceMicros;
        }
        QVERIFY(assembler.counts().clockSets > 9'000);
        QVERIFY(rate > 1e-6 || before > 1'000'000'000'000'000); // rows that take years have passed
        const qint64 end = assembler.endRow();
        assembler.restart(30'000 * kSecond);
        const auto block = assembler.take(samplesFrame(0, 2, 0, 0, numberedRows(0, 2)), 30'001 * kSecond);
        QVERIFY(block && block->firstRow >= end && block->deviceMicros >= before);
    }

    /// Without a rate, rows may have waited for an event; time that passed is not for the host to judge.
    void withoutARateOnlyAClockThatGoesBackWasSet()
    {
        SampleAssembler assembler(numberedSpec(0));
        assembler.take(samplesFrame(0, 10, 0, 0, numberedRows(0, 10)), 0);
        const auto on = assembler.take(samplesFrame(10, 10, 0, 60'000'000, numberedRows(10, 10)), kSecond);
        QVERIFY(on);
        QCOMPARE(on->deviceMicros, 60'000'000);
        QCOMPARE(assembler.counts().clockSets, 0);
        const auto back = assembler.take(samplesFrame(20, 10, 0, 1'000, numberedRows(20, 10)), 2 * kSecond);
        QVERIFY(back);
        QCOMPARE(back->deviceMicros, 61'000'000); // as the host saw it
        QCOMPARE(assembler.counts().clockSets, 1);
    }

    void aClockThatRunsBackwardsStandsStill()
    {
        SampleAssembler assembler(numberedSpec(kRate));
        assembler.take(samplesFrame(0, 10, 0, 500'000, numberedRows(0, 10)), 0);
        const auto back = assembler.take(samplesFrame(10, 10, 0, 400'000, numberedRows(0, 10)), kSecond / 10);
        QCOMPARE(back->deviceMicros, 0);
        const auto on = assembler.take(samplesFrame(20, 10, 0, 600'000, numberedRows(0, 10)), kSecond / 5);
        QCOMPARE(on->deviceMicros, 200'000);
    }

    // A board that sets its clock while it streams: time goes on as the rows do, and drift and rate are not spoilt.
    void aClockThatIsSetIsNotTimeThatPassed_data()
    {
        QTest::addColumn<qint64>("set");
        QTest::newRow("an hour ahead") << qint64(1800) * 1'000'000;
        QTest::newRow("three seconds ahead") << qint64(3'000'000);
        QTest::newRow("an hour back") << qint64(-1800) * 1'000'000;
    }
    void aClockThatIsSetIsNotTimeThatPassed()
    {
        QFETCH(qint64, set);
        SampleAssembler assembler(numberedSpec(kRate));
        ClockFit fit;
        for (qint64 i = 0; i < 100; ++i) {
            const qint64 micros = 5'000'000'000 + i * 100'000 + (i >= 50 ? set : 0);
            const auto block = assembler.take(samplesFrame(static_cast<quint32>(i * 10), 10, 0,
                                                           static_cast<quint32>(micros), numberedRows(i * 10, 10)),
                                              i * kSecond / 10);
            QVERIFY(block);
            QCOMPARE(block->deviceMicros, i * 100'000);
            fit.add(*block, kRate);
        }
        QCOMPARE(assembler.counts().clockSets, 1);
        QCOMPARE(assembler.counts().linkGaps, 0);
        QCOMPARE(assembler.measuredRateHz(), kRate);
        QVERIFY(std::abs(fit.driftPpm()) < 1);
    }

    // A sensor that rests makes no rows, and a computer that sleeps reads late; neither sets a clock.
    void aSensorThatRestsAndAHostThatSleepsAreNoSetClock()
    {
        SampleAssembler assembler(numberedSpec(kRate));
        assembler.take(samplesFrame(0, 10, 0, 0, numberedRows(0, 10)), 0);
        const auto rested =
            assembler.take(samplesFrame(10, 10, 0, 60'000'000, numberedRows(10, 10)), 60 * kSecond + kSecond / 10);
        QCOMPARE(rested->deviceMicros, 60'000'000);
        // Twenty seconds of frames, all read at once after the sleep.
        for (quint32 i = 2; i < 202; ++i)
            assembler.take(samplesFrame(i * 10, 10, 0, 60'000'000 + (i - 1) * 100'000, numberedRows(i * 10, 10)),
                           81 * kSecond);
        QCOMPARE(assembler.counts().clockSets, 0);
        QCOMPARE(assembler.measuredRateHz(), 2010 / 80.0);
    }

    void afterARestartRowsAndTimeGoOnBehindTheGap()
    {
        SampleAssembler assembler(numberedSpec(kRate));
        assembler.take(numberedFrame(0, 10), 0);
        assembler.take(numberedFrame(10, 10), kSecond / 10);
        assembler.restart(kSecond / 10 + 3 * kSecond);
        const auto block = assembler.take(numberedFrame(0, 10), 4 * kSecond);
        QVERIFY(block);
        // Three seconds at 100 Hz since the last frame, whose own ten rows have arrived.
        QCOMPARE(block->firstRow, 20 + 290);
        QCOMPARE(assembler.counts().linkGaps, 290);
        QCOMPARE(block->deviceMicros, 100'000 + 3'000'000);
        QCOMPARE(assembler.rowOf(10), 320);
        QCOMPARE(assembler.rowOf(5), 315);
    }

    void theRateIsMeasuredOnTheDevicesClock()
    {
        SampleAssembler assembler(numberedSpec(kRate));
        QCOMPARE(assembler.measuredRateHz(), 0.0);
        for (quint32 i = 0; i < 50; ++i) // says 100 Hz, makes 101
            assembler.take(samplesFrame(i * 10, 10, 0, static_cast<quint32>(i * 1e7 / 101), numberedRows(i * 10, 10)),
                           0);
        QVERIFY(std::abs(assembler.measuredRateHz() - 101) < 0.01);
    }

    void arrivalsAreCountedByTheirDelay()
    {
        ClockFit fit;
        for (qint64 i = 0; i < 1000; ++i) {
            signal::SampleBlock block;
            block.firstRow = i * 10;
            block.rowCount = 10;
            block.deviceMicros = i * 100'000;
            // Every tenth comes 30 ms late, one in a hundred 300 ms.
            const qint64 lateMillis = i % 100 == 55 ? 300 : i % 10 == 5 ? 30 : 0;
            block.hostNanos = i * kSecond / 10 + lateMillis * 1'000'000;
            fit.add(block, kRate);
        }
        const signal::ArrivalHistogram& arrivals = fit.arrivals();
        QCOMPARE(arrivals.total(), 1000);
        QCOMPARE(arrivals.withinMs(0.5), 0.1);
        QCOMPARE(arrivals.withinMs(0.95), 50.0);
        QCOMPARE(arrivals.withinMs(1.0), 500.0);
        QCOMPARE(arrivals.blocks[8], 90);  // 20 to 50 ms
        QCOMPARE(arrivals.blocks[11], 10); // 200 to 500 ms
        signal::ArrivalHistogram late;
        late.add(2000);
        QVERIFY(qIsInf(late.withinMs(1)));
        QVERIFY(signal::arrivalText({}).isEmpty());
        QCOMPARE(signal::arrivalText(arrivals), QStringLiteral("half within 0.1 ms, 99 % within 50 ms"));
    }

    void driftIsFoundUnderJitterAndStalls_data()
    {
        QTest::addColumn<double>("ppm");
        QTest::addColumn<double>("scale");
        QTest::newRow("none") << 0.0 << 1.0;
        QTest::newRow("fast") << 180.0 << 1.0;
        QTest::newRow("slow") << -250.0 << 1.0;
        QTest::newRow("emulated at ten times the speed") << 40.0 << 10.0;
    }
    void driftIsFoundUnderJitterAndStalls()
    {
        QFETCH(double, ppm);
        QFETCH(double, scale);
        QRandomGenerator random(5);
        ClockFit fit(scale);
        const double speed = scale * (1 + ppm * 1e-6);
        double stall = 0;
        for (double host = 0; host < 600; host += 0.05) {
            // Blocks are late by up to 20 ms, and now and then a busy host sleeps for half a second.
            stall = random.bounded(400) == 0 ? 0.5 : std::max(0.0, stall - 0.05);
            const double late = 0.003 + random.generateDouble() * 0.02 + stall;
            fit.add(static_cast<qint64>(host * speed * 1e6), static_cast<qint64>((host + late) * 1e9) + 77 * kSecond);
        }
        QVERIFY2(std::abs(fit.driftPpm() - ppm) < 10, qPrintable(QString::number(fit.driftPpm())));
        QVERIFY(std::abs(fit.scale() / speed - 1) < 1e-5);
        // The least delay of a block is 3 ms; the fit lies on the blocks that were not late.
        const qint64 half = fit.hostNanosAt(static_cast<qint64>(300 * speed * 1e6));
        QVERIFY(std::abs(static_cast<double>(half - 377 * kSecond)) < 0.010e9);
    }

    // A board may say any time; what the fit makes of it can be compared with any other time.
    void aTimeThatCannotBeHasABound()
    {
        constexpr qint64 kNow = 77 * kSecond;
        ClockFit fit(1.0);
        for (qint64 second = 0; second < 10; ++second)
            fit.add(second * 1'000'000, kNow + second * kSecond);
        const qint64 late = fit.hostNanosAt(900'000'000'000'000'000);
        QVERIFY2(late > 1'000'000'000 * kSecond && late - kNow > 0, qPrintable(QString::number(late)));
        const qint64 early = fit.hostNanosAt(-900'000'000'000'000'000);
        QVERIFY2(early < -1'000'000'000 * kSecond && early - kNow < 0, qPrintable(QString::number(early)));
        QCOMPARE(fit.hostNanosAt(5'000'000), kNow + 5 * kSecond);
    }

    void aStallAtTheBeginningDoesNotTiltTheLine()
    {
        ClockFit fit(1.0);
        for (double device = 0; device < 30; device += 0.03)
            fit.add(static_cast<qint64>(device * 1e6), static_cast<qint64>(std::max(device, 10.0) * 1e9));
        QVERIFY2(std::abs(fit.driftPpm()) < 1, qPrintable(QString::number(fit.driftPpm())));
    }

    void driftOfNothingIsZero()
    {
        ClockFit fit;
        QCOMPARE(fit.driftPpm(), 0.0);
        fit.add(0, 0);
        fit.add(900'000, kSecond / 2);
        QCOMPARE(fit.driftPpm(), 0.0); // under a second
        QCOMPARE(fit.scale(), 1.0);
        ClockFit unknown(0);
        for (int i = 0; i < 100; ++i)
            unknown.add(i * 1'000'000, i * kSecond / 50);
        QCOMPARE(unknown.driftPpm(), 0.0);
        QVERIFY(std::abs(unknown.scale() - 50) < 0.01);
    }

    void aTakeCountsFromItsOwnBeginning()
    {
        const auto sink = std::make_shared<MemorySink>();
        signal::Ledger stream;
        stream.bytes = 1000;
        stream.deviceDrops = 7;
        stream.linkGaps = 9;
        Take take(sink, {.maxRows = 25}, numberedSpec(kRate), 1.0, stream, false);
        stream.linkGaps = 11; // lost before the take's first row
        stream.bytes = 1100;
        QVERIFY(take.append(numberedBlock(500, 10), stream));
        QVERIFY(take.append(numberedBlock(510, 10), stream));
        QVERIFY(!take.isComplete());
        stream.deviceDrops = 9; // two rows of its own
        QVERIFY(take.append(numberedBlock(522, 10), stream));
        QVERIFY(take.isComplete());
        QVERIFY(take.append(numberedBlock(532, 10), stream)); // passed over

        const auto blocks = sink->blocks();
        QCOMPARE(blocks.size(), size_t(3));
        QCOMPARE(blocks[0].firstRow, 0);
        QCOMPARE(blocks[0].deviceMicros, 0);
        QCOMPARE(blocks[2].firstRow, 22);
        QCOMPARE(blocks[2].rowCount, 3); // cut at the limit
        QVERIFY(isNumbered(blocks[2], 3, 500));
        QCOMPARE(sink->ledger().deviceDrops, 2);
        QCOMPARE(sink->ledger().linkGaps, 0);
        QCOMPARE(sink->ledger().bytes, 100);
        QCOMPARE(take.result().rows + sink->ledger().lostRows(), 25);
    }

    void rowsLostAroundATakesEndsAreThoseInside()
    {
        // From the stream's first row: what was lost before the first block is the take's.
        const auto sink = std::make_shared<MemorySink>();
        Take take(sink, {.maxSeconds = 0.5}, numberedSpec(kRate), 1.0, {}, true);
        signal::Ledger stream;
        stream.linkGaps = 20;
        QVERIFY(take.append(numberedBlock(20, 10), stream));
        QCOMPARE(sink->blocks()[0].firstRow, 20);
        // The next block begins behind the end (row 50): 20 of the 40 lost rows are not this take's.
        stream.linkGaps = 60;
        QVERIFY(take.append(numberedBlock(70, 10), stream));
        QVERIFY(take.isComplete());
        QCOMPARE(take.result().rows, 10);
        QCOMPARE(take.result().ledger.linkGaps, 40);
    }

    void aSinkThatRefusesEndsTheTake()
    {
        const auto sink = std::make_shared<MemorySink>();
        sink->refuseAfter(1);
        Take take(sink, {}, numberedSpec(kRate), 1.0, {}, true);
        QVERIFY(take.append(numberedBlock(0, 10), {}));
        const auto refused = take.append(numberedBlock(10, 10), {});
        QVERIFY(!refused);
        QVERIFY(take.isComplete());
        QCOMPARE(take.result().rows, 10);
        QCOMPARE(take.result().error->kind, ErrorKind::Io);
    }
};

QTEST_GUILESS_MAIN(TestLedger)
#include "tst_ledger.moc"
