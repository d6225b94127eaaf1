// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/dataset/edits.h"
#include "core/dataset/project.h"

#include <QObject>
#include <QTimer>
#include <QUndoStack>

#include <optional>

namespace ember::gui {

/// The open project of the window with its undo history: the document in core is the truth, this wraps edits into undo
/// commands and tells views what to read again. GUI thread; jobs open their own connection on path().
class ProjectSession : public QObject
{
    Q_OBJECT

public:
    explicit ProjectSession(QObject* parent = nullptr);
    ~ProjectSession() override;

    /// A project that cannot be written is opened for reading. Errors: those of dataset::Project::open.
    Status open(const QString& path);
    Status create(const QString& path);
    void close();

    bool isOpen() const { return m_project.has_value(); }
    QString path() const { return m_project ? m_project->path() : QString(); }
    QString name() const; ///< file name without extension
    bool isWritable() const { return m_project && !m_project->isReadOnly(); }
    /// For a person; empty while the project can be written.
    QString readOnlyReason() const { return m_readOnlyReason; }

    /// Requires isOpen().
    dataset::Project& project() { return *m_project; }
    const dataset::Project& project() const { return *m_project; }

    QUndoStack& undoStack() { return m_undo; }

    /// Applies the edit and puts it on the undo stack. An edit that fails changes nothing.
    Status edit(const dataset::Edit& edit);

    /// Something wrote to the project past the undo stack: a job, a recorder.
    void announceChange();

Q_SIGNALS:
    void projectChanged(); ///< another project, or none
    void contentChanged(); ///< recordings, labels or runs of the open project
    /// An undo or redo that could not be done, because somebody else changed the project meanwhile.
    void undoFailed(const ember::Error& error);

private:
    friend class EditCommand;

    void adopt(dataset::Project project, const QString& readOnlyReason);
    void lookForOthers();

    std::optional<dataset::Project> m_project;
    QString m_readOnlyReason;
    QUndoStack m_undo;
    QTimer m_poll;
    qint64 m_seenChanges = 0;
};

} // namespace ember::gui
