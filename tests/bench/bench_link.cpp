// SPDX-License-Identifier: GPL-3.0-or-later
// Prints how many rows a second an emulated board carries from its sensor to the host, and what it loses, at rising
// rates. Arguments: board id (default mps2-an386), seconds for each rate (default 5).
#include "core/base/resources.h"
#include "core/device/board.h"
#include "core/device/emulator.h"
#include "tests/support/numbered_rows.h"

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QElapsedTimer>

#include <cstdio>

using namespace ember;
using namespace ember::device;

namespace {

constexpr int kChannels = 6; // 12 bytes a row

struct Figures
{
    double rowsPerSecond = 0;
    quint32 received = 0;
    quint32 lost = 0;
    double rowsPerFrame = 0;
};

Result<Figures> measure(const Board& board, double rateHz, int seconds)
{
    SensorFeedOptions feedOptions;
    feedOptions.loop = true;
    EMBER_TRY(auto feed,
              SensorFeed::create({test::numberedSpec(rateHz, kChannels), test::numberedRows(0, 60'000, kChannels)},
                                 feedOptions));
    EmulatorOptions options;
    EMBER_TRY(options.image, resourcePath(QStringLiteral("firmware/%1.elf").arg(board.id)));
    options.feed = std::move(feed);
    EMBER_TRY(const auto emulator, Emulator::start(board, std::move(options)));
    EMBER_TRY(const auto session, emulator->connectAgent());
    QDeadlineTimer sensorDeadline(30'000);
    while (session->description().streams.empty() && !sensorDeadline.hasExpired()) {
        EMBER_CHECK(session->describe());
    }

    Figures figures;
    int frames = 0;
    session->setFrameHandler([&](const Frame& frame, qint64) {
        if (frame.type() != wire::MessageType::Samples)
            return;
        const auto* at = reinterpret_cast<const uint8_t*>(frame.payload.constData());
        figures.received +=
            static_cast<quint32>(frame.payload.size() - static_cast<int>(wire::SamplesHeader::kSize)) / (2 * kChannels);
        figures.lost = wire::SamplesHeader::unpack(at).dropped;
        ++frames;
    });
    EMBER_CHECK(session->start(0, wire::kStartSamples));
    QElapsedTimer clock;
    clock.start();
    while (clock.elapsed() < seconds * 1000)
        EMBER_CHECK(session->poll(100));
    figures.rowsPerSecond = figures.received * 1e9 / static_cast<double>(clock.nsecsElapsed());
    figures.rowsPerFrame = frames > 0 ? figures.received / static_cast<double>(frames) : 0;
    return figures;
}

} // namespace

int main(int argc, char** argv)
{
    QCoreApplication app(argc, argv);
    const QStringList arguments = app.arguments();
    const auto board = findBoard(arguments.value(1, QStringLiteral("mps2-an386")));
    if (!board) {
        std::fprintf(stderr, "%s\n", qPrintable(board.error().toString()));
        return 1;
    }
    const int seconds = arguments.value(2, QStringLiteral("5")).toInt();
    std::printf("%s, rows of %d bytes\n%10s %10s %10s %10s %10s\n", qPrintable(board->id), 2 * kChannels, "rate/Hz",
                "rows/s", "received", "lost", "rows/frame");
    for (double rate : {50.0, 500.0, 1000.0, 2000.0, 5000.0, 7000.0, 10'000.0, 20'000.0}) {
        const auto figures = measure(*board, rate, seconds);
        if (!figures) {
            std::fprintf(stderr, "%s\n", qPrintable(figures.error().toString()));
            return 1;
        }
        std::printf("%10.0f %10.0f %10u %10u %10.1f\n", rate, figures->rowsPerSecond, figures->received, figures->lost,
                    figures->rowsPerFrame);
        std::fflush(stdout);
    }
    return 0;
}
