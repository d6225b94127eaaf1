// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/plugin-api/trainer.h"

#include <QStringList>

#include <span>
#include <vector>

namespace ember::learn {

/// What a trainer learns from: rows of features with their labels and groups. A plain value.
struct Matrix
{
    std::vector<float> features; ///< rows x columns, row-major
    std::size_t columns = 0;
    std::vector<qint32> labels; ///< one per row, index into classNames; empty for a task without labels
    std::vector<qint32> groups; ///< one per row, index into groupNames; empty when there are none
    std::vector<float> targets; ///< one per row, for regression; empty otherwise
    QStringList classNames;
    QStringList featureNames; ///< empty, or one per column
    QStringList groupNames;
    std::vector<int> shape; ///< of a row, channels last; empty: figures without an order

    std::size_t rows() const { return columns == 0 ? 0 : features.size() / columns; }
    std::span<const float> row(std::size_t index) const
    {
        return std::span<const float>(features).subspan(index * columns, columns);
    }

    /// The rows with these indices, in this order; names are kept. Requires indices below rows().
    Matrix select(std::span<const qsizetype> indices) const;

    /// Valid as long as this object is unchanged.
    plugin::TrainingView view() const;
};

/// Sizes agree, indices are in range, every number is finite. Errors: BadData naming row and column.
Status validate(const Matrix& matrix);

} // namespace ember::learn
