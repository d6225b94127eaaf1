// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/shell/rail.h"

#include "app/gui/theme/icons.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"

#include <QAction>
#include <QButtonGroup>
#include <QPainter>

namespace ember::gui {
namespace {

constexpr int kButtonHeight = 40;

} // namespace

RailButton::RailButton(const QString& iconName, const QString& text, const ThemeHub& theme, QWidget* parent)
    : QAbstractButton(parent)
    , m_iconName(iconName)
    , m_theme(theme)
{
    setText(text);
    setAccessibleName(text);
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAttribute(Qt::WA_Hover);
}

void RailButton::setCount(const QString& count)
{
    if (count == m_count)
        return;
    m_count = count;
    setAccessibleDescription(count);
    update();
}

void RailButton::setNarrow(bool narrow)
{
    m_narrow = narrow;
    update();
}

QSize RailButton::sizeHint() const
{
    return {m_theme.metrics().railNarrow, kButtonHeight};
}

void RailButton::paintEvent(QPaintEvent*)
{
    const ThemeColours& c = m_theme.colours();
    const ThemeMetrics& m = m_theme.metrics();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);

    const QRectF ground = QRectF(rect()).adjusted(m.s, 2, -m.s, -2);
    if (isChecked() || isDown() || underMouse()) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(isChecked() ? c.accentSoft : c.hover);
        painter.drawRoundedRect(ground, m.radius, m.radius);
    }
    if (hasFocus()) {
        painter.setPen(QPen(c.accent, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(ground.adjusted(0.5, 0.5, -0.5, -0.5), m.radius, m.radius);
    }

    const QColor ink = !isEnabled() ? c.disabled : isChecked() ? c.accent : c.muted;
    const int iconX = m.railNarrow / 2 - m.icon / 2;
    painter.drawPixmap(iconX, (height() - m.icon) / 2, iconPixmap(m_iconName, ink, m.icon, devicePixelRatioF()));
    if (m_narrow)
        return;
    const int textX = iconX + m.icon + m.m;
    const int right = width() - m.s - m.s;
    painter.setFont(m_theme.theme().font(TypeSize::Body, isChecked() ? QFont::DemiBold : QFont::Normal));
    painter.setPen(isEnabled() ? c.text : c.disabled);
    painter.drawText(QRect(textX, 0, right - textX, height()), Qt::AlignVCenter | Qt::AlignLeft, text());
    painter.setFont(m_theme.theme().font(TypeSize::Caption));
    painter.setPen(c.muted);
    painter.drawText(QRect(textX, 0, right - textX, height()), Qt::AlignVCenter | Qt::AlignRight, m_count);
}

Rail::Rail(const ThemeHub& theme, QWidget* parent)
    : QFrame(parent)
    , m_theme(theme)
    , m_column(plainLayout<QVBoxLayout>(this, 0))
    , m_group(new QButtonGroup(this))
{
    setProperty("role", QStringLiteral("bar"));
    setProperty("edge", QStringLiteral("left"));
    m_column->setContentsMargins(0, theme.metrics().s, 0, theme.metrics().s);
    m_column->addStretch(1);
    connect(&theme, &ThemeHub::changed, this, [this] { update(); });
    setWide(true);
}

void Rail::addPage(const QString& id, const QString& iconName, const QString& title, const QString& keys)
{
    auto* button = new RailButton(iconName, title, m_theme);
    button->setObjectName(QStringLiteral("rail-") + id);
    button->setCheckable(true);
    button->setToolTip(QStringLiteral("%1 (%2)").arg(title, keys));
    button->setNarrow(!m_wide);
    m_group->addButton(button);
    m_column->insertWidget(m_pages.size(), button);
    m_pages.insert(id, button);
    connect(button, &RailButton::clicked, this, [this, id] { Q_EMIT pageChosen(id); });
}

void Rail::addTool(const QString& iconName, const QString& text, QAction* action)
{
    auto* button = new RailButton(iconName, text, m_theme);
    button->setToolTip(action->toolTip());
    button->setNarrow(!m_wide);
    m_column->addWidget(button);
    m_tools.append(button);
    connect(button, &RailButton::clicked, action, &QAction::trigger);
}

void Rail::setCurrent(const QString& id)
{
    if (RailButton* button = m_pages.value(id))
        button->setChecked(true);
}

void Rail::setCount(const QString& id, const QString& count)
{
    if (RailButton* button = m_pages.value(id))
        button->setCount(count);
}

QString Rail::count(const QString& id) const
{
    const RailButton* button = m_pages.value(id);
    return button ? button->count() : QString();
}

void Rail::setWide(bool wide)
{
    const bool changed = wide != m_wide;
    m_wide = wide;
    setFixedWidth(wide ? m_theme.metrics().railWide : m_theme.metrics().railNarrow);
    for (RailButton* button : std::as_const(m_pages))
        button->setNarrow(!wide);
    for (RailButton* button : std::as_const(m_tools))
        button->setNarrow(!wide);
    if (changed)
        Q_EMIT wideChanged(wide);
}

} // namespace ember::gui
