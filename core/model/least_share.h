// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/graph.h"

#include <optional>

namespace ember::model {

/// Metadata of a classifier whose scores are shares: where the winner has less, the answer is "unknown".
inline constexpr char kLeastShareKey[] = "emberlab.least_share";

/// Nothing where the model has none, or none that makes sense: a file may say anything.
inline std::optional<double> leastShareOf(const Model& model)
{
    bool isNumber = false;
    const double share = model.properties.value(QLatin1String(kLeastShareKey)).toDouble(&isNumber);
    return isNumber && share > 0 && share <= 1 ? std::optional(share) : std::nullopt;
}

inline void setLeastShare(Model& model, double share)
{
    model.properties.insert(QLatin1String(kLeastShareKey), QString::number(share, 'g', 9));
}

} // namespace ember::model
