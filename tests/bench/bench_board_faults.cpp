// SPDX-License-Identifier: GPL-3.0-or-later
// Records from each emulated board over a cable that damages bytes, both ways, and prints whether received and lost
// rows make up what the sensor produced. Arguments: seconds for each board (default 60), "hard" for the second of the
// two cables below, then board ids (default all). Ends with 1 when a row is unaccounted for.
#include "core/device/board.h"
#include "core/device/flasher.h"
#include "tests/board/fault_run.h"

#include <QCoreApplication>

#include <cstdio>
#include <vector>

using namespace ember;

namespace {

/// A bad one, which is unplugged now and then.
test::FaultPlan badCable(int seconds)
{
    test::FaultPlan plan;
    plan.faults = {0.0002, 0.0001, 0.0001, 0, 0};
    plan.unplugs = seconds / 10;
    return plan;
}

/// Of a hundred bytes one is flipped and one is missing, with bytes and frames that come twice, and bursts of noise.
/// Most frames do not come through whole. Not unplugged: a description, which is the longest frame, would hardly ever
/// arrive.
test::FaultPlan hardCable()
{
    test::FaultPlan plan;
    plan.faults = {0.01, 0.01, 0.001, 0.0002, 0.02};
    return plan;
}

std::vector<device::Board> boardsHere()
{
    std::vector<device::Board> boards = device::loadBoards().value_or(std::vector<device::Board>());
    std::erase_if(boards, [](const device::Board& board) {
        return !board.isEmulated() || !device::missingTool(board).isEmpty() || !device::shippedImage(board);
    });
    return boards;
}

} // namespace

int main(int argc, char** argv)
{
    QCoreApplication app(argc, argv);
    const QStringList arguments = app.arguments().mid(1);
    const int seconds = std::max(1, arguments.value(0, QStringLiteral("60")).toInt());
    const bool hard = arguments.value(1) == QLatin1String("hard");
    const QStringList wanted = arguments.mid(hard ? 2 : 1);
    test::FaultPlan plan = hard ? hardCable() : badCable(seconds);
    int failures = 0;
    std::printf("%-18s %8s %8s %9s %8s %8s %7s %8s\n", "board", "produced", "received", "lost-link", "lost-brd",
                "refused", "damaged", "unknown");
    for (const device::Board& board : boardsHere()) {
        if (!wanted.isEmpty() && !wanted.contains(board.id))
            continue;
        plan.rateHz = board.emulator->countsCycles() ? 200 : 400; // the Uno's own link carries less
        plan.rows = static_cast<qint64>(plan.rateHz * seconds);
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
