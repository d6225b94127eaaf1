// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/train/trainer_list.h"

#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"

#include <QButtonGroup>
#include <QPainter>

namespace ember::gui {
namespace {

class TrainerCard : public QAbstractButton
{
public:
    TrainerCard(const plugin::TrainerInfo& info, const ThemeHub& theme)
        : m_info(info)
        , m_theme(theme)
    {
        setCheckable(true);
        setObjectName(QStringLiteral("trainer-") + info.id);
        setText(info.name);
        setAccessibleName(info.name);
        setAccessibleDescription(info.summary);
        setToolTip(info.whenToUse);
        setWhatsThis(info.summary + QLatin1Char('\n') + info.whenToUse);
        setFocusPolicy(Qt::TabFocus);
        setAttribute(Qt::WA_Hover);
        QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
        policy.setHeightForWidth(true);
        setSizePolicy(policy);
    }

    QSize sizeHint() const override { return {220, heightForWidth(220)}; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override
    {
        const ThemeMetrics& m = m_theme.metrics();
        const int room = width - 2 * m.m;
        return 2 * m.s + titleHeight() + textRect(m_info.summary, room).height() + m.xs +
               textRect(m_info.whenToUse, room).height();
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const ThemeColours& c = m_theme.colours();
        const ThemeMetrics& m = m_theme.metrics();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(isChecked() || hasFocus() ? c.accent : c.line, 1));
        painter.setBrush(isChecked() ? c.accentSoft : underMouse() ? c.hover : c.surface);
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), m.radius, m.radius);
        QRect area = rect().adjusted(m.m, m.s, -m.m, -m.s);
        painter.setPen(c.text);
        painter.setFont(m_theme.theme().font(TypeSize::Body, QFont::DemiBold));
        painter.drawText(QRect(area.topLeft(), QSize(area.width(), titleHeight())), Qt::AlignLeft | Qt::AlignTop,
                         m_info.name);
        area.setTop(area.top() + titleHeight());
        painter.setFont(m_theme.theme().font(TypeSize::Small));
        painter.drawText(area, Qt::TextWordWrap, m_info.summary);
        area.setTop(area.top() + textRect(m_info.summary, area.width()).height() + m.xs);
        painter.setPen(c.muted);
        painter.drawText(area, Qt::TextWordWrap, m_info.whenToUse);
    }

private:
    int titleHeight() const
    {
        return QFontMetrics(m_theme.theme().font(TypeSize::Body, QFont::DemiBold)).lineSpacing() + 2;
    }
    QRect textRect(const QString& text, int width) const
    {
        return QFontMetrics(m_theme.theme().font(TypeSize::Small))
            .boundingRect(QRect(0, 0, width, 1000), Qt::TextWordWrap, text);
    }

    plugin::TrainerInfo m_info;
    const ThemeHub& m_theme;
};

} // namespace

TrainerList::TrainerList(const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_column(plainLayout<QVBoxLayout>(this, theme.metrics().s))
    , m_group(new QButtonGroup(this))
{}

void TrainerList::setTrainers(const QList<plugin::TrainerInfo>& trainers)
{
    for (QAbstractButton* button : m_group->buttons()) {
        m_group->removeButton(button);
        button->deleteLater();
    }
    for (const plugin::TrainerInfo& info : trainers) {
        auto* card = new TrainerCard(info, m_theme);
        card->setChecked(info.id == m_chosen);
        connect(card, &QAbstractButton::clicked, this, [this, id = info.id] { choose(id); });
        m_group->addButton(card);
        m_column->addWidget(card);
    }
}

void TrainerList::choose(const QString& id)
{
    const bool changed = id != m_chosen;
    m_chosen = id;
    for (QAbstractButton* button : m_group->buttons()) {
        if (button->objectName() == QStringLiteral("trainer-") + id)
            button->setChecked(true);
    }
    if (changed)
        Q_EMIT chosenChanged(id);
}

} // namespace ember::gui
