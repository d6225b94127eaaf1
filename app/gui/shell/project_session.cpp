// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/shell/project_session.h"

#include <QFileInfo>
#include <QUndoCommand>

namespace ember::gui {
namespace {

// A recorder or another program may write at any time; looking costs a few microseconds.
constexpr int kPollMs = 700;

} // namespace

/// Keeps the edit that leads to the other side; each side's edit is what applying the other one returned.
class EditCommand : public QUndoCommand
{
public:
    EditCommand(ProjectSession& session, dataset::Edit inverse, const QString& text)
        : QUndoCommand(text)
        , m_session(session)
        , m_next(std::move(inverse))
    {}

    void undo() override { swap(); }
    void redo() override
    {
        // QUndoStack calls redo() on push, when the edit has been applied already.
        if (m_applied)
            swap();
        m_applied = true;
    }

private:
    void swap()
    {
        auto inverse = dataset::apply(m_session.project(), m_next);
        if (inverse) {
            m_next = std::move(*inverse);
        } else {
            setObsolete(true);
            Q_EMIT m_session.undoFailed(inverse.error());
        }
        m_session.announceChange();
    }

    ProjectSession& m_session;
    dataset::Edit m_next;
    bool m_applied = false;
};

ProjectSession::ProjectSession(QObject* parent)
    : QObject(parent)
{
    m_poll.setInterval(kPollMs);
    connect(&m_poll, &QTimer::timeout, this, &ProjectSession::lookForOthers);
}

ProjectSession::~ProjectSession() = default;

Status ProjectSession::open(const QString& path)
{
    auto project = dataset::Project::open(path);
    QString reason;
    if (!project && project.error().kind == ErrorKind::Io) {
        // No permission to write it, most likely; looking at it needs none.
        reason = project.error().message;
        project = dataset::Project::open(path, dataset::Project::Access::ReadOnly);
    }
    if (!project)
        return project.error();
    if (project->isReadOnly() && reason.isEmpty())
        reason = project->readOnlyReason();
    adopt(std::move(*project), reason);
    return {};
}

Status ProjectSession::create(const QString& path)
{
    EMBER_TRY(dataset::Project project, dataset::Project::create(path));
    adopt(std::move(project), {});
    return {};
}

void ProjectSession::adopt(dataset::Project project, const QString& readOnlyReason)
{
    m_readOnlyReason = readOnlyReason;
    m_undo.clear();
    m_project.emplace(std::move(project));
    m_seenChanges = m_project->changeCounter().value_or(0);
    m_poll.start();
    Q_EMIT projectChanged();
    Q_EMIT contentChanged();
}

void ProjectSession::close()
{
    if (!m_project)
        return;
    m_poll.stop();
    m_undo.clear();
    m_project.reset();
    m_readOnlyReason.clear();
    Q_EMIT projectChanged();
    Q_EMIT contentChanged();
}

QString ProjectSession::name() const
{
    return QFileInfo(path()).completeBaseName();
}

Status ProjectSession::edit(const dataset::Edit& edit)
{
    if (!m_project)
        return Error(ErrorKind::Usage, tr("No project is open."), tr("Open or create one first."));
    EMBER_TRY(dataset::Edit inverse, dataset::apply(*m_project, edit));
    m_undo.push(new EditCommand(*this, std::move(inverse), dataset::describe(edit)));
    announceChange();
    return {};
}

void ProjectSession::announceChange()
{
    if (m_project)
        m_seenChanges = m_project->changeCounter().value_or(m_seenChanges);
    Q_EMIT contentChanged();
}

void ProjectSession::lookForOthers()
{
    const qint64 now = m_project->changeCounter().value_or(m_seenChanges);
    if (now != m_seenChanges) {
        m_seenChanges = now;
        Q_EMIT contentChanged();
    }
}

} // namespace ember::gui
