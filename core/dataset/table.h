// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QString>
#include <QStringList>

#include <vector>

namespace ember::dataset {

/// A feature table: one row per example, one column per feature, perhaps a label for each.
struct Table
{
    QStringList columns;        ///< feature names, without the label column
    std::vector<float> values;  ///< rows x columns, row-major, finite
    std::vector<qint32> labels; ///< index into classNames per row; empty without a label column
    QStringList classNames;     ///< sorted: as numbers when all are numbers, as text otherwise
    QStringList groups;         ///< one per row when a group column was asked for; empty otherwise

    std::size_t rows() const
    {
        return columns.isEmpty() ? 0 : values.size() / static_cast<std::size_t>(columns.size());
    }
};

struct TableOptions
{
    QString labelColumn; ///< by name; empty: the table has no labels
    QString groupColumn; ///< by name; empty: none
};

/// A CSV file with a header row (comma, tab, semicolon or space). Unlike recordings, tables are read strictly: a
/// missing or unreadable value is an error that names line and column. Errors: NotFound, Io, BadData, Usage (no such
/// column; says which there are).
Result<Table> readTable(const QString& path, const TableOptions& options);

/// Header row, features, then the label column when the table has labels.
Status writeTable(const QString& path, const Table& table, const QString& labelColumn = QStringLiteral("label"));

} // namespace ember::dataset
