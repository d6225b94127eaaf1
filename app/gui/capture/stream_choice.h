// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPushButton>
#include <QStringList>

class QMenu;

namespace ember::gui {

class DeviceSession;

/// Which streams of the connected board are shown and recorded; not there for boards with one. GUI thread.
class StreamChoice : public QPushButton
{
    Q_OBJECT

public:
    /// `devices` outlives it.
    explicit StreamChoice(DeviceSession& devices, QWidget* parent = nullptr);

    /// Names of those that are chosen, in the board's order.
    QStringList chosen() const;

private:
    void refresh();
    void apply();

    DeviceSession& m_devices;
    QMenu* m_menu;
    QStringList m_offered;
};

} // namespace ember::gui
