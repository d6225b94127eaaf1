// SPDX-License-Identifier: GPL-3.0-or-later
// What labels mean: classes, numbers, or which rows are normal.
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
/// NotFound for a trainer that no plugin has; Usage for another word, or a task that the trainer is not for; Cancelled.
Result<plugin::Task> taskFor(const QString& word, const QString& trainerId, const Hooks& hooks);

/// Reads a table to learn from. Classification: labels are classes. Regression: the label column holds numbers.
/// Anomaly: the label column may be absent; where it has the label "normal", only those rows are taken. Errors: as
/// learn::readTable(); Usage for a target that is no number.
Result<learn::Matrix> readTrainingTable(const QString& path, const QString& labelColumn, plugin::Task task);

/// Turns the classes of a matrix into normal (class 0) and anomaly (class 1). `normal` names the labels that are
/// normal; empty: the label "normal". Returns those labels. Errors: Usage for labels that do not say, or that no row
/// has.
Result<QStringList> labelsToAnomalies(learn::Matrix& matrix, const QStringList& normal);

/// Turns the labels into targets. Errors: Usage for a label that is no number, naming it.
Status labelsToTargets(learn::Matrix& matrix, const QString& labelColumn);

/// Which rows are anomalies: those not labelled "normal"; or of two labels 1 of 0 and 1, -1 of 1 and -1. Errors: Usage
/// for labels that do not say.
Result<std::vector<bool>> anomaliesIn(const learn::Matrix& matrix);

} // namespace ember::workflow
