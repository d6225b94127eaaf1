// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/capture/take_recorder.h"

#include "app/gui/devices/device_session.h"
#include "app/gui/shell/job_queue.h"
#include "app/gui/shell/project_session.h"
#include "core/dataset/recorded_together.h"
#include "core/workflow/record.h"

#include <QSet>

#include <algorithm>
#include <cmath>
#include <utility>

namespace ember::gui {
namespace {

/// The marks as segments of a take whose row 0 is `firstRow` of the stream. The first mark holds from its beginning on,
/// wherever the stream stood when it was set.
std::vector<dataset::ImportedSegment> segmentsOf(const std::vector<TakeMark>& marks, qint64 firstRow, qint64 endRow)
{
    std::vector<dataset::ImportedSegment> segments;
    for (std::size_t i = 0; i < marks.size(); ++i) {
        const qint64 begin = i == 0 ? 0 : std::clamp<qint64>(marks[i].row - firstRow, 0, endRow);
        const qint64 end =
            i + 1 == marks.size() ? endRow : std::clamp<qint64>(marks[i + 1].row - firstRow, begin, endRow);
        if (!marks[i].label.isEmpty() && end > begin)
            segments.push_back({marks[i].label, begin, end});
    }
    return segments;
}

/// The same stretches in the rows of a stream beside the main one, whose row 0 came `beginsAfter` seconds later.
std::vector<dataset::ImportedSegment> movedTo(const dataset::Recording& other,
                                              const std::vector<dataset::ImportedSegment>& segments, double mainRateHz,
                                              double beginsAfter)
{
    std::vector<dataset::ImportedSegment> moved;
    const dataset::Companion to{other, beginsAfter};
    for (const dataset::ImportedSegment& segment : segments) {
        const dataset::RowInterval own = dataset::movedRows({segment.begin, segment.end}, mainRateHz, to);
        if (own.end > own.begin)
            moved.push_back({segment.label, own.begin, own.end});
    }
    return moved;
}

/// What becomes of a take once its last row is there. Runs on a thread of its own.
struct TakeEnd
{
    std::vector<std::shared_ptr<dataset::RecordingWriter>> writers;
    device::TakeResult result;
    std::vector<TakeMark> marks;
    QString labelSet;
    QString path;

    /// Never fails: what goes wrong is told with what is in the project.
    SavedTake save() const;
    void label(dataset::Project& project, const dataset::Recording& recording,
               const std::vector<dataset::ImportedSegment>& segments, SavedTake& take) const;
    void alignOther(dataset::Project& project, std::size_t stream, const dataset::Recording& other,
                    const std::vector<dataset::ImportedSegment>& segments, const dataset::Recording& main,
                    SavedTake& take) const;
};

SavedTake TakeEnd::save() const
{
    SavedTake take;
    take.endedBy = result.error;
    auto project = dataset::Project::open(path);
    // All streams are sealed before anything else is done with one: trouble there must not leave another unfinished.
    std::vector<dataset::Recording> recordings;
    for (const auto& writer : writers)
        recordings.push_back(workflow::finishRecording(project ? &*project : nullptr, *writer, take.endedBy));
    const dataset::Recording& main = recordings.front();
    take.recording = main.id;
    take.streams = static_cast<int>(recordings.size());
    take.seconds = main.durationSeconds();
    take.ledger = main.ledger;
    for (std::size_t i = 1; i < recordings.size(); ++i) {
        take.ledger.linkGaps += recordings[i].ledger.linkGaps;
        take.ledger.deviceDrops += recordings[i].ledger.deviceDrops;
    }
    const auto segments = segmentsOf(marks, result.firstRow, main.endRow);
    if (segments.empty() && recordings.size() == 1)
        return take;
    if (!project) {
        workflow::noteEnd(take.endedBy, project.error(), QStringLiteral("labelling the take"));
        return take;
    }
    label(*project, main, segments, take);
    QSet<QString> different;
    for (const dataset::ImportedSegment& segment : segments)
        different.insert(segment.label);
    if (!segments.empty())
        take.label = segments.front().label;
    take.labels = static_cast<int>(different.size());
    for (std::size_t i = 1; i < recordings.size(); ++i)
        alignOther(*project, i, recordings[i], segments, main, take);
    return take;
}

void TakeEnd::label(dataset::Project& project, const dataset::Recording& recording,
                    const std::vector<dataset::ImportedSegment>& segments, SavedTake& take) const
{
    const auto made = workflow::labelRecording(project, recording.id, labelSet, {}, segments);
    if (!made)
        workflow::noteEnd(take.endedBy, made.error(), QStringLiteral("labelling the take"));
}

void TakeEnd::alignOther(dataset::Project& project, std::size_t stream, const dataset::Recording& other,
                         const std::vector<dataset::ImportedSegment>& segments, const dataset::Recording& main,
                         SavedTake& take) const
{
    const double after = stream <= result.others.size()
                             ? workflow::beginsAfter(result.beginNanos, result.others[stream - 1].beginNanos)
                             : 0.0;
    const Status kept = workflow::alignRecording(project, other.id, dataset::kRecordedWith, main.id, after);
    if (!kept)
        workflow::noteEnd(take.endedBy, kept.error(), QStringLiteral("aligning the streams"));
    if (main.stream.rateHz > 0 && other.stream.rateHz > 0)
        label(project, other, movedTo(other, segments, main.stream.rateHz, after), take);
}

} // namespace

TakeRecorder::TakeRecorder(AppContext& context, QObject* parent)
    : QObject(parent)
    , m_context(context)
{
    connect(&context.devices, &DeviceSession::takeEnded, this, &TakeRecorder::finish);
}

Status TakeRecorder::check() const
{
    if (isRecording())
        return Error(ErrorKind::Usage, tr("A take is being recorded."), tr("Stop it first."));
    if (!m_context.devices.isStreaming())
        return Error(ErrorKind::Usage, tr("No board is streaming."), tr("Start or connect one on the Devices page."));
    if (!m_context.project.isWritable())
        return Error(ErrorKind::Usage, tr("There is no project to record into."), tr("Create or open one."));
    return {};
}

Status TakeRecorder::start(const TakeSettings& settings)
{
    EMBER_CHECK(check());
    m_settings = settings;
    const auto live = m_context.devices.live();
    const double rate = live ? live->spec().rateHz : 0;
    m_marks = {{live ? live->endRow() - std::llround(settings.historySeconds * rate) : 0, settings.label}};
    m_projectPath = m_context.project.path();
    m_current = std::make_shared<Slot>();
    m_clock.start();
    device::TakeOptions options;
    options.maxSeconds = settings.seconds;
    options.historySeconds = settings.historySeconds;
    m_context.devices.beginTake(makeSink(), options);
    Q_EMIT changed();
    return {};
}

device::SinkFactory TakeRecorder::makeSink() const
{
    return [slot = m_current, settings = m_settings, path = m_projectPath](
               const device::BoardDescription& board,
               const device::StreamDescription& stream) -> Result<std::shared_ptr<signal::BlockSink>> {
        dataset::NewRecording about;
        about.stream = stream.spec;
        about.group.name = settings.group;
        about.metadata = {{QStringLiteral("board"), board.board}, {QStringLiteral("firmware"), board.firmware}};
        for (auto entry = settings.metadata.begin(); entry != settings.metadata.end(); ++entry) {
            if (!entry->isEmpty())
                about.metadata.insert(entry.key(), *entry);
        }
        // Said at once, so that it is known even of a program that is killed.
        if (!slot->writers.empty())
            about.metadata.insert(QLatin1String(dataset::kRecordedWith), slot->writers.front()->id().value);
        EMBER_TRY(std::unique_ptr<dataset::RecordingWriter> writer, dataset::RecordingWriter::start(path, about));
        slot->writers.push_back(std::move(writer));
        return std::shared_ptr<signal::BlockSink>(slot->writers.back());
    };
}

void TakeRecorder::stop()
{
    m_context.devices.endTake();
}

void TakeRecorder::mark(const QString& label)
{
    const auto live = m_context.devices.live();
    if (!isRecording() || !live || m_marks.back().label == label)
        return;
    m_marks.push_back({std::max(live->endRow(), m_marks.back().row), label});
    Q_EMIT changed();
}

double TakeRecorder::elapsedSeconds() const
{
    return isRecording() ? static_cast<double>(m_clock.elapsed()) / 1000.0 : 0.0;
}

void TakeRecorder::finish(const device::TakeResult& result)
{
    if (!m_current)
        return;
    TakeEnd end{std::move(m_current->writers), result, std::exchange(m_marks, {}), m_settings.labelSet, m_projectPath};
    m_current.reset();
    Q_EMIT changed();
    if (end.writers.empty()) {
        Q_EMIT failed(result.error.value_or(Error(ErrorKind::Failed, tr("The take ended before it began."))));
        return;
    }
    // Sealing hashes all samples, which takes as long as the take is long.
    m_context.jobs.run<SavedTake>(
        tr("Save take"), [end = std::move(end)](const JobContext&) { return end.save(); }, this,
        [this](const Result<SavedTake>& done) {
            m_context.project.announceChange();
            if (done)
                Q_EMIT saved(*done);
            else
                Q_EMIT failed(done.error());
        });
}

} // namespace ember::gui
