// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

namespace ember::gui {

/// Undo and redo by key belong to a text field only while it has something of its own to undo; otherwise they are the
/// project's, wherever the focus is. Qt's own fields keep the keys for themselves. To be installed on the application.
class UndoGuard : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
};

} // namespace ember::gui
