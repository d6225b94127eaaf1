// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/plot/category_legend.h"

#include "app/gui/theme/theme_hub.h"
#include "core/base/quantity.h"

#include <QKeyEvent>
#include <QPainter>
#include <QPixmap>

#include <algorithm>

namespace ember::gui {
namespace {

constexpr int kIcon = 12;
constexpr int kDot = 9;
constexpr int kWidth = 170;

} // namespace

CategoryLegend::CategoryLegend(const ThemeHub& theme, QWidget* parent)
    : QListWidget(parent)
    , m_theme(theme)
{
    setObjectName(QStringLiteral("legend"));
    setFrameShape(QFrame::NoFrame);
    setFixedWidth(kWidth);
    setIconSize({kIcon, kIcon});
    setSelectionMode(QAbstractItemView::NoSelection);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setTextElideMode(Qt::ElideMiddle);
    setUniformItemSizes(true);
    setAccessibleName(tr("Legend"));
    setToolTip(tr("Click: hide or show. Double click: show alone."));
    connect(this, &QListWidget::itemClicked, this, [this](QListWidgetItem* item) {
        set(row(item), !m_categories[static_cast<std::size_t>(row(item))].isHidden);
    });
    connect(this, &QListWidget::itemDoubleClicked, this, [this](QListWidgetItem* item) { showAlone(row(item)); });
    connect(&theme, &ThemeHub::changed, this, [this] {
        for (int i = 0; i < count(); ++i)
            refresh(i);
    });
}

void CategoryLegend::setCategories(std::vector<Category> categories)
{
    m_categories = std::move(categories);
    clear();
    for (std::size_t i = 0; i < m_categories.size(); ++i) {
        addItem(new QListWidgetItem);
        refresh(static_cast<int>(i));
    }
}

void CategoryLegend::refresh(int category)
{
    const Category& shown = m_categories[static_cast<std::size_t>(category)];
    const qreal ratio = devicePixelRatioF();
    QPixmap picture(QSize(kIcon, kIcon) * ratio);
    picture.setDevicePixelRatio(ratio);
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    painter.setRenderHint(QPainter::Antialiasing);
    if (shown.isHidden) {
        painter.setPen(QPen(m_theme.colours().disabled, 1.5));
        painter.drawEllipse(QPointF(kIcon / 2.0, kIcon / 2.0), kDot / 2.0 - 1, kDot / 2.0 - 1);
    } else {
        paintCategoryPoint(painter, m_theme.theme(), shown.look, QPointF(kIcon / 2.0, kIcon / 2.0), kDot);
    }
    painter.end();
    QListWidgetItem* line = item(category);
    line->setIcon(QIcon(picture));
    line->setText(QStringLiteral("%1  %2").arg(shown.name, formatCount(shown.count)));
    line->setToolTip(line->text());
    line->setForeground(shown.isHidden ? m_theme.colours().disabled : m_theme.colours().text);
    line->setData(Qt::AccessibleDescriptionRole, shown.isHidden ? tr("hidden") : tr("shown"));
}

void CategoryLegend::set(int category, bool hidden)
{
    bool& isHidden = m_categories[static_cast<std::size_t>(category)].isHidden;
    if (isHidden == hidden)
        return;
    isHidden = hidden;
    refresh(category);
    Q_EMIT hiddenChanged(category, hidden);
}

void CategoryLegend::showAlone(int category)
{
    // The click before the double click has hidden or shown it, which does not matter here.
    bool alone = true;
    for (int i = 0; i < count(); ++i)
        alone = alone && (i == category || m_categories[static_cast<std::size_t>(i)].isHidden);
    for (int i = 0; i < count(); ++i)
        set(i, !alone && i != category);
}

void CategoryLegend::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Space && currentRow() >= 0)
        set(currentRow(), !m_categories[static_cast<std::size_t>(currentRow())].isHidden);
    else
        QListWidget::keyPressEvent(event);
}

} // namespace ember::gui
