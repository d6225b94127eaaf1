// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/shell/command_palette.h"

#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QStandardItemModel>
#include <QStyledItemDelegate>

#include <algorithm>

namespace ember::gui {
namespace {

constexpr int kWidth = 560;
constexpr int kRowHeight = 32;
constexpr int kRowsShown = 11;
constexpr std::size_t kMostRows = 60;

enum Role
{
    GroupRole = Qt::UserRole,
    ShortcutRole,
    IconRole,
    EntryRole
};

class EntryDelegate : public QStyledItemDelegate
{
public:
    EntryDelegate(const ThemeHub& theme, QObject* parent)
        : QStyledItemDelegate(parent)
        , m_theme(theme)
    {}

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {0, kRowHeight}; }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const ThemeColours& c = m_theme.colours();
        const ThemeMetrics& m = m_theme.metrics();
        painter->save();
        if (option.state & QStyle::State_Selected) {
            painter->setRenderHint(QPainter::Antialiasing);
            painter->setPen(Qt::NoPen);
            painter->setBrush(c.accentSoft);
            painter->drawRoundedRect(option.rect, m.radius, m.radius);
        }
        QRect area = option.rect.adjusted(m.s, 0, -m.s, 0);
        const QString iconName = index.data(IconRole).toString();
        if (!iconName.isEmpty())
            painter->drawPixmap(area.left(), area.center().y() - m.icon / 2 + 1,
                                iconPixmap(iconName, c.muted, m.icon, painter->device()->devicePixelRatioF()));
        area.setLeft(area.left() + m.icon + m.s);
        painter->setPen(c.text);
        painter->setFont(m_theme.theme().font(TypeSize::Body));
        painter->drawText(area, Qt::AlignVCenter | Qt::AlignLeft, index.data(Qt::DisplayRole).toString());
        painter->setPen(c.muted);
        painter->setFont(m_theme.theme().font(TypeSize::Caption));
        const QString shortcut = index.data(ShortcutRole).toString();
        QString right = index.data(GroupRole).toString();
        if (!shortcut.isEmpty())
            right += QStringLiteral("  ·  ") + shortcut;
        painter->drawText(area, Qt::AlignVCenter | Qt::AlignRight, right);
        painter->restore();
    }

private:
    const ThemeHub& m_theme;
};

} // namespace

CommandPalette::CommandPalette(const ActionRegistry& actions, const ThemeHub& theme, QWidget* window)
    : QFrame(window)
    , m_actions(actions)
    , m_theme(theme)
    , m_field(new QLineEdit)
    , m_list(new QListView)
    , m_model(new QStandardItemModel(this))
{
    setProperty("role", QStringLiteral("popup"));
    setObjectName(QStringLiteral("palette"));
    setFixedWidth(kWidth);
    m_field->setPlaceholderText(tr("Search or do anything"));
    m_field->installEventFilter(this);
    m_list->setModel(m_model);
    m_list->setItemDelegate(new EntryDelegate(theme, m_list));
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    setStyleProperty(m_list->viewport(), "role", QStringLiteral("popup"));

    auto* column = plainLayout<QVBoxLayout>(this, theme.metrics().s, theme.metrics().s);
    column->addWidget(m_field);
    column->addWidget(m_list);

    connect(m_field, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(m_list, &QListView::clicked, this, &CommandPalette::runCurrent);
    hide();
}

void CommandPalette::open()
{
    m_entries = m_actions.entries();
    m_field->clear();
    filter({});
    const QWidget* window = parentWidget();
    move((window->width() - width()) / 2, m_theme.metrics().topBar);
    show();
    raise();
    m_field->setFocus(Qt::ShortcutFocusReason);
}

QStringList CommandPalette::shownTexts() const
{
    QStringList texts;
    for (int row = 0; row < m_model->rowCount(); ++row)
        texts << m_model->index(row, 0).data().toString();
    return texts;
}

void CommandPalette::filter(const QString& query)
{
    struct Scored
    {
        int score;
        std::size_t entry;
    };
    std::vector<Scored> found;
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        const int byText = fuzzyScore(query, m_entries[i].text);
        const int byGroup = fuzzyScore(query, m_entries[i].group + QLatin1Char(' ') + m_entries[i].text) - 1;
        int score = std::max(byText, byGroup);
        if (score < 0)
            continue;
        // The last choice comes first while nothing is typed, and wins ties afterwards.
        score = score * 2 + (m_entries[i].text == m_lastText ? 1 : 0);
        found.push_back({score, i});
    }
    std::stable_sort(found.begin(), found.end(), [](const Scored& a, const Scored& b) { return a.score > b.score; });
    found.resize(std::min(found.size(), kMostRows));

    m_model->clear();
    for (const Scored& hit : found) {
        const PaletteEntry& entry = m_entries[hit.entry];
        auto* item = new QStandardItem(entry.text);
        item->setData(entry.group, GroupRole);
        item->setData(entry.shortcut, ShortcutRole);
        item->setData(entry.iconName, IconRole);
        item->setData(static_cast<qulonglong>(hit.entry), EntryRole);
        m_model->appendRow(item);
    }
    const int rows = std::clamp(m_model->rowCount(), 1, kRowsShown);
    m_list->setFixedHeight(rows * kRowHeight + 4);
    m_list->setCurrentIndex(m_model->index(0, 0));
    adjustSize();
}

void CommandPalette::moveCurrent(int rows)
{
    const int row = std::clamp(m_list->currentIndex().row() + rows, 0, std::max(0, m_model->rowCount() - 1));
    m_list->setCurrentIndex(m_model->index(row, 0));
}

void CommandPalette::runCurrent()
{
    const QModelIndex current = m_list->currentIndex();
    if (!current.isValid())
        return;
    const auto at = static_cast<std::size_t>(current.data(EntryRole).toULongLong());
    m_lastText = m_entries[at].text;
    // The entry may change what is listed, so it is taken out before it runs.
    const std::function<void()> run = m_entries[at].run;
    hide();
    if (run)
        run();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_field && event->type() == QEvent::FocusOut) {
        hide();
    } else if (watched == m_field && event->type() == QEvent::KeyPress) {
        switch (static_cast<QKeyEvent*>(event)->key()) {
        case Qt::Key_Escape:
            hide();
            return true;
        case Qt::Key_Up:
            moveCurrent(-1);
            return true;
        case Qt::Key_Down:
            moveCurrent(1);
            return true;
        case Qt::Key_PageUp:
            moveCurrent(-kRowsShown);
            return true;
        case Qt::Key_PageDown:
            moveCurrent(kRowsShown);
            return true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            runCurrent();
            return true;
        default:
            break;
        }
    }
    return QFrame::eventFilter(watched, event);
}

} // namespace ember::gui
