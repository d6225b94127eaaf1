// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/learn/matrix.h"

namespace ember::learn::test {

/// `rows` rows of two features in two classes and `groups` groups: the first feature is the class, the second is the
/// row.
inline Matrix smallMatrix(int rows, int groups)
{
    Matrix matrix;
    matrix.columns = 2;
    matrix.classNames = QStringList{QStringLiteral("still"), QStringLiteral("moving")};
    matrix.featureNames = QStringList{QStringLiteral("energy"), QStringLiteral("row")};
    for (int g = 0; g < groups; ++g)
        matrix.groupNames << QStringLiteral("s%1").arg(g);
    for (int row = 0; row < rows; ++row) {
        const qint32 label = row % 2;
        matrix.features.push_back(static_cast<float>(label));
        matrix.features.push_back(static_cast<float>(row));
        matrix.labels.push_back(label);
        if (groups > 0)
            matrix.groups.push_back(row * groups / rows);
    }
    return matrix;
}

} // namespace ember::learn::test
