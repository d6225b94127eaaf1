// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/learn/curves.h"
#include "core/learn/validation.h"

#include <QJsonObject>
#include <QStringList>

namespace ember::workflow {

/// Adds `curves` (one for each class against the others: areas, equal error rate, and up to 101 points as lists) and
/// `calibration` (null where scores are no shares). Of a detector only the curve of "anomaly".
void addCurves(const learn::ScoreCurves& curves, const QStringList& classNames, QJsonObject& json);

/// Those of a validation: of the rows that were tested, over all folds together. Nothing for regression, and where the
/// models' scores are not one for each class.
learn::ScoreCurves curvesOf(const learn::ValidationReport& report, const learn::Matrix& matrix);

} // namespace ember::workflow
