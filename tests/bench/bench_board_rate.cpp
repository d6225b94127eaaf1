// SPDX-License-Identifier: GPL-3.0-or-later
// Prints the most rows a second (of 12 bytes, six channels) that each emulated board carries from its sensor to this
// program with none lost. A rate counts when one of two tries succeeds, because a computer that is busy with other
// things loses rows at any rate. Arguments: seconds for each try (default 3), then board ids (default all).
#include "core/device/board.h"
#include "core/device/capture.h"
#include "core/device/emulator.h"
#include "core/device/flasher.h"
#include "tests/support/memory_sink.h"
#include "tests/support/numbered_rows.h"

#include <QCoreApplication>

#include <cstdio>
#include <vector>

using namespace ember;
using namespace ember::device;

namespace {

constexpr int kChannels = 6;
constexpr double kSlowestHz = 100;
constexpr double kFastestHz = 64'000;
constexpr int kConnectMs = 60'000;

/// The boards whose emulator and agent are here.
std::vector<Board> boardsHere()
{
    std::vector<Board> boards = loadBoards().value_or(std::vector<Board>());
    std::erase_if(boards, [](const Board& board) {
        return !board.isEmulated() || !missingTool(board).isEmpty() || !shippedImage(board);
    });
    return boards;
}

/// Numbers for channels that any sensor can measure: the Uno's has acceleration and turn rate.
signal::StreamSpec motionSpec(double rateHz)
{
    signal::StreamSpec spec = test::numberedSpec(rateHz, kChannels);
    const char* const names[kChannels] = {"ax", "ay", "az", "gx", "gy", "gz"};
    for (size_t i = 0; i < spec.channels.size(); ++i) {
        spec.channels[i].name = QString::fromLatin1(names[i]);
        spec.channels[i].unit = QString::fromLatin1(i < 3 ? "g" : "deg/s");
    }
    return spec;
}

/// Whether all rows of a sensor of this rate arrive, and not too late.
Result<bool> carries(const Board& board, double rateHz, int seconds)
{
    const auto rows = static_cast<qint64>(rateHz * seconds);
    SensorFeedOptions feedOptions;
    feedOptions.fifoRows = std::max(64, static_cast<int>(rateHz / 4)); // what the board may be late: a quarter second
    EmulatorOptions options;
    EMBER_TRY(options.image, shippedImage(board));
    EMBER_TRY(options.feed,
              SensorFeed::create({motionSpec(rateHz), test::numberedRows(0, rows, kChannels)}, feedOptions));
    EMBER_TRY(const auto emulator, Emulator::start(board, std::move(options)));
    const auto sink = std::make_shared<test::MemorySink>();
    CaptureOptions capture;
    capture.address = emulator->linkAddress();
    capture.connectTimeoutMs = kConnectMs;
    capture.reconnect = false;
    capture.liveSeconds = 1;
    capture.sink = test::into(sink);
    capture.sourceRows = [&] { return emulator->feed()->finalRows(); };
    Capture run(capture, {});
    run.start();
    if (!run.wait(kConnectMs + seconds * 3000))
        return false;
    if (run.status().state != CaptureState::Finished)
        return run.status().error;
    return sink->rows() == rows && sink->ledger().lostRows() == 0;
}

Result<bool> carriesInTwoTries(const Board& board, double rateHz, int seconds)
{
    EMBER_TRY(const bool good, carries(board, rateHz, seconds));
    return good ? Result<bool>(true) : carries(board, rateHz, seconds);
}

Result<double> mostRows(const Board& board, int seconds)
{
    double most = 0;
    double tooMany = kFastestHz;
    for (double rate = kSlowestHz * 5; rate < kFastestHz; rate *= 2) {
        EMBER_TRY(const bool good, carriesInTwoTries(board, rate, seconds));
        if (!good) {
            tooMany = rate;
            break;
        }
        most = rate;
    }
    for (int i = 0; i < 3; ++i) {
        const double middle = (most + tooMany) / 2;
        EMBER_TRY(const bool good, carriesInTwoTries(board, middle, seconds));
        (good ? most : tooMany) = middle;
    }
    return most;
}

} // namespace

int main(int argc, char** argv)
{
    QCoreApplication app(argc, argv);
    const QStringList arguments = app.arguments().mid(1);
    const int seconds = std::max(1, arguments.value(0, QStringLiteral("3")).toInt());
    const QStringList wanted = arguments.mid(1);
    int failures = 0;
    std::printf("%-18s %16s\n", "board", "rows/s, 0 lost");
    for (const Board& board : boardsHere()) {
        if (!wanted.isEmpty() && !wanted.contains(board.id))
            continue;
        const auto most = mostRows(board, seconds);
        if (most)
            std::printf("%-18s %16.0f\n", qPrintable(board.id), *most);
        else
            std::printf("%-18s %s\n", qPrintable(board.id), qPrintable(most.error().toString()));
        failures += most ? 0 : 1;
        std::fflush(stdout);
    }
    return failures > 0 ? 1 : 0;
}
