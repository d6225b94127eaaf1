// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/learn/matrix.h"

#include <QString>

namespace ember::learn {

struct TableOptions
{
    QString labelColumn = QStringLiteral("label");
    QString groupColumn;    ///< empty: no groups
    QStringList classNames; ///< fixes the order of the classes (a model's own); empty: in natural order of the labels
};

/// A feature table (core/dataset/table.h) as a matrix to learn from or to be scored on. Errors: as
/// dataset::readTable(); Usage for a label that is not among options.classNames, naming those.
Result<Matrix> readTable(const QString& path, const TableOptions& options = {});

} // namespace ember::learn
