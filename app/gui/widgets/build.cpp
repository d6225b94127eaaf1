// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/widgets/build.h"

#include <QApplication>
#include <QStyle>
#include <QVariant>

namespace ember::gui {

QLabel* makeLabel(const QString& text, const char* role, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    label->setTextFormat(Qt::PlainText);
    if (*role)
        label->setProperty("role", QLatin1String(role));
    return label;
}

QString withUnit(const QString& number, const QString& unit)
{
    const QString muted = QApplication::palette().color(QPalette::PlaceholderText).name();
    return QStringLiteral("%1 <span style='color:%2'>%3</span>")
        .arg(number.toHtmlEscaped(), muted, unit.toHtmlEscaped());
}

QPushButton* makeButton(const QString& text, const char* role, const QString& iconName, QWidget* parent)
{
    auto* button = new QPushButton(text, parent);
    if (*role)
        button->setProperty("role", QLatin1String(role));
    if (!iconName.isEmpty())
        button->setIcon(icon(iconName, qstrcmp(role, "main") == 0 ? IconTone::OnAccent : IconTone::Text));
    // By Tab only: a click must leave the keys to the page, for which Space and digits mean something.
    button->setFocusPolicy(Qt::TabFocus);
    button->setCursor(qstrcmp(role, "link") == 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
    return button;
}

QToolButton* makeIconButton(const QString& iconName, const QString& tip, QWidget* parent)
{
    auto* button = new QToolButton(parent);
    button->setIcon(icon(iconName));
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    button->setFocusPolicy(Qt::TabFocus);
    return button;
}

QFrame* makeFrame(const char* role, QWidget* parent)
{
    auto* frame = new QFrame(parent);
    frame->setProperty("role", QLatin1String(role));
    return frame;
}

void setStyleProperty(QWidget* widget, const char* name, const QVariant& value)
{
    if (widget->property(name) == value)
        return;
    widget->setProperty(name, value);
    widget->style()->unpolish(widget);
    widget->style()->polish(widget);
    widget->update();
}

} // namespace ember::gui
