// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/widgets/table.h"

#include "app/gui/theme/theme_hub.h"

#include <QHeaderView>
#include <QPainter>
#include <QTableView>

#include <algorithm>

namespace ember::gui {
namespace {

constexpr int kDot = 8;

/// Column heads as wide as their text. Qt's own keep room for a sorting arrow at the right of every one; ours is above
/// the text.
class TightHeader : public QHeaderView
{
public:
    TightHeader(const ThemeHub& theme, QWidget* parent)
        : QHeaderView(Qt::Horizontal, parent)
        , m_theme(theme)
    {
        setSectionsClickable(true);
    }

protected:
    QSize sectionSizeFromContents(int section) const override
    {
        const QFontMetrics metrics(m_theme.theme().font(TypeSize::Small));
        const QString text = model()->headerData(section, Qt::Horizontal).toString();
        return {metrics.horizontalAdvance(text) + 3 * m_theme.metrics().s,
                QHeaderView::sectionSizeFromContents(section).height()};
    }

private:
    const ThemeHub& m_theme;
};

/// Cells that do not ask for more room than their column may take.
class CellDelegate : public QStyledItemDelegate
{
public:
    CellDelegate(int mostWidth, QObject* parent)
        : QStyledItemDelegate(parent)
        , m_mostWidth(mostWidth)
    {}

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const QSize size = QStyledItemDelegate::sizeHint(option, index);
        return {std::min(size.width(), m_mostWidth), size.height()};
    }

private:
    int m_mostWidth;
};

} // namespace

void prepareTable(QTableView* table, const ThemeHub& theme, int mostColumnWidth)
{
    table->setHorizontalHeader(new TightHeader(theme, table));
    table->setItemDelegate(new CellDelegate(mostColumnWidth, table));
    table->setTextElideMode(Qt::ElideMiddle); // names that are long often differ at the end
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setShowGrid(false);
    table->setSortingEnabled(true);
    table->setWordWrap(false);
    table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(theme.metrics().control);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    table->horizontalHeader()->setMinimumSectionSize(48);
    // The last column takes what is left; measured by its content it would push itself out of sight.
    const int last = table->model()->columnCount() - 1;
    table->horizontalHeader()->setSectionResizeMode(last, QHeaderView::Interactive);
    table->horizontalHeader()->resizeSection(last, 48);
    table->horizontalHeader()->setStretchLastSection(true);
    table->setTabKeyNavigation(false);
    table->setFrameShape(QFrame::NoFrame);
}

ClassDelegate::ClassDelegate(int colourRole, const ThemeHub& theme, QObject* parent)
    : QStyledItemDelegate(parent)
    , m_colourRole(colourRole)
    , m_theme(theme)
{}

void ClassDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const int colour = index.data(m_colourRole).toInt();
    QStyleOptionViewItem shown = option;
    shown.textElideMode = Qt::ElideRight; // the first class is the one with the dot
    if (colour >= 0 && !index.data().toString().isEmpty()) {
        // The ground of the whole cell first, or a selected row would have a hole where the dot is.
        QStyleOptionViewItem ground = option;
        initStyleOption(&ground, index);
        ground.text.clear();
        option.widget->style()->drawControl(QStyle::CE_ItemViewItem, &ground, painter, option.widget);
        shown.rect.setLeft(option.rect.left() + kDot + m_theme.metrics().s);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(Qt::NoPen);
        painter->setBrush(m_theme.theme().classBrush(colour));
        painter->drawEllipse(
            QRectF(option.rect.left() + m_theme.metrics().s, option.rect.center().y() - kDot / 2.0 + 1, kDot, kDot));
        painter->restore();
    }
    QStyledItemDelegate::paint(painter, shown, index);
}

} // namespace ember::gui
