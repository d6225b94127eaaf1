// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/capture/label_buttons.h"

#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"

#include <QAbstractButton>
#include <QLineEdit>
#include <QPainter>

#include <algorithm>

namespace ember::gui {
namespace {

constexpr int kDot = 10;
constexpr int kKeySide = 18;
constexpr int kDigitKeys = 9;

class LabelButton : public QAbstractButton
{
public:
    LabelButton(const dataset::Label& label, int number, const ThemeHub& theme)
        : m_label(label)
        , m_number(number)
        , m_theme(theme)
    {
        setText(label.name);
        setAccessibleName(label.name);
        setCheckable(true);
        setFixedHeight(theme.metrics().controlMain);
        setFocusPolicy(Qt::TabFocus);
        setAttribute(Qt::WA_Hover);
        if (number > 0)
            setToolTip(QObject::tr("Label the next takes '%1' (%2)").arg(label.name).arg(number));
    }
    QSize sizeHint() const override { return {160, m_theme.metrics().controlMain}; }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const ThemeColours& c = m_theme.colours();
        const ThemeMetrics& m = m_theme.metrics();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(isChecked() || hasFocus() ? c.accent : c.lineStrong, isChecked() ? 1.5 : 1));
        painter.setBrush(isChecked() ? c.accentSoft : underMouse() ? c.hover : c.surface);
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), m.radius, m.radius);
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_theme.theme().classBrush(m_label.colour));
        painter.drawEllipse(QRectF(m.m, (height() - kDot) / 2.0, kDot, kDot));
        const QRect area = rect().adjusted(m.m + kDot + m.s, 0, -m.m - kKeySide, 0);
        painter.setPen(c.text);
        painter.setFont(m_theme.theme().font(TypeSize::Body, isChecked() ? QFont::DemiBold : QFont::Normal));
        painter.drawText(area, Qt::AlignVCenter | Qt::AlignLeft,
                         painter.fontMetrics().elidedText(text(), Qt::ElideRight, area.width()));
        if (m_number == 0)
            return;
        const QRectF key(width() - m.s - kKeySide, (height() - kKeySide) / 2.0, kKeySide, kKeySide);
        painter.setPen(QPen(c.lineStrong, 1));
        painter.setBrush(c.window);
        painter.drawRoundedRect(key, 4, 4);
        painter.setPen(c.muted);
        painter.setFont(m_theme.theme().font(TypeSize::Caption));
        painter.drawText(key, Qt::AlignCenter, QString::number(m_number));
    }

private:
    dataset::Label m_label;
    int m_number;
    const ThemeHub& m_theme;
};

} // namespace

LabelButtons::LabelButtons(const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_column(plainLayout<QVBoxLayout>(this, theme.metrics().xs))
    , m_holder(new QWidget)
    , m_new(new QLineEdit)
{
    m_new->setPlaceholderText(tr("New label, then Enter"));
    m_new->setObjectName(QStringLiteral("new-label"));
    m_column->addWidget(m_holder);
    m_column->addWidget(m_new);
    connect(m_new, &QLineEdit::returnPressed, this, [this] {
        const QString name = m_new->text().trimmed();
        m_new->clear();
        if (!name.isEmpty())
            Q_EMIT labelWanted(name);
    });
}

void LabelButtons::setLabels(const std::vector<dataset::Label>& labels)
{
    if (labels == m_labels && m_holder->layout())
        return;
    m_labels = labels;
    auto* holder = new QWidget;
    auto* column = plainLayout<QVBoxLayout>(holder, m_theme.metrics().xs);
    int number = 0;
    for (const dataset::Label& label : labels) {
        ++number;
        auto* button = new LabelButton(label, number <= kDigitKeys ? number : 0, m_theme);
        button->setObjectName(QStringLiteral("label-") + label.name);
        button->setChecked(label.name == m_chosen);
        connect(button, &QAbstractButton::clicked, this,
                [this, name = label.name](bool on) { choose(on ? name : QString()); });
        column->addWidget(button);
    }
    delete m_column->replaceWidget(m_holder, holder);
    m_holder->deleteLater();
    m_holder = holder;
}

QString LabelButtons::chosen() const
{
    const bool exists = std::any_of(m_labels.begin(), m_labels.end(),
                                    [this](const dataset::Label& label) { return label.name == m_chosen; });
    return exists ? m_chosen : QString();
}

void LabelButtons::choose(const QString& name)
{
    const bool changed = name != m_chosen;
    m_chosen = name;
    for (QAbstractButton* button : m_holder->findChildren<QAbstractButton*>())
        button->setChecked(button->text() == name);
    if (changed)
        Q_EMIT chosenChanged(name);
}

void LabelButtons::chooseNumber(int number)
{
    if (number >= 1 && number <= count())
        choose(m_labels[static_cast<std::size_t>(number - 1)].name);
}

} // namespace ember::gui
