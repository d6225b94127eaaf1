// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dataset/recording_model.h"

#include "core/base/quantity.h"
#include "core/dataset/project.h"
#include "core/dataset/recording_edits.h"

#include <QHash>

#include <algorithm>

namespace ember::gui {

namespace {

bool isNumber(int column)
{
    return column == RecordingModel::Length || column == RecordingModel::Lost;
}

} // namespace

std::vector<RecordingModel::Row> RecordingModel::read(const dataset::Project& project, bool trash)
{
    std::vector<Row> rows;
    QHash<dataset::LabelId, dataset::Label> labels;
    for (const dataset::Label& label : project.labels().labels().value_or(std::vector<dataset::Label>{}))
        labels.insert(label.id, label);
    QHash<dataset::RecordingId, std::size_t> place;
    for (dataset::Recording& recording : project.recordings().list(trash).value_or(std::vector<dataset::Recording>{})) {
        if (recording.trashed != trash)
            continue;
        place.insert(recording.id, rows.size());
        rows.push_back({std::move(recording), {}, -1, {}});
    }
    for (const dataset::Segment& segment : project.labels().segments().value_or(std::vector<dataset::Segment>{})) {
        const auto at = place.constFind(segment.recording);
        if (at == place.constEnd())
            continue;
        Row& row = rows[*at];
        const dataset::Label label = labels.value(segment.label);
        if (row.labels.isEmpty())
            row.colour = label.colour;
        if (!row.labels.contains(label.name))
            row.labels.append(label.name);
    }
    findDuplicates(rows);
    return rows;
}

void RecordingModel::findDuplicates(std::vector<Row>& rows)
{
    QHash<QString, QStringList> names;
    for (const Row& row : rows) {
        if (!row.recording.contentHash.isEmpty() && row.recording.rowCount > 0)
            names[row.recording.contentHash] << row.recording.name;
    }
    for (Row& row : rows) {
        row.sameAs = names.value(row.recording.contentHash);
        if (row.sameAs.size() < 2)
            row.sameAs.clear();
        else
            row.sameAs.removeOne(row.recording.name);
    }
}

bool RecordingModel::load(const dataset::Project* project, bool trash)
{
    std::vector<Row> rows = project ? read(*project, trash) : std::vector<Row>{};
    if (rows == m_rows)
        return false;
    const bool isNew = !std::equal(rows.begin(), rows.end(), m_rows.begin(), m_rows.end(), &Row::isSameRecording);
    std::vector<dataset::Recording> recordings;
    for (const Row& row : rows)
        recordings.push_back(row.recording);
    QStringList fields = dataset::fieldsOf(recordings);
    // The same recordings in the same order keep selection and scrolling.
    const bool sameRecordings = std::equal(rows.begin(), rows.end(), m_rows.begin(), m_rows.end(),
                                           [](const Row& a, const Row& b) { return a.recording.id == b.recording.id; });
    if (sameRecordings && fields == m_fields) {
        m_rows = std::move(rows);
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
        return isNew;
    }
    beginResetModel();
    m_rows = std::move(rows);
    m_fields = std::move(fields);
    endResetModel();
    return isNew;
}

void RecordingModel::pictureChanged(dataset::RecordingId id)
{
    if (const int row = rowOf(id); row >= 0)
        Q_EMIT dataChanged(index(row, Name), index(row, Name), {Qt::DecorationRole});
}

QStringList RecordingModel::labelsAt(int row) const
{
    return at(row) ? m_rows[static_cast<std::size_t>(row)].labels : QStringList();
}

bool RecordingModel::hasDuplicates() const
{
    return std::any_of(m_rows.begin(), m_rows.end(), [](const Row& row) { return !row.sameAs.isEmpty(); });
}

const dataset::Recording* RecordingModel::at(int row) const
{
    return row >= 0 && row < rowCount() ? &m_rows[static_cast<std::size_t>(row)].recording : nullptr;
}

bool RecordingModel::hasLosses() const
{
    return std::any_of(m_rows.begin(), m_rows.end(),
                       [](const Row& row) { return row.recording.endRow > row.recording.rowCount; });
}

int RecordingModel::rowOf(dataset::RecordingId id) const
{
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        if (m_rows[i].recording.id == id)
            return static_cast<int>(i);
    }
    return -1;
}

int RecordingModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int RecordingModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : FixedColumns + static_cast<int>(m_fields.size());
}

QVariant RecordingModel::text(const Row& row, int column) const
{
    switch (column) {
    case Name:
        return row.recording.name;
    case Labels:
        return row.labels.join(QStringLiteral(", "));
    case GroupName:
        return row.recording.group.name;
    case Length:
        return formatSeconds(row.recording.durationSeconds());
    case Lost:
        return formatCount(row.recording.endRow - row.recording.rowCount);
    case Tags:
        return dataset::tagsOf(row.recording).join(QStringLiteral(", "));
    case SameAs:
        return row.sameAs.join(QStringLiteral(", "));
    default:
        return row.recording.metadata.value(m_fields.value(column - FixedColumns)).toVariant().toString();
    }
}

QVariant RecordingModel::sortKey(const Row& row, int column) const
{
    switch (column) {
    case Name:
        return row.recording.id.value; // in the order they were made
    case Length:
        return row.recording.durationSeconds();
    case Lost:
        return row.recording.endRow - row.recording.rowCount;
    default:
        break;
    }
    // Numbers of metadata sort as numbers.
    const QString shown = text(row, column).toString();
    bool isFigure = false;
    const double value = shown.toDouble(&isFigure);
    return column >= FixedColumns && isFigure ? QVariant(value) : QVariant(shown);
}

QVariant RecordingModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return text(row, index.column());
    case SortRole:
        return sortKey(row, index.column());
    case ColourRole:
        return row.colour;
    case Qt::DecorationRole:
        return index.column() == Name && m_pictures ? QVariant(m_pictures(row.recording)) : QVariant();
    case Qt::TextAlignmentRole:
        return QVariant(isNumber(index.column()) ? Qt::AlignRight | Qt::AlignVCenter
                                                 : Qt::AlignLeft | Qt::AlignVCenter);
    case Qt::ToolTipRole:
        return row.recording.state == dataset::RecordingState::Interrupted
                   ? tr("%1 — interrupted; what was committed is kept").arg(row.recording.name)
                   : row.recording.name;
    default:
        return {};
    }
}

QVariant RecordingModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant(isNumber(section) ? Qt::AlignRight | Qt::AlignVCenter : Qt::AlignLeft | Qt::AlignVCenter);
    return role == Qt::DisplayRole ? QVariant(columnName(section)) : QVariant();
}

QString RecordingModel::columnName(int column) const
{
    switch (column) {
    case Name:
        return tr("Recording");
    case Labels:
        return tr("Labels");
    case GroupName:
        return tr("Group");
    case Length:
        return tr("Length");
    case Lost:
        return tr("Lost");
    case Tags:
        return tr("Tags");
    case SameAs:
        return tr("Same as");
    default:
        return m_fields.value(column - FixedColumns);
    }
}

} // namespace ember::gui
