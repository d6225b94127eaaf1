// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/learn/rejection.h"
#include "core/learn/validation.h"

#include <QJsonArray>
#include <QJsonObject>

namespace ember::workflow {

/// Scores as they are stored with a run and printed by --json. Classes and anomalies: f1, accuracy, balanced_accuracy,
/// mcc, per_class[], confusion[][], interval95[], per_group[]; anomalies also roc_auc (null when only one kind was
/// tested), false_alarm_rate, detection_rate. Numbers: r2, rmse, mae.
QJsonObject scoresToJson(const learn::ValidationReport& report, const QStringList& classNames);

/// wanted_accuracy, least_share, coverage, accuracy, accuracy_of_all.
QJsonObject rejectionJson(const learn::Rejection& rejection);

/// A row for each true class, a column for each predicted one.
QJsonArray confusionJson(const learn::Confusion& confusion);

} // namespace ember::workflow
