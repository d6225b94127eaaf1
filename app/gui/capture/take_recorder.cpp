// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/capture/take_recorder.h"

#include "app/gui/devices/device_session.h"
#include "app/gui/shell/job_queue.h"
#include "app/gui/shell/project_session.h"
#include "core/workflow/record.h"

namespace ember::gui {

TakeRecorder::TakeRecorder(AppContext& context, QObject* parent)
    : QObject(parent)
    , m_context(context)
{
    connect(&context.devices, &DeviceSession::takeEnded, this, &TakeRecorder::finish);
}

Status TakeRecorder::start(const TakeSettings& settings)
{
    if (isRecording())
        return Error(ErrorKind::Usage, tr("A take is being recorded."), tr("Stop it first."));
    if (!m_context.devices.isStreaming())
        return Error(ErrorKind::Usage, tr("No board is streaming."), tr("Start or connect one on the Devices page."));
    if (!m_context.project.isWritable())
        return Error(ErrorKind::Usage, tr("There is no project to record into."), tr("Create or open one."));

    m_settings = settings;
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
        EMBER_TRY(std::unique_ptr<dataset::RecordingWriter> writer, dataset::RecordingWriter::start(path, about));
        slot->writer = std::move(writer);
        return std::shared_ptr<signal::BlockSink>(slot->writer);
    };
    device::TakeOptions options;
    options.maxSeconds = settings.seconds;
    m_context.devices.beginTake(std::move(sink), options);
    Q_EMIT changed();
    return {};
}

void TakeRecorder::stop()
{
    m_context.devices.endTake();
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
    m_current.reset();
    Q_EMIT changed();
    if (!writer) {
        Q_EMIT failed(result.error.value_or(Error(ErrorKind::Failed, tr("The take ended before it began."))));
        return;
    }
    // Sealing hashes all samples, which takes as long as the take is long.
    m_context.jobs.run<SavedTake>(
        tr("Save take"),
        [writer, result, settings = m_settings, path = m_projectPath](const JobContext&) -> Result<SavedTake> {
            EMBER_TRY(const dataset::Recording recording, writer->finish());
            if (!settings.label.isEmpty()) {
                EMBER_TRY(dataset::Project project, dataset::Project::open(path));
                EMBER_TRY(const qint64 made,
                          workflow::labelRecording(project, recording.id, settings.labelSet, settings.label,
                                                   {{settings.label, 0, recording.endRow}}));
                Q_UNUSED(made)
            }
            return SavedTake{recording.id, settings.label, recording.durationSeconds(), recording.ledger.lostRows(),
                             result.error};
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
