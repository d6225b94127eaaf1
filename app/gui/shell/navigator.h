// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QStringList>

namespace ember::gui {

/// How one page sends the user to another without knowing it. GUI thread.
class Navigator : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    /// Brings a page into view: "devices", "capture", "dataset", "features", "train", "compare", "deploy".
    void go(const QString& page) { Q_EMIT pageRequested(page); }
    /// Brings the page that owns the thing into view and selects it there.
    void showRecording(qint64 id) { Q_EMIT recordingRequested(id); }
    /// Brings these rows of a recording into view on the timeline.
    void showRows(qint64 recording, qint64 begin, qint64 end) { Q_EMIT rowsRequested(recording, begin, end); }
    void showRun(qint64 id) { Q_EMIT runRequested(id); }
    void deployRun(qint64 id) { Q_EMIT deployRequested(id); }
    /// Brings the dataset into view and reads the files into it.
    void importFiles(const QStringList& files) { Q_EMIT importRequested(files); }
    /// Starts an emulated board, the first there is when `boardId` is empty, and connects to it.
    void startBoard(const QString& boardId) { Q_EMIT boardRequested(boardId); }
    /// Asks for the name of a new project.
    void newProject() { Q_EMIT newProjectRequested(); }
    /// Asks which project to open.
    void openProject() { Q_EMIT openProjectRequested(); }

Q_SIGNALS:
    void pageRequested(const QString& page);
    void recordingRequested(qint64 id);
    void rowsRequested(qint64 recording, qint64 begin, qint64 end);
    void runRequested(qint64 id);
    void deployRequested(qint64 id);
    void importRequested(const QStringList& files);
    void newProjectRequested();
    void openProjectRequested();
    void boardRequested(const QString& boardId);
};

} // namespace ember::gui
