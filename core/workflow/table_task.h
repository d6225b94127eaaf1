// SPDX-License-Identifier: GPL-3.0-or-later
// What a table's label column means: classes, numbers, or which rows are normal.
#pragma once

#include "core/learn/matrix.h"
#include "core/plugin-api/trainer.h"
#include "core/workflow/hooks.h"

#include <QString>

#include <vector>

namespace ember::workflow {

/// "classification", "regression", "anomaly".
QString taskName(plugin::Task task);

/// The named task, or for "auto" the first of classification, regression and anomaly that the trainer is for. Errors:
/// Usage for another word; Cancelled.
Result<plugin::Task> taskFor(const QString& word, const QString& trainerId, const Hooks& hooks);

/// Reads a table to learn from. Classification: labels are classes. Regression: the label column holds numbers.
/// Anomaly: the label column may be absent; where it has the label "normal", only those rows are taken. Errors: as
/// learn::readTable(); Usage for a target that is no number.
Result<learn::Matrix> readTrainingTable(const QString& path, const QString& labelColumn, plugin::Task task);

/// Turns the labels into targets. Errors: Usage for a label that is no number, naming it.
Status labelsToTargets(learn::Matrix& matrix, const QString& labelColumn);

/// Which rows are anomalies: those not labelled "normal"; or of two labels 1 of 0 and 1, -1 of 1 and -1. Errors: Usage
/// for labels that do not say.
Result<std::vector<bool>> anomaliesIn(const learn::Matrix& matrix);

} // namespace ember::workflow
