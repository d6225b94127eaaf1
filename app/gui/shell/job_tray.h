// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/shell/job_queue.h"

#include <QFrame>

class QLabel;
class QListWidget;
class QPlainTextEdit;
class QProgressBar;
class QPushButton;
class QToolButton;
class QTimer;
class QUndoGroup;

namespace ember::gui {

class ThemeHub;

/// "1:05", "0:07"; minutes and seconds.
QString shortDuration(double seconds);

/// The jobs with their logs; opens above the strip.
class JobTray : public QFrame
{
    Q_OBJECT

public:
    JobTray(JobQueue& jobs, const ThemeHub& theme, QWidget* parent = nullptr);

    void select(JobId id);

private:
    void refresh();
    void showCurrent();

    JobQueue& m_jobs;
    const ThemeHub& m_theme;
    QListWidget* m_list;
    QLabel* m_title;
    QLabel* m_state;
    QProgressBar* m_bar;
    QPlainTextEdit* m_log;
    QPushButton* m_cancel;
    QPushButton* m_clear;
    JobId m_shown = 0;
};

/// The bottom line of the window: what runs and how long it still takes, and what Undo would undo.
class JobStrip : public QFrame
{
    Q_OBJECT

public:
    JobStrip(JobQueue& jobs, const ThemeHub& theme, QWidget* parent = nullptr);

    /// The button at the right end: "Undo: move label"; empty hides it.
    void setUndoText(const QString& text);
    QString summary() const;

Q_SIGNALS:
    void trayToggled(bool open);
    void undoClicked();

private:
    void refresh();

    JobQueue& m_jobs;
    QToolButton* m_toggle;
    QLabel* m_text;
    QProgressBar* m_bar;
    QPushButton* m_undo;
    QTimer* m_tick;
    QString m_lastEnded;
};

} // namespace ember::gui
