// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/deploy/teaching_runner.h"

#include "app/gui/deploy/deploy_runner.h"
#include "app/gui/devices/device_session.h"

namespace ember::gui {
namespace {

// The board tells the first digits of the model's hash.
constexpr qsizetype kBoardHashDigits = 16;

} // namespace

TeachingRunner::TeachingRunner(DeployRunner& runner, AppContext& context, QObject* parent)
    : QObject(parent)
    , m_runner(runner)
    , m_context(context)
{
    connect(&runner, &DeployRunner::changed, this, &TeachingRunner::refresh);
    connect(&context.devices, &DeviceSession::changed, this, &TeachingRunner::changed);
}

bool TeachingRunner::hasPupil() const
{
    const auto& deployment = m_runner.deployment();
    const auto& board = m_context.devices.description();
    return deployment && m_context.devices.isStreaming() && !m_context.devices.isRecording() && board && board->model &&
           board->can(QStringLiteral("learn")) &&
           board->model->hash == deployment->program.model().hash.left(kBoardHashDigits);
}

void TeachingRunner::refresh()
{
    const auto& deployment = m_runner.deployment();
    const QString hash = deployment ? deployment->program.model().hash : QString();
    if (hash != m_hash) {
        m_hash = hash;
        forgetResults();
    }
    Q_EMIT changed();
}

void TeachingRunner::forgetResults()
{
    m_description.clear();
    m_desk.reset();
    m_board.reset();
    m_memory.reset();
    m_error.reset();
}

void TeachingRunner::withBoard(bool needed, std::function<void(const workflow::ConnectedBoard&)> start)
{
    if (!needed) {
        start({});
        return;
    }
    m_lent = true;
    m_unwanted = false;
    m_context.devices.lendLink([self = QPointer(this), start = std::move(start)](const Status& lent) {
        if (!self)
            return;
        if (!lent)
            self->m_error = lent.error();
        if (!lent || self->m_unwanted) {
            self->finish();
            return;
        }
        const DeviceSession& devices = self->m_context.devices;
        start({devices.address(), {}, devices.isEmulated()});
    });
}

void TeachingRunner::finish()
{
    m_job = 0;
    if (std::exchange(m_lent, false))
        m_context.devices.takeBack();
    Q_EMIT changed();
}

void TeachingRunner::teach(const QStringList& newGroups, bool onBoard)
{
    if (isRunning() || !m_runner.deployment() || newGroups.isEmpty() || (onBoard && !hasPupil()))
        return;
    forgetResults();
    withBoard(onBoard, [this, newGroups, onBoard, deployment = *m_runner.deployment(),
                        hash = m_hash](const workflow::ConnectedBoard& board) {
        m_job = m_context.jobs.run<Taught>(
            onBoard ? tr("Teach the board") : tr("Teach on the desktop"),
            [=](const JobContext& job) -> Result<Taught> {
                const workflow::Hooks hooks{job.progress, job.cancel};
                EMBER_TRY(const workflow::TeachingRows rows,
                          workflow::readTeachingGroups(deployment, {}, newGroups, {}, {}, hooks));
                Taught taught{rows.description, {}, std::nullopt};
                EMBER_TRY(taught.desk, workflow::teachOnDesk(deployment, rows, hooks));
                if (onBoard) {
                    EMBER_TRY(taught.board, workflow::teachConnected(board, deployment, rows, hooks));
                }
                return taught;
            },
            this,
            [this, hash](const Result<Taught>& taught) {
                if (taught && hash == m_hash) {
                    m_description = taught->description;
                    m_desk = taught->desk;
                    m_board = taught->board;
                } else if (!taught && taught.error().kind != ErrorKind::Cancelled) {
                    m_error = taught.error();
                }
                finish();
            });
        Q_EMIT changed();
    });
    Q_EMIT changed();
}

void TeachingRunner::changeMemory(const workflow::MemoryChange& change)
{
    if (isRunning() || !hasPupil())
        return;
    m_error.reset();
    withBoard(true, [this, change](const workflow::ConnectedBoard& board) {
        m_job = m_context.jobs.run<workflow::BoardMemory>(
            change.forget ? tr("Have the board forget") : tr("Have the board keep what it learned"),
            [=](const JobContext& job) {
                return workflow::changeBoardMemory(board, change, {job.progress, job.cancel});
            },
            this,
            [this](const Result<workflow::BoardMemory>& memory) {
                if (memory)
                    m_memory = *memory;
                else if (memory.error().kind != ErrorKind::Cancelled)
                    m_error = memory.error();
                finish();
            });
        Q_EMIT changed();
    });
    Q_EMIT changed();
}

void TeachingRunner::cancel()
{
    if (m_job != 0)
        m_context.jobs.cancel(m_job);
    else
        m_unwanted = m_lent;
}

} // namespace ember::gui
