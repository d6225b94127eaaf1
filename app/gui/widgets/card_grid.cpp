// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/widgets/card_grid.h"

#include <QEvent>

#include <algorithm>

namespace ember::gui {

CardGrid::CardGrid(int cardWidth, int gap, QWidget* parent)
    : QWidget(parent)
    , m_cardWidth(cardWidth)
    , m_gap(gap)
{
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void CardGrid::addCard(QWidget* card)
{
    card->setParent(this);
    card->show();
    m_cards.append(card);
    updateGeometry();
    place();
}

void CardGrid::clear()
{
    for (QWidget* card : std::as_const(m_cards)) {
        card->hide();
        card->deleteLater(); // a card may be cleared by a click on it
    }
    m_cards.clear();
    updateGeometry();
}

int CardGrid::columnsFor(int width) const
{
    return std::max(1, (width + m_gap) / (m_cardWidth + m_gap));
}

int CardGrid::rowHeight() const
{
    int height = 0;
    for (const QWidget* card : m_cards)
        height = std::max(height, card->sizeHint().height());
    return height;
}

int CardGrid::heightForWidth(int width) const
{
    const int columns = columnsFor(width);
    const int rows = (static_cast<int>(m_cards.size()) + columns - 1) / columns;
    return rows == 0 ? 0 : rows * (rowHeight() + m_gap) - m_gap;
}

QSize CardGrid::sizeHint() const
{
    return {m_cardWidth * 2 + m_gap, heightForWidth(std::max(width(), m_cardWidth))};
}

QSize CardGrid::minimumSizeHint() const
{
    return {m_cardWidth, heightForWidth(std::max(width(), m_cardWidth))};
}

void CardGrid::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    place();
}

bool CardGrid::event(QEvent* event)
{
    if (event->type() == QEvent::LayoutRequest) {
        place();
        updateGeometry();
    }
    return QWidget::event(event);
}

void CardGrid::place()
{
    const int columns = columnsFor(width());
    const int cardWidth = std::min((width() - (columns - 1) * m_gap) / columns, m_cardWidth * 3 / 2);
    const int height = rowHeight();
    for (int i = 0; i < m_cards.size(); ++i)
        m_cards[i]->setGeometry((i % columns) * (cardWidth + m_gap), (i / columns) * (height + m_gap), cardWidth,
                                height);
    setMinimumHeight(heightForWidth(width()));
}

} // namespace ember::gui
