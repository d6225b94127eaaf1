// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/board/fault_run.h"

#include "core/device/capture.h"
#include "core/device/emulator.h"
#include "core/device/flasher.h"
#include "tests/support/board_socket.h"
#include "tests/support/memory_sink.h"
#include "tests/support/numbered_rows.h"

#include <QDeadlineTimer>

namespace ember::test {
namespace {

using namespace ember::device;

constexpr int kChannels = 3;
constexpr int kPatienceMs = 120'000;
constexpr int kWaitMs = 20;

} // namespace

Result<FaultOutcome> runWithFaults(const Board& board, const FaultPlan& plan)
{
    EmulatorOptions options;
    EMBER_TRY(options.image, shippedImage(board));
    options.startTimeoutMs = kPatienceMs;
    EMBER_TRY(options.feed,
              SensorFeed::create({numberedSpec(plan.rateHz, kChannels), numberedRows(0, plan.rows, kChannels)}, {}));
    EMBER_TRY(const auto emulator, Emulator::start(board, std::move(options)));
    EMBER_TRY(const FdHandle fd, connectToBoard(emulator->linkAddress(), kPatienceMs));
    LinkProxy cable(fd.get());

    const auto sink = std::make_shared<MemorySink>();
    CaptureOptions capture;
    capture.address = cable.address();
    capture.connectTimeoutMs = kPatienceMs;
    capture.reconnectTimeoutMs = kPatienceMs;
    capture.sink = into(sink);
    capture.sourceRows = [&] { return emulator->feed()->finalRows(); };
    Capture run(capture, {});
    run.start();

    // Until the stream runs the cable is whole: what is proved here is the stream.
    QDeadlineTimer deadline(kPatienceMs + static_cast<qint64>(2000.0 * static_cast<double>(plan.rows) / plan.rateHz));
    while (sink->rows() == 0 && !run.wait(kWaitMs) && !deadline.hasExpired()) {
    }
    cable.setFaults(plan.faults, plan.seed);
    int pulled = 0;
    while (!run.wait(kWaitMs) && !deadline.hasExpired()) {
        const qint64 next = plan.rows * (pulled + 1) / (plan.unplugs + 1);
        if (pulled == plan.unplugs || emulator->feed()->progress().delivered < next)
            continue;
        ++pulled;
        cable.unplug();
        while (cable.isConnected() && !run.wait(kWaitMs)) {
        }
        static_cast<void>(run.wait(10 * kWaitMs)); // rows are lost meanwhile
        cable.plugIn();
    }
    if (run.status().state != CaptureState::Finished)
        return run.status().error.context(QStringLiteral("recording from %1").arg(board.id));

    FaultOutcome outcome;
    // A sensor that is emulated at register level has a scale of its own.
    const bool sameNumbers = !board.emulator->countsCycles();
    for (const signal::SampleBlock& block : sink->blocks())
        outcome.wrong += !sameNumbers || isNumbered(block, kChannels) ? 0 : 1;
    outcome.received = sink->rows();
    outcome.ledger = sink->ledger();
    outcome.faults = cable.faultCount();
    return outcome;
}

} // namespace ember::test
