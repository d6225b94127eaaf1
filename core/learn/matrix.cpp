// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/matrix.h"

#include <algorithm>
#include <cmath>

namespace ember::learn {
namespace {

Error badMatrix(const QString& what)
{
    return Error(ErrorKind::BadData, QStringLiteral("The training data does not hold: %1.").arg(what),
                 QStringLiteral("Compute the features again."));
}

Status validateIndices(const std::vector<qint32>& indices, const QStringList& names, std::size_t rows, const char* what)
{
    if (!indices.empty() && indices.size() != rows)
        return badMatrix(QStringLiteral("%1 %2s for %3 rows").arg(indices.size()).arg(QLatin1String(what)).arg(rows));
    for (std::size_t row = 0; row < indices.size(); ++row) {
        if (indices[row] < 0 || indices[row] >= names.size())
            return badMatrix(QStringLiteral("row %1 has %2 number %3 of %4")
                                 .arg(row)
                                 .arg(QLatin1String(what))
                                 .arg(indices[row])
                                 .arg(names.size()));
    }
    return {};
}

Status validateShape(const Matrix& matrix)
{
    std::size_t product = 1;
    for (const int size : matrix.shape) {
        if (size < 1 || static_cast<std::size_t>(size) > matrix.columns / product)
            return badMatrix(QStringLiteral("rows of %1 columns have another shape").arg(matrix.columns));
        product *= static_cast<std::size_t>(size);
    }
    if (!matrix.shape.empty() && product != matrix.columns)
        return badMatrix(QStringLiteral("rows of %1 columns have a shape of %2").arg(matrix.columns).arg(product));
    return {};
}

} // namespace

Matrix Matrix::select(std::span<const qsizetype> indices) const
{
    Matrix part;
    part.columns = columns;
    part.classNames = classNames;
    part.featureNames = featureNames;
    part.groupNames = groupNames;
    part.shape = shape;
    part.features.reserve(indices.size() * columns);
    for (const qsizetype index : indices) {
        const auto i = static_cast<std::size_t>(index);
        const auto values = row(i);
        part.features.insert(part.features.end(), values.begin(), values.end());
        if (!labels.empty())
            part.labels.push_back(labels[i]);
        if (!targets.empty())
            part.targets.push_back(targets[i]);
        if (!groups.empty())
            part.groups.push_back(groups[i]);
    }
    return part;
}

plugin::TrainingView Matrix::view() const
{
    plugin::TrainingView view;
    view.features = features;
    view.columns = columns;
    view.labels = labels;
    view.targets = targets;
    view.classNames = classNames;
    view.featureNames = featureNames;
    view.shape = shape;
    return view;
}

Status validate(const Matrix& matrix)
{
    if (matrix.columns == 0 || matrix.features.size() % matrix.columns != 0)
        return badMatrix(QStringLiteral("%1 numbers in %2 columns").arg(matrix.features.size()).arg(matrix.columns));
    if (!matrix.featureNames.isEmpty() && static_cast<std::size_t>(matrix.featureNames.size()) != matrix.columns)
        return badMatrix(
            QStringLiteral("%1 feature names for %2 columns").arg(matrix.featureNames.size()).arg(matrix.columns));
    EMBER_CHECK(validateShape(matrix));
    EMBER_CHECK(validateIndices(matrix.labels, matrix.classNames, matrix.rows(), "label"));
    EMBER_CHECK(validateIndices(matrix.groups, matrix.groupNames, matrix.rows(), "group"));
    if (!matrix.targets.empty() && matrix.targets.size() != matrix.rows())
        return badMatrix(QStringLiteral("%1 targets for %2 rows").arg(matrix.targets.size()).arg(matrix.rows()));
    if (!std::all_of(matrix.targets.begin(), matrix.targets.end(), [](float v) { return std::isfinite(v); }))
        return badMatrix(QStringLiteral("a target is not a finite number"));
    const auto odd =
        std::find_if(matrix.features.begin(), matrix.features.end(), [](float v) { return !std::isfinite(v); });
    if (odd != matrix.features.end()) {
        const auto at = static_cast<std::size_t>(odd - matrix.features.begin());
        return badMatrix(QStringLiteral("row %1, column %2 is not a finite number")
                             .arg(at / matrix.columns)
                             .arg(matrix.featureNames.value(static_cast<qsizetype>(at % matrix.columns),
                                                            QString::number(at % matrix.columns))));
    }
    return {};
}

} // namespace ember::learn
