// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QWidget>

namespace ember::gui {

/// Cards of equal size in as many columns as there is room for, from left to right. Use inside a scroll area.
class CardGrid : public QWidget
{
    Q_OBJECT

public:
    CardGrid(int cardWidth, int gap, QWidget* parent = nullptr);

    /// Takes ownership. Cards without a caller's order come in the order they were added.
    void addCard(QWidget* card);
    void clear();
    const QList<QWidget*>& cards() const { return m_cards; }

    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;
    bool event(QEvent* event) override;

private:
    int columnsFor(int width) const;
    int rowHeight() const;
    void place();

    int m_cardWidth;
    int m_gap;
    QList<QWidget*> m_cards;
};

} // namespace ember::gui
