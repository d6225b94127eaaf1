// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QAction;
class QMenu;
class QPushButton;
class QToolButton;

namespace ember::gui {

class DevicePill;
class DeviceSession;
class ThemeHub;

/// The line over every page: rail switch, project menu, palette, device pill, recording.
class TopBar : public QFrame
{
    Q_OBJECT

public:
    TopBar(const DeviceSession& devices, const ThemeHub& theme, QWidget* parent = nullptr);

    void setRailAction(QAction* action);
    void setPaletteAction(QAction* action);
    /// Shown while a board streams; turns red while it records.
    void setRecordAction(QAction* action);
    void setProject(const QString& name, const QString& path, bool writable);
    QMenu* projectMenu() const { return m_menu; }

Q_SIGNALS:
    void devicesRequested();

private:
    QToolButton* m_railButton;
    QToolButton* m_project;
    QMenu* m_menu;
    QPushButton* m_search;
    DevicePill* m_pill;
    QToolButton* m_record;
    bool m_recordable = false;
};

} // namespace ember::gui
