// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QJsonObject>
#include <QStringList>

#include <span>
#include <vector>

namespace ember::features {

/// What is done to a vector of features behind the blocks: (value - offset) * factor for each, and then, if there are
/// components, the products with them. Fitted to data once; a part of the pipeline from then on, so that boards do it
/// too. Empty: nothing is done.
struct Projection
{
    std::vector<float> offsets;
    std::vector<float> factors;
    std::vector<float> components; ///< rows of as many values as there are offsets; empty: only scaled

    bool isEmpty() const { return offsets.empty(); }
    int inputs() const { return static_cast<int>(offsets.size()); }
    int outputs() const { return components.empty() ? inputs() : static_cast<int>(components.size()) / inputs(); }

    friend bool operator==(const Projection&, const Projection&) = default;
};

enum class Scaler
{
    Standard, ///< mean 0, standard deviation 1
    MinMax,   ///< 0 to 1
    Robust,   ///< median 0, interquartile range 1
};

/// "standard", "min-max", "robust".
QStringList scalerNames();
/// Error NotFound names them.
Result<Scaler> scalerNamed(const QString& name);

/// Fits a scaler to the rows of a matrix, and with `components` above zero the directions of largest variance of what
/// it gives (principal components, Pearson 1901), largest first, the largest part of each positive. Values that are not
/// finite are left out; a feature that does not vary gets the factor 0, and so does not count. Errors: Usage for fewer
/// than two rows or more components than features.
Result<Projection> fitProjection(std::span<const float> matrix, int columns, Scaler scaler, int components = 0);

/// Applies it to the rows of a matrix with the kernels that boards have.
std::vector<float> project(const Projection& projection, std::span<const float> matrix);

/// {"offset": [...], "factor": [...], "components": [[...], ...]}.
QJsonObject toJson(const Projection& projection);
/// Errors: BadData.
Result<Projection> projectionFromJson(const QJsonObject& json);

} // namespace ember::features
