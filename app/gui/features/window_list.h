// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/features/explorer_data.h"

#include <QAbstractTableModel>

namespace ember::gui {

/// The chosen windows as a table.
class WindowList : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        Recording,
        Time,
        Label,
        Group,
        ColumnCount
    };
    static constexpr int ColourRole = Qt::UserRole + 1; ///< class colour, for ClassDelegate
    static constexpr int SortRole = Qt::UserRole + 2;

    using QAbstractTableModel::QAbstractTableModel;

    void setWindows(std::shared_ptr<const ExplorerData> data, std::vector<std::size_t> rows);
    /// The window in a line of the table.
    std::size_t windowAt(int row) const { return m_rows[static_cast<std::size_t>(row)]; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::shared_ptr<const ExplorerData> m_data;
    std::vector<std::size_t> m_rows;
};

} // namespace ember::gui
