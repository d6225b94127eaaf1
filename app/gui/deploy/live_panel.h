// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QWidget>

class QLabel;
class QPlainTextEdit;
class QStackedWidget;

namespace ember::gui {

class EmptyState;
class LiveInference;
class ThemeHub;
class VoteBars;

/// What the board hears now, large, beside what the desktop makes of the same window; class bars and a log of changes.
class LivePanel : public QWidget
{
    Q_OBJECT

public:
    LivePanel(LiveInference& live, const ThemeHub& theme, QWidget* parent = nullptr);

    /// Shown until results come; `action` may be null.
    void setEmptyState(EmptyState* state);
    void setColours(const QHash<QString, int>& colours);

private:
    void refresh();
    void logChange();
    void logEvent(const QString& className, bool begins);
    QWidget* resultColumn(const QString& title, QLabel*& name, QLabel*& detail);

    LiveInference& m_live;
    const ThemeHub& m_theme;
    QHash<QString, int> m_colours;
    QStackedWidget* m_stack;
    QWidget* m_results;
    QLabel* m_boardName = nullptr;
    QLabel* m_boardDetail = nullptr;
    QLabel* m_hostName = nullptr;
    QLabel* m_hostDetail = nullptr;
    QLabel* m_agreement;
    VoteBars* m_bars;
    QPlainTextEdit* m_log;
    int m_lastWinner = -1;
};

} // namespace ember::gui
