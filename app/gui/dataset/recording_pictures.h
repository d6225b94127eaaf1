// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/recording.h"

#include <QHash>
#include <QObject>
#include <QPixmap>
#include <QTimer>

#include <deque>

namespace ember::gui {

class ProjectSession;
class ThemeHub;

/// Small pictures of recordings, drawn one at a time when there is nothing else to do, so that a table with hundreds of
/// them opens at once. GUI thread.
class RecordingPictures : public QObject
{
    Q_OBJECT

public:
    RecordingPictures(ProjectSession& project, const ThemeHub& theme, QSize size, QObject* parent = nullptr);

    /// The picture, or an empty one of that size which ready() will follow.
    QPixmap picture(const dataset::Recording& recording);

Q_SIGNALS:
    void ready(ember::dataset::RecordingId id);

private:
    void clear();
    void drawOne();
    QPixmap blank() const;

    ProjectSession& m_project;
    const ThemeHub& m_theme;
    QSize m_size;
    QHash<QString, QPixmap> m_pictures; ///< by what they show
    std::deque<dataset::Recording> m_wanted;
    QTimer m_idle;
};

} // namespace ember::gui
