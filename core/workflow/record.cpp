// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/record.h"

#include "core/base/quantity.h"
#include "core/dataset/edits.h"
#include "core/dataset/project.h"
#include "core/dataset/recording_writer.h"
#include "core/device/capture.h"

#include <algorithm>

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
    std::shared_ptr<FirstRowSink> sink;
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
                               const device::StreamDescription& stream)
{
    dataset::NewRecording recording;
    recording.name = request.name;
    recording.stream = stream.spec;
    if (!request.group.isEmpty())
        recording.group.name = request.group;
    else if (request.source.feed)
        recording.group = request.source.feed->group;
    recording.metadata = metadataFor(request, board);
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
    options.channelNames = request.source.channelNames;
    options.rateHz = request.source.rateHz;
    options.rawLog = request.rawLog;
    options.reconnect = request.reconnectMs > 0;
    options.reconnectTimeoutMs = request.reconnectMs;
    options.liveSeconds = 1; // nobody looks
    options.sourceRows = [&link] { return link.sourceRows(); };
    options.take.maxSeconds = request.seconds;
    options.sink = [request,
                    session](const device::BoardDescription& board,
                             const device::StreamDescription& stream) -> Result<std::shared_ptr<signal::BlockSink>> {
        EMBER_TRY(auto writer, dataset::RecordingWriter::start(request.project, describe(request, board, stream)));
        session->sink = std::make_shared<FirstRowSink>(std::move(writer));
        session->format = board.format;
        session->formatReason = board.formatReason;
        return std::shared_ptr<signal::BlockSink>(session->sink);
    };
    return options;
}

void reportStatus(const Hooks& hooks, const RecordRequest& request, const device::CaptureStatus& status, double rateHz)
{
    const double wanted = request.seconds > 0 ? request.seconds * rateHz : 0;
    const double fraction = wanted > 0 ? std::min(1.0, static_cast<double>(status.rows) / wanted) : -1;
    QString detail =
        QStringLiteral("%1 rows, %2").arg(formatCount(status.rows), signal::lossText(status.ledger));
    if (status.state == device::CaptureState::LinkLost)
        detail += QStringLiteral(", link lost, waiting for it");
    report(hooks.progress, QStringLiteral("Recording"), fraction, detail);
}

// The feed's segments in rows of a recording that began with the sensor's row `firstRow`.
std::vector<dataset::ImportedSegment> segmentsFor(const RecordRequest& request, const dataset::Recording& recording,
                                                  qint64 firstRow)
{
    if (!request.label.isEmpty())
        return {{request.label, 0, recording.endRow}};
    if (!request.source.feed || request.source.loop)
        return {};
    std::vector<dataset::ImportedSegment> segments = request.source.feed->segments;
    for (dataset::ImportedSegment& segment : segments) {
        segment.begin = std::max<qint64>(0, segment.begin - firstRow);
        segment.end -= firstRow;
    }
    return segments;
}

} // namespace

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
    if (!session->sink)
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

    if (const auto finished = session->sink->writer().finish(); finished) {
        outcome.recording = *finished;
    } else {
        if (!outcome.endedBy)
            outcome.endedBy = finished.error().context(QStringLiteral("finishing the recording"));
        EMBER_TRY(outcome.recording, project.recordings().get(session->sink->writer().id()));
    }

    outcome.format = session->format;
    outcome.formatReason = session->formatReason;
    outcome.lines = session->lines;
    outcome.rateHz = outcome.recording.ledger.measuredRateHz > 0 ? outcome.recording.ledger.measuredRateHz
                                                                 : outcome.recording.stream.rateHz;
    EMBER_TRY(outcome.segments, labelRecording(project, outcome.recording.id, request.labelSet, request.label,
                                               segmentsFor(request, outcome.recording, session->sink->firstRow())));
    return outcome;
}

} // namespace ember::workflow
