// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/shell/action_registry.h"

#include <QFrame>

class QLineEdit;
class QListView;
class QStandardItemModel;

namespace ember::gui {

class ThemeHub;

/// Find anything by a few letters and do it: a field and a list over the window. Opens with the last choice on top.
class CommandPalette : public QFrame
{
    Q_OBJECT

public:
    CommandPalette(const ActionRegistry& actions, const ThemeHub& theme, QWidget* window);

    void open();
    /// What is listed now, best first; for tests.
    QStringList shownTexts() const;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void filter(const QString& query);
    void runCurrent();
    void moveCurrent(int rows);

    const ActionRegistry& m_actions;
    const ThemeHub& m_theme;
    QLineEdit* m_field;
    QListView* m_list;
    QStandardItemModel* m_model;
    std::vector<PaletteEntry> m_entries;
    QString m_lastText;
};

} // namespace ember::gui
