// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/block_history.h"
#include "core/device/capture.h"
#include "tests/support/host_board.h"
#include "tests/support/link_proxy.h"
#include "tests/support/memory_sink.h"
#include "tests/support/numbered_rows.h"

#include <QTest>

using namespace ember;
using namespace ember::device;
using namespace ember::test;

namespace {

constexpr double kRateHz = 1000;
constexpr int kPatienceMs = 60'000;

signal::SampleBlock numberedBlock(qint64 firstRow, qint64 rows)
{
    signal::SampleBlock block;
    block.firstRow = firstRow;
    block.rowCount = rows;
    block.rows = numberedRows(firstRow, rows);
    block.deviceMicros = firstRow * 1000;
    return block;
}

signal::Ledger ledgerOf(qint64 frames)
{
    signal::Ledger ledger;
    ledger.frames = frames;
    return ledger;
}

qint64 rowsOf(const std::vector<BlockHistory::Entry>& entries)
{
    qint64 rows = 0;
    for (const BlockHistory::Entry& entry : entries)
        rows += entry.block.rowCount;
    return rows;
}

} // namespace

class TestBlockHistory : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theLastSecondsAreCutToTheRow()
    {
        BlockHistory history(numberedSpec(kRateHz), 0.5);
        for (int i = 0; i < 100; ++i)
            history.append(numberedBlock(i * 30, 30), ledgerOf(i + 1));
        const auto past = history.last(0.1);
        QCOMPARE(rowsOf(past), 100);
        QCOMPARE(past.front().block.firstRow, 3000 - 100);
        QCOMPARE(past.back().block.endRow(), 3000);
        QCOMPARE(past.front().block.deviceMicros, (3000 - 100) * 1000);
        for (const BlockHistory::Entry& entry : past) {
            QVERIFY(isNumbered(entry.block));
            QCOMPARE(entry.after.frames, entry.before.frames + 1);
        }
        // More than is kept gives what is kept, which is at least what was promised.
        QVERIFY(rowsOf(history.last(60)) >= 500);
        QVERIFY(rowsOf(history.last(60)) < 500 + 30);
        QVERIFY(history.last(0).empty());
    }

    void aGapIsPartOfThePast()
    {
        BlockHistory history(numberedSpec(kRateHz), 1);
        history.append(numberedBlock(0, 100), ledgerOf(1));
        history.append(numberedBlock(500, 100), ledgerOf(2));
        const auto past = history.last(0.3); // begins in the gap
        QCOMPARE(rowsOf(past), 100 + 1);
        QCOMPARE(past.front().block.endRow(), 100);
    }

    void aBoardThatCountsAnewHasNoPast()
    {
        BlockHistory history(numberedSpec(kRateHz), 1);
        history.append(numberedBlock(1000, 100), ledgerOf(1));
        history.append(numberedBlock(0, 50), ledgerOf(2));
        QCOMPARE(rowsOf(history.last(1)), 50);
        history.clear();
        QVERIFY(history.last(1).empty());
    }

    void memoryIsBounded()
    {
        BlockHistory history(numberedSpec(kRateHz), 1e9);
        const qint64 rows = BlockHistory::kMaxBytes / 6 / 8;
        for (int i = 0; i < 20; ++i)
            history.append(numberedBlock(i * rows, rows), ledgerOf(i));
        QVERIFY(rowsOf(history.last(1e9)) * 6 <= BlockHistory::kMaxBytes);
        QVERIFY(rowsOf(history.last(1e9)) >= 7 * rows);
    }

    void aTakeCanBeginBeforeItIsAskedFor()
    {
        SocketPair pair;
        LinkProxy proxy(pair.takeHostEnd());
        const HostBoard board(pair.boardEnd(), {.rateHz = kRateHz});
        CaptureOptions options;
        options.address = proxy.address();
        options.connectTimeoutMs = kPatienceMs;
        options.historySeconds = 1;
        Capture capture(options, {});
        capture.start();
        QTRY_VERIFY_WITH_TIMEOUT(capture.live() && capture.live()->endRow() > 1500, kPatienceMs);

        const auto sink = std::make_shared<MemorySink>();
        const qint64 asked = capture.live()->endRow();
        capture.beginTake(into(sink), {.maxSeconds = 0.3, .historySeconds = 0.5});
        QTRY_VERIFY_WITH_TIMEOUT(capture.lastTake(), kPatienceMs);
        const TakeResult result = *capture.lastTake();
        QVERIFY(!result.error);
        QCOMPARE(result.rows, 500 + 300);
        QCOMPARE(result.ledger.lostRows(), 0);
        QVERIFY(result.firstRow >= asked - 500);
        qint64 next = 0;
        for (const signal::SampleBlock& block : sink->blocks()) {
            QCOMPARE(block.firstRow, next);
            QVERIFY(isNumbered(block, 3, result.firstRow));
            QCOMPARE(block.deviceMicros / 1000, block.firstRow); // from the take's own beginning
            next = block.endRow();
        }
        QCOMPARE(next, 800);

        // Without a wish for the past it begins at the next row.
        const auto later = std::make_shared<MemorySink>();
        const qint64 second = capture.live()->endRow();
        capture.beginTake(into(later), {.maxRows = 100});
        QTRY_VERIFY_WITH_TIMEOUT(capture.lastTake(), kPatienceMs);
        QCOMPARE(capture.lastTake()->rows, 100);
        QVERIFY(capture.lastTake()->firstRow >= second);
    }
};

QTEST_GUILESS_MAIN(TestBlockHistory)
#include "tst_block_history.moc"
