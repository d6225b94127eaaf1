// SPDX-License-Identifier: GPL-3.0-or-later
// Records from each emulated board over a cable that flips, drops and doubles bytes and is unplugged now and then, and
// prints whether received and lost rows make up what the sensor produced. Arguments: seconds for each board (default
// 60), then board ids (default all). Ends with 1 when a row is unaccounted for.
#include "core/device/board.h"
#include "tests/board/fault_run.h"

#include <QCoreApplication>

#include <cstdio>

using namespace ember;

int main(int argc, char** argv)
{
    QCoreApplication app(argc, argv);
    const QStringList arguments = app.arguments().mid(1);
    const int seconds = std::max(1, arguments.value(0, QStringLiteral("60")).toInt());
    const QStringList wanted = arguments.mid(1);
    const auto boards = device::loadBoards();
    if (!boards) {
        std::fprintf(stderr, "%s\n", qPrintable(boards.error().toString()));
        return 1;
    }
    test::FaultPlan plan;
    plan.faults = {0.0002, 0.0001, 0.0001};
    plan.rateHz = 400;
    plan.rows = static_cast<qint64>(plan.rateHz * seconds);
    plan.unplugs = seconds / 10;
    int failures = 0;
    std::printf("%-18s %8s %8s %9s %8s %8s %7s %8s\n", "board", "produced", "received", "lost-link", "lost-brd",
                "refused", "damaged", "unknown");
    for (const device::Board& board : *boards) {
        if (!board.isEmulated() || (!wanted.isEmpty() && !wanted.contains(board.id)))
            continue;
        const auto outcome = test::runWithFaults(board, plan);
        if (!outcome) {
            std::printf("%-18s %s\n", qPrintable(board.id), qPrintable(outcome.error().toString()));
            ++failures;
            continue;
        }
        const qint64 unknown = plan.rows - outcome->received - outcome->ledger.lostRows();
        failures += unknown != 0 || outcome->wrong != 0 ? 1 : 0;
        std::printf("%-18s %8lld %8lld %9lld %8lld %8lld %7lld %8lld%s\n", qPrintable(board.id), plan.rows,
                    outcome->received, outcome->ledger.linkGaps, outcome->ledger.deviceDrops, outcome->ledger.crcErrors,
                    outcome->faults, unknown, outcome->wrong > 0 ? "  wrong rows!" : "");
        std::fflush(stdout);
    }
    return failures > 0 ? 1 : 0;
}
