// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/board.h"
#include "core/device/flasher.h"
#include "tests/board/fault_run.h"
#include "tests/support/verify_ok.h"

#include <QTemporaryDir>
#include <QTest>

using namespace ember;
using namespace ember::device;
using namespace ember::test;

// Nothing is lost silently: whatever a cable does to the bytes, what was received and what was counted as lost make up
// what the sensor produced, and no wrong row passes for a right one.
class TestFaults : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_state.isValid());
        qputenv("EMBERLAB_STATE", m_state.path().toUtf8());
    }

    void everyRowIsReceivedOrCounted_data()
    {
        QTest::addColumn<QString>("board");
        std::vector<Board> boards = loadBoards().value_or(std::vector<Board>());
        std::erase_if(boards, [](const Board& board) {
            return !board.isEmulated() || !missingTool(board).isEmpty() || !shippedImage(board);
        });
        if (boards.empty())
            QSKIP("no emulator is installed, or the firmware has not been built (no cross-compiler)");
        for (const Board& board : boards)
            QTest::newRow(qPrintable(board.id)) << board.id;
    }
    void everyRowIsReceivedOrCounted()
    {
        QFETCH(QString, board);
        FaultPlan plan;
        plan.faults = {0.0010, 0.0006, 0.0006};
        plan.seed = 20;
        plan.rows = 700;
        const Board about = findBoard(board).value();
        // The Uno's own link carries less.
        plan.rateHz = about.emulator->countsCycles() ? 200 : 600;
        plan.unplugs = 1;
        const auto outcome = runWithFaults(about, plan);
        QVERIFY2(outcome, qPrintable(outcome ? QString() : outcome.error().toString()));
        qInfo("%lld received, %lld lost on the link, %lld on the board, %lld frames refused, %lld bytes damaged",
              outcome->received, outcome->ledger.linkGaps, outcome->ledger.deviceDrops, outcome->ledger.crcErrors,
              outcome->faults);
        QCOMPARE(outcome->wrong, 0);
        QVERIFY(outcome->faults > 0);
        QVERIFY(outcome->ledger.crcErrors > 0);
        QVERIFY(outcome->ledger.lostRows() > 0);
        QVERIFY(outcome->ledger.reconnects >= 1);
        QCOMPARE(outcome->received + outcome->ledger.lostRows(), plan.rows);
    }

    // Where most frames are damaged, those too that tell at the end what was lost last.
    void theLastRowsAreCountedOverAHardCable()
    {
        const auto board = findBoard(QStringLiteral("mps2-an385"));
        VERIFY_OK(board);
        if (!missingTool(*board).isEmpty() || !shippedImage(*board))
            QSKIP("the emulator is not installed, or the firmware has not been built");
        FaultPlan plan;
        plan.faults = {0.01, 0.01, 0.001, 0.0002, 0.02};
        plan.seed = 21;
        for (plan.rows = 300; plan.rows <= 303; ++plan.rows) {
            const auto outcome = runWithFaults(*board, plan);
            QVERIFY2(outcome, qPrintable(outcome ? QString() : outcome.error().toString()));
            QCOMPARE(outcome->wrong, 0);
            QVERIFY(outcome->ledger.linkGaps > plan.rows / 4);
            QCOMPARE(outcome->received + outcome->ledger.lostRows(), plan.rows);
        }
    }

private:
    QTemporaryDir m_state;
};

QTEST_GUILESS_MAIN(TestFaults)
#include "tst_faults.moc"
