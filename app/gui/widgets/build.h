// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/theme/icons.h"

#include <QBoxLayout>
#include <QFrame>
#include <QLabel>
#include <QPushButton>
#include <QString>
#include <QToolButton>

namespace ember::gui {

// Short ways to make the widgets that the style sheet knows by role, so that pages say what they show and not how.

/// role: "title", "section", "heading", "muted", "caption", "display", "good", "warn", "bad", or empty.
QLabel* makeLabel(const QString& text, const char* role = "", QWidget* parent = nullptr);

/// A number that stays where it is while it changes: right-aligned, with its unit in muted text.
QString withUnit(const QString& number, const QString& unit);

/// role: "main" (one a page), "link", or empty.
QPushButton* makeButton(const QString& text, const char* role = "", const QString& iconName = {},
                        QWidget* parent = nullptr);

/// An icon alone; `tip` says what it does and is its accessible name.
QToolButton* makeIconButton(const QString& iconName, const QString& tip, QWidget* parent = nullptr);

/// role: "card", "panel", "bar", "popup", "line".
QFrame* makeFrame(const char* role, QWidget* parent = nullptr);

/// Sets a property that the style sheet selects by, and applies it.
void setStyleProperty(QWidget* widget, const char* name, const QVariant& value);

template <typename Layout>
Layout* plainLayout(QWidget* owner, int spacing, int margin = 0)
{
    auto* layout = new Layout(owner);
    layout->setContentsMargins(margin, margin, margin, margin);
    layout->setSpacing(spacing);
    return layout;
}

} // namespace ember::gui
