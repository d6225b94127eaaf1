// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/import_preview.h"

#include <QAbstractTableModel>
#include <QStyledItemDelegate>

namespace ember::gui {

/// The columns of a file that is to be imported, and what each is taken for; role, unit and stream can be changed. Only
/// what was changed counts as a mapping. GUI thread.
class ColumnModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        Name,
        Role,
        Unit,
        Stream,
        Examples,
        ColumnCount
    };

    using QAbstractTableModel::QAbstractTableModel;

    void setColumns(std::vector<dataset::ColumnPreview> columns, bool isEditable);
    const std::vector<dataset::ColumnPreview>& columns() const { return m_columns; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;

Q_SIGNALS:
    void mappingChanged(const ember::dataset::ColumnMapping& mapping);

private:
    std::vector<dataset::ColumnPreview> m_columns;
    bool m_isEditable = false;
};

/// Roles by their names in a list.
class RoleDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QWidget* createEditor(QWidget* parent, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    void setEditorData(QWidget* editor, const QModelIndex& index) const override;
    void setModelData(QWidget* editor, QAbstractItemModel* model, const QModelIndex& index) const override;

private:
    void takeChoice();
};

/// "channel" in the words of the window.
QString columnRoleText(dataset::ColumnRole role);

} // namespace ember::gui
