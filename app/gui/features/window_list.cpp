// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/features/window_list.h"

namespace ember::gui {

void WindowList::setWindows(std::shared_ptr<const ExplorerData> data, std::vector<std::size_t> rows)
{
    beginResetModel();
    m_data = std::move(data);
    m_rows = std::move(rows);
    endResetModel();
}

int WindowList::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int WindowList::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant WindowList::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || !m_data)
        return {};
    const std::size_t row = windowAt(index.row());
    const QString label = m_data->labelOf(row);
    if (role == ColourRole)
        return index.column() == Label ? m_data->classColours.value(label) : -1;
    if (role == SortRole && index.column() == Time)
        return m_data->window(row).begin;
    if (role != Qt::DisplayRole && role != SortRole)
        return {};
    switch (index.column()) {
    case Recording:
        return m_data->recordingNames.value(m_data->window(row).recording);
    case Time:
        return m_data->timeOf(row);
    case Label:
        return label;
    case Group:
        return m_data->groupOf(row);
    default:
        return {};
    }
}

QVariant WindowList::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role != Qt::DisplayRole || orientation != Qt::Horizontal)
        return {};
    switch (section) {
    case Recording:
        return tr("Recording");
    case Time:
        return tr("Window");
    case Label:
        return tr("Label");
    case Group:
        return tr("Group");
    default:
        return {};
    }
}

} // namespace ember::gui
