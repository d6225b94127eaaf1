// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/learn/matrix.h"
#include "core/model/graph.h"

#include <QMap>
#include <QString>
#include <QVariantMap>

namespace ember::learn {

/// A training as data. Together with a matrix it is all that a worker needs.
struct TrainingRequest
{
    QString trainer;        ///< "trees.random-forest"
    QVariantMap parameters; ///< as the user gave them; the worker checks and completes them
    quint64 seed = 1;
    int threads = 1;
    /// What rows are for; see trainingPart(). Not part of the job: its files say it.
    plugin::Task task = plugin::Task::Classification;
    QMap<QString, QString> properties; ///< copied into the model ("emberlab.pipeline", "emberlab.dataset")
};

/// A job is a folder, so that any machine can run it and nothing is lost when a worker dies:
///     job.json     request, class names, feature names, shape of a row, format number
///     X.npy        float32, rows x columns
///     y.npy        int32, rows; absent for a task without labels
///     targets.npy  float32, rows; only for regression
/// and afterwards
///     model.onnx   the model, when it worked
///     result.json  {"ok": true, "seconds": ...} or {"ok": false, "error": {kind, message, hint}}
///     log.txt      what the plugin printed
Status writeJob(const QString& folder, const TrainingRequest& request, const Matrix& matrix);

struct Job
{
    TrainingRequest request;
    Matrix matrix;
};

/// Errors: NotFound, BadData with file and field.
Result<Job> readJob(const QString& folder);

/// What came out of a job.
struct JobResult
{
    model::Model model;
    double seconds = 0;     ///< in the trainer, by the worker's clock
    QVariantMap parameters; ///< complete
    QString log;            ///< the end of what the worker printed
};

/// Reads what a worker left. Errors: what the worker reported; Failed when it left nothing; BadData for a model that
/// does not hold.
Result<JobResult> readJobResult(const QString& folder);

} // namespace ember::learn
