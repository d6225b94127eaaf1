// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/record.h"

#include "core/base/quantity.h"
#include "core/dataset/edits.h"
#include "core/dataset/project.h"
#include "core/dataset/recording_writer.h"
#include "core/device/capture.h"

#include <algorithm>
#include <cmath>

namespace ember::workflow {
namespace {

constexpr int kPollMs = 50;

// Passes blocks on and remembers with which row of the sensor the recording began: its own row 0.
class FirstRowSink : public signal::BlockSink
{
public:
    explicit FirstRowSink(std::unique_ptr<dataset::RecordingWriter> writer)
        : m_writer(std::move(writer))
    {}

    Status append(const signal::SampleBlock& block) override
    {
        if (!m_firstRow)
            m_firstRow = block.firstRow;
        return m_writer->append(block);
    }
    Status updateLedger(const signal::Ledger& ledger) override { return m_writer->updateLedger(ledger); }

    dataset::RecordingWriter& writer() { return *m_writer; }
    qint64 firstRow() const { return m_firstRow.value_or(0); }

private:
    std::unique_ptr<dataset::RecordingWriter> m_writer;
    std::optional<qint64> m_firstRow;
};

// What the acquisition thread hands to the thread that waits for it; read only after the capture has ended.
struct Session
{
    std::vector<std::shared_ptr<FirstRowSink>> sinks; // one for each stream, the main one's first
    QString format;
    QString formatReason;
    std::vector<formats::TextLine> lines;
};

QJsonObject metadataFor(const RecordRequest& request, const device::BoardDescription& board)
{
    QJsonObject metadata{
        {QStringLiteral("board"), board.board},
        {QStringLiteral("firmware"), board.firmware},
        {QStringLiteral("build_id"), QString::fromLatin1(board.buildId.toHex())},
        {QStringLiteral("source"), request.source.port.isEmpty() ? QStringLiteral("emulated") : request.source.port},
    };
    if (board.format != QLatin1String(device::kAgentFormat)) {
        metadata.insert(QStringLiteral("format"), board.format);
        metadata.insert(QStringLiteral("format_reason"), board.formatReason);
    }
    if (request.source.feed)
        metadata.insert(QStringLiteral("feed"), request.source.feed->name);
    if (!request.label.isEmpty())
        metadata.insert(QStringLiteral("label"), request.label);
    if (!request.notes.isEmpty())
        metadata.insert(QStringLiteral("notes"), request.notes);
    return metadata;
}

dataset::NewRecording describe(const RecordRequest& request, const device::BoardDescription& board,
                               const device::StreamDescription& stream, const Session& session)
{
    dataset::NewRecording recording;
    recording.name = request.name;
    recording.stream = stream.spec;
    if (!request.group.isEmpty())
        recording.group.name = request.group;
    else if (request.source.feed)
        recording.group = request.source.feed->group;
    recording.metadata = metadataFor(request, board);
    if (session.sinks.empty())
        return recording;
    if (!request.name.isEmpty())
        recording.name += QStringLiteral(" (%1)").arg(stream.spec.name);
    recording.metadata.insert(QLatin1String(dataset::kRecordedWith), session.sinks.front()->writer().id().value);
    if (request.source.secondFeed)
        recording.metadata.insert(QStringLiteral("feed"), request.source.secondFeed->name);
    return recording;
}

device::CaptureOptions captureOptions(const RecordRequest& request, const BoardLink& link,
                                      std::shared_ptr<Session> session)
{
    device::CaptureOptions options;
    options.address = link.address;
    options.transport = link.transport;
    options.timeScale = link.timeScale;
    options.format = link.format;
    options.channels = request.source.channels;
    options.rateHz = request.source.rateHz;
    options.streams = request.streams;
    options.leastStreams = (request.source.feed ? 1 : 0) + (request.source.secondFeed ? 1 : 0);
    options.rawLog = request.rawLog;
    options.reconnect = request.reconnectMs > 0;
    options.reconnectTimeoutMs = request.reconnectMs;
    options.liveSeconds = 1; // nobody looks
    options.sourceRows = [&link] { return link.sourceRows(); };
    options.take.maxSeconds = request.seconds;
    options.sink = [request,
                    session](const device::BoardDescription& board,
                             const device::StreamDescription& stream) -> Result<std::shared_ptr<signal::BlockSink>> {
        EMBER_TRY(auto writer,
                  dataset::RecordingWriter::start(request.project, describe(request, board, stream, *session)));
        session->sinks.push_back(std::make_shared<FirstRowSink>(std::move(writer)));
        session->format = board.format;
        session->formatReason = board.formatReason;
        return std::shared_ptr<signal::BlockSink>(session->sinks.back());
    };
    return options;
}

void reportStatus(const Hooks& hooks, const RecordRequest& request, const device::CaptureStatus& status, double rateHz)
{
    const double wanted = request.seconds > 0 ? request.seconds * rateHz : 0;
    const double fraction = wanted > 0 ? std::min(1.0, static_cast<double>(status.rows) / wanted) : -1;
    QString detail = QStringLiteral("%1 rows, %2").arg(formatCount(status.rows), signal::lossText(status.ledger));
    if (status.state == device::CaptureState::LinkLost)
        detail += QStringLiteral(", link lost, waiting for it");
    report(hooks.progress, QStringLiteral("Recording"), fraction, detail);
}

// The feed's segments in rows of a recording that began with the sensor's row `firstRow`. `rowsPerFeedRow` is 1 where
// the sensor gives the feed's own rows, and not where it measures them at a rate of its own.
std::vector<dataset::ImportedSegment> segmentsFor(const RecordRequest& request, const FeedFile* feed,
                                                  const dataset::Recording& recording, qint64 firstRow,
                                                  double rowsPerFeedRow)
{
    if (!request.label.isEmpty())
        return {{request.label, 0, recording.endRow}};
    if (!feed || request.source.loop)
        return {};
    std::vector<dataset::ImportedSegment> segments = feed->segments;
    for (dataset::ImportedSegment& segment : segments) {
        const auto rowOf = [rowsPerFeedRow, firstRow](qint64 feedRow) {
            return std::llround(static_cast<double>(feedRow) * rowsPerFeedRow) - firstRow;
        };
        segment.begin = std::max<qint64>(0, rowOf(segment.begin));
        segment.end = rowOf(segment.end);
    }
    return segments;
}

double rateOf(const dataset::Recording& recording)
{
    return recording.ledger.measuredRateHz > 0 ? recording.ledger.measuredRateHz : recording.stream.rateHz;
}

// Segments of one stream's recording. What goes wrong is noted: the samples are there.
qint64 labelOrNote(dataset::Project& project, const RecordRequest& request, const dataset::Recording& recording,
                   const std::vector<dataset::ImportedSegment>& segments, std::optional<Error>& endedBy)
{
    const auto made = labelRecording(project, recording.id, request.labelSet, request.label, segments);
    if (made)
        return *made;
    noteEnd(endedBy, made.error(), QStringLiteral("labelling the recording"));
    return 0;
}

// A stream beside the main one, whose recording is sealed: its labels, and how it lies to the main one.
StreamOutcome describeOther(dataset::Project& project, const RecordRequest& request, const FirstRowSink& sink,
                            const dataset::Recording& recording, std::optional<Error>& endedBy)
{
    StreamOutcome outcome;
    outcome.recording = recording;
    outcome.rateHz = rateOf(recording);
    const FeedFile* const feed = request.source.secondFeed.get();
    const double scale = feed ? recording.stream.rateHz / feed->recording.spec.rateHz : 1;
    outcome.segments = labelOrNote(project, request, recording,
                                   segmentsFor(request, feed, recording, sink.firstRow(), scale), endedBy);
    return outcome;
}

void alignOther(dataset::Project& project, dataset::RecordingId main, double beginsAfterSeconds, StreamOutcome& other,
                std::optional<Error>& endedBy)
{
    other.beginsAfterSeconds = beginsAfterSeconds;
    const Status kept = alignRecording(project, other.recording.id, dataset::kRecordedWith, main, beginsAfterSeconds);
    const auto aligned = project.recordings().get(other.recording.id);
    if (aligned)
        other.recording = *aligned;
    if (!kept)
        noteEnd(endedBy, kept.error(), QStringLiteral("aligning the streams"));
}

// The captured streams' takes in the order of their sinks: the main one's first.
const device::TakeResult* takeOf(const std::optional<device::TakeResult>& take, size_t stream)
{
    if (!take || stream > take->others.size())
        return nullptr;
    return stream == 0 ? &*take : &take->others[stream - 1];
}

} // namespace

Status alignRecording(dataset::Project& project, dataset::RecordingId id, const char* relation,
                      dataset::RecordingId main, double beginsAfterSeconds)
{
    EMBER_TRY(const dataset::Recording recording, project.recordings().get(id));
    QJsonObject metadata = recording.metadata;
    metadata.insert(QLatin1String(relation), main.value);
    metadata.insert(QLatin1String(dataset::kBeginsAfter), beginsAfterSeconds);
    EMBER_CHECK(dataset::apply(project, dataset::Edit(dataset::SetMetadata{id, metadata})));
    return {};
}

double beginsAfter(qint64 mainNanos, qint64 otherNanos, double timeScale)
{
    if (mainNanos == 0 || otherNanos == 0)
        return 0;
    return static_cast<double>(otherNanos - mainNanos) * 1e-9 * (timeScale > 0 ? timeScale : 1.0);
}

void noteEnd(std::optional<Error>& endedBy, const Error& error, const QString& doing)
{
    if (!endedBy)
        endedBy = error.context(doing);
}

dataset::Recording finishRecording(const dataset::Project* project, dataset::RecordingWriter& writer,
                                   std::optional<Error>& endedBy)
{
    const auto finished = writer.finish();
    if (finished)
        return *finished;
    noteEnd(endedBy, finished.error(), QStringLiteral("finishing the recording"));
    if (project) {
        if (const auto kept = project->recordings().get(writer.id()))
            return *kept;
    }
    dataset::Recording known;
    known.id = writer.id();
    known.rowCount = writer.rowCount();
    known.endRow = writer.endRow();
    return known;
}

Result<qint64> labelRecording(dataset::Project& project, dataset::RecordingId id, const QString& labelSet,
                              const QString& label, const std::vector<dataset::ImportedSegment>& segments)
{
    EMBER_TRY(const dataset::Recording recording, project.recordings().get(id));
    const QString set = labelSet.isEmpty() ? QString::fromLatin1(dataset::kDefaultLabelSet) : labelSet;
    dataset::EditMacro macro{QStringLiteral("Label %1").arg(recording.name), {}};
    for (const dataset::ImportedSegment& segment : segments) {
        const qint64 end = std::min(segment.end, recording.endRow);
        if (segment.begin >= end)
            continue;
        EMBER_TRY(const dataset::Label made,
                  project.labels().ensureLabel(set, label.isEmpty() ? segment.label : label));
        macro.edits.emplace_back(dataset::AddSegment{{{}, id, made.id, segment.begin, end}});
    }
    const auto count = static_cast<qint64>(macro.edits.size());
    if (count > 0)
        EMBER_CHECK(dataset::apply(project, dataset::Edit(std::move(macro))));
    return count;
}

Result<RecordOutcome> record(const RecordRequest& request, const Hooks& hooks)
{
    if (!(request.seconds >= 0 && request.seconds <= kMaxSeconds))
        return Error(ErrorKind::Usage, QStringLiteral("A recording cannot be %1 s long.").arg(request.seconds),
                     QStringLiteral("Leave the duration out to record until it is stopped."));
    // Opening first: a project that cannot be written must not cost a board its start.
    EMBER_TRY(dataset::Project project, dataset::Project::open(request.project));
    if (project.isReadOnly())
        return Error(ErrorKind::Io,
                     QStringLiteral("'%1' can only be read. %2").arg(request.project, project.readOnlyReason()));
    EMBER_TRY(const BoardLink link, startBoard(request.source, hooks));

    auto session = std::make_shared<Session>();
    double nominalRateHz = 0;
    device::CaptureHandlers handlers;
    handlers.onText = [session](const formats::TextLine& line) {
        if (session->lines.size() < kKeptLines)
            session->lines.push_back(line);
    };
    device::Capture capture(captureOptions(request, link, session), handlers);
    capture.start();
    // To the very end, however long stopping takes: until then the sink is the acquisition thread's alone.
    while (!capture.wait(kPollMs)) {
        if (hooks.cancel.isCancelled())
            capture.stop();
        if (request.source.feed)
            nominalRateHz = request.source.feed->recording.spec.rateHz;
        reportStatus(hooks, request, capture.status(), nominalRateHz);
    }
    const device::CaptureStatus status = capture.status();
    const std::optional<device::TakeResult> take = capture.lastTake();
    if (session->sinks.empty())
        return status.state == device::CaptureState::Failed
                   ? status.error
                   : Error(ErrorKind::Cancelled, QStringLiteral("Stopped before the board sent anything."));

    RecordOutcome outcome;
    if (take && take->error)
        outcome.endedBy = take->error;
    else if (status.state == device::CaptureState::Failed)
        outcome.endedBy = status.error;
    if (outcome.endedBy && status.rows > 0)
        outcome.endedBy->hint +=
            QStringLiteral(" The %1 rows that came before are kept.").arg(formatCount(status.rows));

    // All are sealed before anything else is done with one: what goes wrong there must not leave another unfinished.
    std::vector<dataset::Recording> recordings;
    for (const auto& sink : session->sinks)
        recordings.push_back(finishRecording(&project, sink->writer(), outcome.endedBy));
    outcome.recording = recordings.front();
    outcome.format = session->format;
    outcome.formatReason = session->formatReason;
    outcome.lines = session->lines;
    outcome.rateHz = rateOf(outcome.recording);
    outcome.beginNanos = take ? take->beginNanos : 0;
    outcome.timeScale = link.timeScale;
    outcome.segments = labelOrNote(
        project, request, outcome.recording,
        segmentsFor(request, request.source.feed.get(), outcome.recording, session->sinks.front()->firstRow(), 1),
        outcome.endedBy);
    for (size_t i = 1; i < recordings.size(); ++i) {
        StreamOutcome other = describeOther(project, request, *session->sinks[i], recordings[i], outcome.endedBy);
        if (const device::TakeResult* const own = takeOf(take, i))
            alignOther(project, outcome.recording.id, beginsAfter(take->beginNanos, own->beginNanos, link.timeScale),
                       other, outcome.endedBy);
        outcome.others.push_back(std::move(other));
    }
    return outcome;
}

} // namespace ember::workflow
