// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/label_table.h"
#include "core/dataset/recording.h"

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>

#include <vector>

namespace ember::dataset {
class Project;
}

namespace ember::gui {

/// The recordings of the open project as a table; a thin copy of what the store says. GUI thread.
class RecordingModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        Name,
        GroupName,
        Lost,
        Length,
        Labels,
        ColumnCount
    };
    enum Role
    {
        SortRole = Qt::UserRole, ///< a number or text that sorts as the cell means
        ColourRole               ///< colour index of the first label, -1 without
    };

    using QAbstractTableModel::QAbstractTableModel;

    /// Reads again; null empties the table.
    void load(const dataset::Project* project);

    const dataset::Recording* at(int row) const;
    bool hasLosses() const;                   ///< some recording lacks rows
    int rowOf(dataset::RecordingId id) const; ///< -1: not there

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Row
    {
        dataset::Recording recording;
        QStringList labels;
        int colour = -1;

        /// Whether the table shows the same.
        friend bool operator==(const Row& a, const Row& b)
        {
            return a.recording.id == b.recording.id && a.recording.name == b.recording.name &&
                   a.recording.group == b.recording.group && a.recording.endRow == b.recording.endRow &&
                   a.recording.state == b.recording.state && a.labels == b.labels && a.colour == b.colour;
        }
    };

    QVariant text(const Row& row, int column) const;
    QVariant sortKey(const Row& row, int column) const;

    std::vector<Row> m_rows;
};

} // namespace ember::gui
