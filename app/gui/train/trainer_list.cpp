// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/train/trainer_list.h"

#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"

#include <QButtonGroup>
#include <QLineEdit>
#include <QPainter>

#include <algorithm>
#include <array>

namespace ember::gui {
namespace {

// The families of our own plugins, those that are tried first in front.
constexpr std::array kFamilies{"trees", "linear", "kernel", "neighbours", "neural", "bayes", "mixture"};

QString familyOf(const QString& trainer)
{
    return trainer.section(QLatin1Char('.'), 0, 0);
}

std::size_t rankOf(const QString& trainer)
{
    const auto known = std::find(kFamilies.begin(), kFamilies.end(), familyOf(trainer));
    return static_cast<std::size_t>(known - kFamilies.begin());
}

/// What stands over the cards of a family; a stranger's plugin has its own word.
QString familyTitle(const QString& family)
{
    const QHash<QString, QString> titles{{QStringLiteral("trees"), TrainerList::tr("Trees")},
                                         {QStringLiteral("linear"), TrainerList::tr("Linear")},
                                         {QStringLiteral("kernel"), TrainerList::tr("Kernel machines")},
                                         {QStringLiteral("neighbours"), TrainerList::tr("Nearest neighbours")},
                                         {QStringLiteral("neural"), TrainerList::tr("Neural networks")},
                                         {QStringLiteral("bayes"), TrainerList::tr("Bayes")},
                                         {QStringLiteral("mixture"), TrainerList::tr("Mixtures and clusters")}};
    return titles.value(family, family);
}

/// A trainer in two lines; in full where it is chosen.
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
        if (!isChecked())
            return 2 * m.s + titleHeight() + QFontMetrics(m_theme.theme().font(TypeSize::Small)).height();
        return 2 * m.s + titleHeight() + textRect(m_info.summary, room).height() + m.xs +
               textRect(m_info.whenToUse, room).height();
    }

    /// Whether each of the words occurs in what the card says.
    bool speaksOf(const QStringList& words) const
    {
        const QStringList said{m_info.name, m_info.id, m_info.summary, m_info.whenToUse,
                               familyTitle(familyOf(m_info.id))};
        const QString all = said.join(QLatin1Char(' '));
        return std::all_of(words.begin(), words.end(),
                           [&](const QString& word) { return all.contains(word, Qt::CaseInsensitive); });
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
        if (!isChecked()) {
            painter.setPen(c.muted);
            painter.drawText(area, Qt::AlignLeft | Qt::AlignTop,
                             painter.fontMetrics().elidedText(m_info.whenToUse, Qt::ElideRight, area.width()));
            return;
        }
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
    , m_filter(new QLineEdit)
    , m_column(plainLayout<QVBoxLayout>(this, theme.metrics().s))
    , m_group(new QButtonGroup(this))
    , m_none(makeLabel(tr("No trainer says that."), "muted"))
    , m_more(makeButton({}, "link"))
{
    m_filter->setObjectName(QStringLiteral("trainer-filter"));
    m_filter->setPlaceholderText(tr("Filter trainers"));
    m_filter->setAccessibleName(m_filter->placeholderText());
    m_filter->setClearButtonEnabled(true);
    m_more->setObjectName(QStringLiteral("trainer-more"));
    m_column->addWidget(m_more, 0, Qt::AlignLeft);
    m_column->addWidget(m_filter);
    m_column->addWidget(m_none);
    connect(m_filter, &QLineEdit::textChanged, this, &TrainerList::arrange);
    connect(m_more, &QPushButton::clicked, this, [this] {
        setOpen(!m_isOpen);
        if (m_isOpen)
            m_filter->setFocus();
    });
    arrange();
}

void TrainerList::setTrainers(QList<plugin::TrainerInfo> trainers)
{
    for (QAbstractButton* button : m_group->buttons()) {
        m_group->removeButton(button);
        button->deleteLater();
    }
    for (const Family& family : m_families)
        family.title->deleteLater();
    m_families.clear();
    std::stable_sort(trainers.begin(), trainers.end(), [](const auto& a, const auto& b) {
        return std::pair(rankOf(a.id), familyOf(a.id)) < std::pair(rankOf(b.id), familyOf(b.id));
    });
    QString family;
    for (const plugin::TrainerInfo& info : trainers) {
        if (m_families.empty() || familyOf(info.id) != family) {
            family = familyOf(info.id);
            m_families.push_back({makeLabel(familyTitle(family), "caption"), {}});
            m_column->addWidget(m_families.back().title);
        }
        auto* card = new TrainerCard(info, m_theme);
        card->setChecked(info.id == m_chosen);
        connect(card, &QAbstractButton::clicked, this, [this, id = info.id] {
            choose(id);
            setOpen(false);
        });
        // A chosen card is taller.
        connect(card, &QAbstractButton::toggled, card, [card] { card->updateGeometry(); });
        m_group->addButton(card);
        m_families.back().cards.push_back(card);
        m_column->addWidget(card);
    }
    arrange();
}

void TrainerList::setOpen(bool open)
{
    m_isOpen = open;
    m_filter->clear();
    arrange();
}

/// Closed, only the chosen card is there, so that its parameters are not behind all the others.
void TrainerList::arrange()
{
    const QStringList words = m_filter->text().split(QLatin1Char(' '), Qt::SkipEmptyParts);
    qsizetype trainers = 0;
    bool any = false;
    for (const Family& family : m_families) {
        bool some = false;
        for (QWidget* widget : family.cards) {
            const auto* card = static_cast<TrainerCard*>(widget);
            const bool shown = m_isOpen ? card->speaksOf(words) : card->isChecked();
            widget->setVisible(shown);
            some = some || shown;
            ++trainers;
        }
        family.title->setVisible(some && m_isOpen);
        any = any || some;
    }
    m_filter->setVisible(m_isOpen);
    m_none->setVisible(!any && m_isOpen && !words.isEmpty());
    m_more->setVisible(trainers > 1);
    m_more->setText(m_isOpen ? tr("Show only the chosen one") : tr("Choose from %1 trainers").arg(trainers));
}

void TrainerList::choose(const QString& id)
{
    const bool changed = id != m_chosen;
    m_chosen = id;
    for (QAbstractButton* button : m_group->buttons()) {
        if (button->objectName() == QStringLiteral("trainer-") + id)
            button->setChecked(true);
    }
    if (!changed)
        return;
    arrange();
    Q_EMIT chosenChanged(id);
}

} // namespace ember::gui
