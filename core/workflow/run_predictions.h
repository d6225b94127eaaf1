// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/learn/validation.h"

#include <QJsonObject>

namespace ember::workflow {

/// What the validation of a run said to each row that it tested: what a paired comparison needs. One entry per tested
/// row in each list.
struct RunPredictions
{
    std::vector<qint32> rows; ///< numbers of the windows in the run's feature table
    std::vector<qint32> truth;
    std::vector<qint32> predicted;
    std::vector<qint32> groups; ///< empty when the data has none
};

RunPredictions predictionsOf(const learn::ValidationReport& report, const learn::Matrix& matrix);

/// Kept with the run's scores, packed. A project file may be anybody's, so reading trusts nothing. Errors: BadData.
QJsonObject toJson(const RunPredictions& predictions);
Result<RunPredictions> predictionsFromJson(const QJsonObject& json);

} // namespace ember::workflow
