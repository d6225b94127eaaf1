// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/shell/app_context.h"
#include "core/dataset/recording.h"

#include <QObject>
#include <QTimer>

namespace ember::gui {

class Timeline;

/// Looks for rows at which the signal changes, in what the timeline shows and as much before and after it, once the
/// view has come to rest; hands them to the label lanes, where edges go to them. Off the GUI thread; the newest view
/// wins, and another recording has none until it was looked at. Nothing is looked for while edges do not snap, or from
/// so far away that a pixel is thousands of rows.
class ChangeFinder : public QObject
{
    Q_OBJECT

public:
    ChangeFinder(AppContext& context, Timeline& timeline, QObject* parent = nullptr);

    void setSnapping(bool snaps);

Q_SIGNALS:
    /// The lanes have others now; for tests and for who waits for them.
    void found();

private:
    void forgetOfAnother();
    void look();

    AppContext& m_context;
    Timeline& m_timeline;
    QTimer m_rest; ///< since the view last moved
    quint64 m_request = 0;
    quint64 m_job = 0;
    dataset::RecordingId m_recording; ///< whose changes the lanes have
};

} // namespace ember::gui
