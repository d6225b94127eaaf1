// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workflow/table_model.h"

#include <QJsonObject>
#include <QString>

namespace ember::cli {

/// "12.3 %" of 0.123.
QString percent(double share);

QString confusionText(const learn::Confusion& confusion, const QStringList& labels);

/// Areas under the curves of each class, and how far shares are to be believed; empty where nothing is known.
QString curvesText(const learn::ScoreCurves& curves, const QStringList& labels);

/// Scores on a table, in the measures of their task.
QJsonObject scoresJson(const workflow::TableScores& scores);
QString scoresText(const workflow::TableScores& scores);

} // namespace ember::cli
