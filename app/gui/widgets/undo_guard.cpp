// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/widgets/undo_guard.h"

#include <QAbstractSpinBox>
#include <QComboBox>
#include <QKeyEvent>
#include <QLineEdit>

namespace ember::gui {
namespace {

/// The text of a field; null for what has none.
const QLineEdit* textOf(QObject* field)
{
    if (const auto* line = qobject_cast<QLineEdit*>(field))
        return line;
    if (const auto* combo = qobject_cast<QComboBox*>(field))
        return combo->lineEdit();
    return qobject_cast<QAbstractSpinBox*>(field) ? field->findChild<QLineEdit*>() : nullptr;
}

} // namespace

bool UndoGuard::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() != QEvent::ShortcutOverride)
        return false;
    const auto* key = static_cast<QKeyEvent*>(event);
    const bool undo = key->matches(QKeySequence::Undo);
    if (!undo && !key->matches(QKeySequence::Redo))
        return false;
    const QLineEdit* text = textOf(watched);
    if (!text || (undo ? text->isUndoAvailable() : text->isRedoAvailable()))
        return false;
    event->ignore(); // so that it goes on as a shortcut
    return true;
}

} // namespace ember::gui
