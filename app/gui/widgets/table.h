// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

class QTableView;

namespace ember::gui {

class ThemeHub;

/// How every table looks and behaves: rows are selected one at a time, no grid, the last column takes what is left.
/// Call once the table has its model. A column gets no wider than `mostColumnWidth`; longer text loses its middle.
void prepareTable(QTableView* table, const ThemeHub& theme, int mostColumnWidth = 240);

/// Text with a dot in the colour of its class, taken from a role of the cell; -1 is no dot.
class ClassDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    ClassDelegate(int colourRole, const ThemeHub& theme, QObject* parent = nullptr);

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    int m_colourRole;
    const ThemeHub& m_theme;
};

} // namespace ember::gui
