// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/tree_ensemble.h"

#include <QByteArray>

namespace ember::trees {

/// What the margins of an XGBoost model are for.
struct MarginForm
{
    qint32 columns = 0;
    int classes = 0;   ///< 0: regression; 2: one margin, that of the second class; more: a margin for each
    float base = 0.0f; ///< margin before the first tree
};

/// The trees of a model that XGBoost saved as JSON. A row goes left where its value is smaller than the condition, as
/// XGBoost compares; a missing one where the tree says. Errors: BadData.
Result<model::TreeEnsemble> readXgboostModel(const QByteArray& json, const MarginForm& form);

} // namespace ember::trees
