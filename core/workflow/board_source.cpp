// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/board_source.h"

#include "core/dataset/recording.h"
#include "core/device/capture.h"
#include "core/device/flasher.h"

#include <QFileInfo>

#include <algorithm>

namespace ember::workflow {
namespace {

// Where row numbers of an imported recording, which have jumps where time has gaps, come to lie when its blocks are
// put one behind the other.
class RowMap
{
public:
    RowMap(const std::vector<signal::SampleBlock>& blocks, qint64 firstFeedRow)
        : m_blocks(blocks)
        , m_first(firstFeedRow)
    {}

    qint64 feedRow(qint64 row) const
    {
        qint64 before = m_first;
        for (const signal::SampleBlock& block : m_blocks) {
            if (row < block.firstRow)
                return before;
            if (row < block.endRow())
                return before + row - block.firstRow;
            before += block.rowCount;
        }
        return before;
    }

private:
    const std::vector<signal::SampleBlock>& m_blocks;
    qint64 m_first;
};

class FeedBuilder
{
public:
    explicit FeedBuilder(const signal::StreamSpec& spec)
        : m_spec(spec)
    {}

    Status add(const dataset::ImportedRecording& recording)
    {
        if (const QString difference = dataset::layoutDifference(recording.about.stream, m_spec); !difference.isEmpty())
            return Error(
                ErrorKind::BadData,
                QStringLiteral("'%1' does not fit to what comes before it: %2.").arg(recording.about.name, difference),
                QStringLiteral("Feed files with one layout only."));
        const RowMap map(recording.blocks, m_rows);
        for (const dataset::ImportedSegment& segment : recording.segments) {
            const dataset::ImportedSegment moved{segment.label, map.feedRow(segment.begin), map.feedRow(segment.end)};
            if (moved.begin < moved.end)
                m_segments.push_back(moved);
        }
        for (const signal::SampleBlock& block : recording.blocks) {
            const std::vector<float> values = signal::toPhysical(block.rows, recording.about.stream);
            m_values.insert(m_values.end(), values.begin(), values.end());
            m_rows += block.rowCount;
        }
        return {};
    }

    Result<FeedFile> build() &&
    {
        FeedFile feed;
        EMBER_TRY(feed.recording, device::quantiseForFeed(m_spec, m_values));
        feed.segments = std::move(m_segments);
        return feed;
    }

private:
    signal::StreamSpec m_spec;
    std::vector<float> m_values;
    std::vector<dataset::ImportedSegment> m_segments;
    qint64 m_rows = 0;
};

Result<std::unique_ptr<device::SensorFeed>> makeFeed(const BoardSource& source, const FeedFile* feed)
{
    if (!feed)
        return std::unique_ptr<device::SensorFeed>();
    device::SensorFeedOptions options;
    options.speed = source.speed;
    options.loop = source.loop;
    // Ten seconds of the feed's own time, or a busy desktop would look like a slow board.
    const double rowsPerSecond = feed->recording.spec.rateHz * source.speed;
    options.fifoRows = std::max(options.fifoRows, static_cast<int>(std::min(4e6, rowsPerSecond * 10.0)));
    return device::SensorFeed::create(feed->recording, options);
}

} // namespace

Result<FeedFile> loadFeed(const QString& path, const CancelToken& cancel)
{
    EMBER_TRY(const dataset::ImportedFile file, dataset::readSignals(path, {}, cancel));
    if (file.recordings.empty())
        return Error(ErrorKind::BadData, QStringLiteral("'%1' holds no samples.").arg(path));
    FeedBuilder builder(file.recordings.front().about.stream);
    for (const dataset::ImportedRecording& recording : file.recordings)
        EMBER_CHECK(builder.add(recording));
    EMBER_TRY(FeedFile feed, std::move(builder).build());
    feed.group = file.recordings.front().about.group;
    feed.name = QFileInfo(path).completeBaseName();
    feed.warnings = file.warnings;
    return feed;
}

Result<BoardLink> startBoard(const BoardSource& source, const Hooks& hooks)
{
    if (source.port.isEmpty() == source.board.isEmpty())
        return Error(
            ErrorKind::Usage, QStringLiteral("Name either a port or an emulated board."),
            QStringLiteral("Use --port PORT or --board ID; 'emberlab ports' and 'emberlab boards' list them."));
    if (!(source.speed >= kMinFeedSpeed && source.speed <= kMaxFeedSpeed))
        return Error(ErrorKind::Usage, QStringLiteral("A feed cannot be played %1 times as fast.").arg(source.speed),
                     QStringLiteral("The speed is a number from %1 to %2; 1 is real time.")
                         .arg(kMinFeedSpeed)
                         .arg(kMaxFeedSpeed));
    if (!(source.rateHz >= 0 && source.rateHz <= kMaxRateHz))
        return Error(ErrorKind::Usage, QStringLiteral("%1 Hz is no rate for a sensor.").arg(source.rateHz),
                     QStringLiteral("Leave it out to have it measured."));
    BoardLink link;
    if (!source.port.isEmpty()) {
        link.address = source.port;
        link.format = source.format;
        link.transport.baud = source.baud;
        return link;
    }

    EMBER_TRY(const device::Board board, device::findBoard(source.board));
    if (!board.isEmulated())
        return Error(ErrorKind::Unsupported, QStringLiteral("%1 is not an emulated board.").arg(board.name),
                     QStringLiteral("Connect it and name its port with --port."));
    report(hooks.progress, QStringLiteral("Starting %1").arg(board.name));
    device::EmulatorOptions options;
    options.image = source.image;
    if (options.image.isEmpty()) {
        EMBER_TRY(options.image, device::currentImage(board));
    }
    EMBER_TRY(options.feed, makeFeed(source, source.feed.get()));
    EMBER_TRY(options.secondFeed, makeFeed(source, source.secondFeed.get()));
    EMBER_TRY(link.emulator, device::Emulator::start(board, std::move(options)));
    link.address = link.emulator->linkAddress();
    link.format = QString::fromLatin1(device::kAgentFormat);
    link.timeScale = source.feed ? source.speed : 1.0;
    return link;
}

} // namespace ember::workflow
