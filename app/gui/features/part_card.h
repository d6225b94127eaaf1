// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QKeyEvent>
#include <QMouseEvent>

namespace ember::gui {

/// A card that can be chosen by click, Space or Enter, moved by Ctrl and the arrows, and taken out by Delete.
class PartCard : public QFrame
{
    Q_OBJECT

public:
    using QFrame::QFrame;

Q_SIGNALS:
    void chosen();
    void moveWanted(int direction);
    void removeWanted();

protected:
    void mousePressEvent(QMouseEvent* event) override
    {
        if (event->button() == Qt::LeftButton)
            Q_EMIT chosen();
    }

    void keyPressEvent(QKeyEvent* event) override
    {
        const bool control = event->modifiers().testFlag(Qt::ControlModifier);
        if (control && (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right))
            Q_EMIT moveWanted(event->key() == Qt::Key_Left ? -1 : 1);
        else if (event->key() == Qt::Key_Space || event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
            Q_EMIT chosen();
        else if (event->key() == Qt::Key_Delete)
            Q_EMIT removeWanted();
        else
            QFrame::keyPressEvent(event);
    }
};

} // namespace ember::gui
