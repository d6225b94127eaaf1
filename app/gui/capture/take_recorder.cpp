// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/capture/take_recorder.h"

#include "app/gui/devices/device_session.h"
#include "app/gui/shell/job_queue.h"
#include "app/gui/shell/project_session.h"
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
    device::SinkFactory sink =
        [slot = m_current, settings,
         path = m_projectPath](const device::BoardDescription& board,
                               const device::StreamDescription& stream) -> Result<std::shared_ptr<signal::BlockSink>> {
        dataset::NewRecording about;
        about.stream = stream.spec;
        about.group.name = settings.group;
        about.metadata = {{QStringLiteral("board"), board.board}, {QStringLiteral("firmware"), board.firmware}};
        for (auto entry = settings.metadata.begin(); entry != settings.metadata.end(); ++entry) {
            if (!entry->isEmpty())
                about.metadata.insert(entry.key(), *entry);
        }
        EMBER_TRY(std::unique_ptr<dataset::RecordingWriter> writer, dataset::RecordingWriter::start(path, about));
        slot->writer = std::move(writer);
        return std::shared_ptr<signal::BlockSink>(slot->writer);
    };
    device::TakeOptions options;
    options.maxSeconds = settings.seconds;
    options.historySeconds = settings.historySeconds;
    m_context.devices.beginTake(std::move(sink), options);
    Q_EMIT changed();
    return {};
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
    const std::shared_ptr<dataset::RecordingWriter> writer = std::move(m_current->writer);
    const std::vector<TakeMark> marks = std::exchange(m_marks, {});
    m_current.reset();
    Q_EMIT changed();
    if (!writer) {
        Q_EMIT failed(result.error.value_or(Error(ErrorKind::Failed, tr("The take ended before it began."))));
        return;
    }
    // Sealing hashes all samples, which takes as long as the take is long.
    m_context.jobs.run<SavedTake>(
        tr("Save take"),
        [writer, result, marks, labelSet = m_settings.labelSet,
         path = m_projectPath](const JobContext&) -> Result<SavedTake> {
            EMBER_TRY(const dataset::Recording recording, writer->finish());
            const auto segments = segmentsOf(marks, result.firstRow, recording.endRow);
            SavedTake take{recording.id, {}, 0, recording.durationSeconds(), recording.ledger, result.error};
            if (!segments.empty()) {
                EMBER_TRY(dataset::Project project, dataset::Project::open(path));
                EMBER_TRY(const qint64 made, workflow::labelRecording(project, recording.id, labelSet, {}, segments));
                Q_UNUSED(made)
                QSet<QString> different;
                for (const dataset::ImportedSegment& segment : segments)
                    different.insert(segment.label);
                take.label = segments.front().label;
                take.labels = static_cast<int>(different.size());
            }
            return take;
        },
        this,
        [this](const Result<SavedTake>& done) {
            m_context.project.announceChange();
            if (done)
                Q_EMIT saved(*done);
            else
                Q_EMIT failed(done.error());
        });
}

} // namespace ember::gui
