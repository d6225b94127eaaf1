// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/label_table.h"
#include "core/dataset/recording.h"

#include <QAbstractTableModel>
#include <QPixmap>

#include <functional>
#include <vector>

namespace ember::dataset {
class Project;
}

namespace ember::gui {

/// The recordings of the open project as a table; a thin copy of what the store says. Behind the fixed columns there is
/// one for each field of the recordings' metadata. GUI thread.
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
        Tags,
        SameAs, ///< recordings with the same samples
        Labels,
        FixedColumns
    };
    enum Role
    {
        SortRole = Qt::UserRole, ///< a number or text that sorts as the cell means
        ColourRole               ///< colour index of the first label, -1 without
    };

    using QAbstractTableModel::QAbstractTableModel;

    /// Reads again; null empties the table. `trash`: those that were discarded instead of the others. Returns whether
    /// the recordings are others or not as they were; their labels do not count.
    bool load(const dataset::Project* project, bool trash = false);
    /// Asked for the picture of a recording, of which it may have none yet.
    void setPictures(std::function<QPixmap(const dataset::Recording&)> pictures) { m_pictures = std::move(pictures); }
    void pictureChanged(dataset::RecordingId id);

    const dataset::Recording* at(int row) const;
    QStringList labelsAt(int row) const;
    bool hasLosses() const;                   ///< some recording lacks rows
    bool hasDuplicates() const;               ///< some recordings have the same samples
    int rowOf(dataset::RecordingId id) const; ///< -1: not there
    /// Those of metadata that have a column, in the order of the columns.
    const QStringList& fields() const { return m_fields; }

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
        QStringList sameAs;

        /// Whether the table shows the same.
        friend bool operator==(const Row& a, const Row& b)
        {
            return isSameRecording(a, b) && a.labels == b.labels && a.colour == b.colour && a.sameAs == b.sameAs;
        }
        static bool isSameRecording(const Row& a, const Row& b)
        {
            return a.recording.id == b.recording.id && a.recording.name == b.recording.name &&
                   a.recording.group == b.recording.group && a.recording.endRow == b.recording.endRow &&
                   a.recording.state == b.recording.state && a.recording.metadata == b.recording.metadata;
        }
    };

    static std::vector<Row> read(const dataset::Project& project, bool trash);
    static void findDuplicates(std::vector<Row>& rows);
    QVariant text(const Row& row, int column) const;
    QVariant sortKey(const Row& row, int column) const;
    QString columnName(int column) const;

    std::vector<Row> m_rows;
    QStringList m_fields;
    std::function<QPixmap(const dataset::Recording&)> m_pictures;
};

} // namespace ember::gui
