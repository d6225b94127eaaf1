// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dataset/column_table.h"

#include <QComboBox>

namespace ember::gui {

QString columnRoleText(dataset::ColumnRole role)
{
    switch (role) {
    case dataset::ColumnRole::Channel:
        return ColumnModel::tr("Channel");
    case dataset::ColumnRole::Time:
        return ColumnModel::tr("Time");
    case dataset::ColumnRole::Label:
        return ColumnModel::tr("Label");
    case dataset::ColumnRole::Subject:
        return ColumnModel::tr("Subject");
    case dataset::ColumnRole::Device:
        return ColumnModel::tr("Device");
    case dataset::ColumnRole::Session:
        return ColumnModel::tr("Session");
    case dataset::ColumnRole::Metadata:
        return ColumnModel::tr("Metadata");
    case dataset::ColumnRole::Ignored:
        return ColumnModel::tr("Left out");
    }
    return {};
}

void ColumnModel::setColumns(std::vector<dataset::ColumnPreview> columns, bool isEditable)
{
    beginResetModel();
    m_columns = std::move(columns);
    m_isEditable = isEditable;
    endResetModel();
}

int ColumnModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

int ColumnModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ColumnModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || (role != Qt::DisplayRole && role != Qt::EditRole))
        return {};
    const dataset::ColumnPreview& column = m_columns[static_cast<std::size_t>(index.row())];
    switch (index.column()) {
    case Name:
        return column.mapping.column;
    case Role:
        return role == Qt::EditRole ? QVariant(static_cast<int>(column.mapping.role))
                                    : QVariant(columnRoleText(column.mapping.role));
    case Unit:
        return column.mapping.unit;
    case Stream:
        return column.mapping.stream;
    case Examples:
        return column.examples.join(QStringLiteral("   "));
    default:
        return {};
    }
}

QVariant ColumnModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole)
        return QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name:
        return tr("Column");
    case Role:
        return tr("Taken as");
    case Unit:
        return tr("Unit");
    case Stream:
        return tr("Stream");
    case Examples:
        return tr("First values");
    default:
        return {};
    }
}

Qt::ItemFlags ColumnModel::flags(const QModelIndex& index) const
{
    const Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    if (!m_isEditable || !index.isValid())
        return flags;
    const bool isChannel =
        m_columns[static_cast<std::size_t>(index.row())].mapping.role == dataset::ColumnRole::Channel;
    const bool isOpen = index.column() == Role || (isChannel && (index.column() == Unit || index.column() == Stream));
    return isOpen ? flags | Qt::ItemIsEditable : flags;
}

bool ColumnModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (role != Qt::EditRole || !(flags(index) & Qt::ItemIsEditable))
        return false;
    dataset::ColumnMapping& mapping = m_columns[static_cast<std::size_t>(index.row())].mapping;
    const dataset::ColumnMapping before = mapping;
    if (index.column() == Role)
        mapping.role = static_cast<dataset::ColumnRole>(value.toInt());
    else if (index.column() == Unit)
        mapping.unit = value.toString().trimmed();
    else
        mapping.stream = value.toString().trimmed();
    if (mapping == before)
        return true;
    Q_EMIT dataChanged(this->index(index.row(), 0), this->index(index.row(), ColumnCount - 1));
    Q_EMIT mappingChanged(mapping);
    return true;
}

QWidget* RoleDelegate::createEditor(QWidget* parent, const QStyleOptionViewItem&, const QModelIndex&) const
{
    auto* box = new QComboBox(parent);
    for (const dataset::ColumnRole role : dataset::kColumnRoles)
        box->addItem(columnRoleText(role), static_cast<int>(role));
    // A choice counts when it is made, not when the focus goes elsewhere.
    connect(box, &QComboBox::activated, this, &RoleDelegate::takeChoice);
    return box;
}

void RoleDelegate::takeChoice()
{
    auto* box = qobject_cast<QComboBox*>(sender());
    Q_EMIT commitData(box);
    Q_EMIT closeEditor(box);
}

void RoleDelegate::setEditorData(QWidget* editor, const QModelIndex& index) const
{
    auto* box = static_cast<QComboBox*>(editor);
    box->setCurrentIndex(box->findData(index.data(Qt::EditRole)));
}

void RoleDelegate::setModelData(QWidget* editor, QAbstractItemModel* model, const QModelIndex& index) const
{
    model->setData(index, static_cast<QComboBox*>(editor)->currentData(), Qt::EditRole);
}

} // namespace ember::gui
