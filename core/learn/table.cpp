// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/table.h"

#include "core/dataset/table.h"

namespace ember::learn {
namespace {

// The labels as indices into `classes` instead of the table's own names.
Status useClasses(Matrix& matrix, const QStringList& classes, const QString& path)
{
    std::vector<qint32> indexOf;
    for (const QString& name : matrix.classNames) {
        const auto index = static_cast<qint32>(classes.indexOf(name));
        if (index < 0)
            return Error(ErrorKind::Usage, QStringLiteral("The label '%1' of '%2' is not known.").arg(name, path),
                         QStringLiteral("Known are: %1.").arg(classes.join(QStringLiteral(", "))));
        indexOf.push_back(index);
    }
    for (qint32& label : matrix.labels)
        label = indexOf[static_cast<std::size_t>(label)];
    matrix.classNames = classes;
    return {};
}

void useGroups(Matrix& matrix, const QStringList& groups)
{
    matrix.groupNames = groups;
    matrix.groupNames.removeDuplicates();
    matrix.groupNames.sort();
    for (const QString& group : groups)
        matrix.groups.push_back(static_cast<qint32>(matrix.groupNames.indexOf(group)));
}

} // namespace

Result<Matrix> readTable(const QString& path, const TableOptions& options)
{
    EMBER_TRY(dataset::Table table, dataset::readTable(path, {options.labelColumn, options.groupColumn}));
    Matrix matrix;
    matrix.columns = static_cast<std::size_t>(table.columns.size());
    matrix.features = std::move(table.values);
    matrix.labels = std::move(table.labels);
    matrix.classNames = table.classNames;
    matrix.featureNames = table.columns;
    useGroups(matrix, table.groups);
    if (!options.classNames.isEmpty())
        EMBER_CHECK(useClasses(matrix, options.classNames, path));
    return matrix;
}

} // namespace ember::learn
