// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/interpreter.h"
#include "core/model/summary.h"
#include "core/signal/npy.h"

#include <QJsonObject>
#include <QString>
#include <QStringList>

namespace ember::workflow {

/// Both ways between arrays of files and values of graphs. Errors: Unsupported for float16 arrays, and for text.
Result<model::Tensor> tensorOf(const signal::NpyArray& array);
Result<signal::NpyArray> npyOf(const model::Tensor& tensor);

/// Rows for an input of a model, from an array (.npy) or a feature table (.csv, without its label column). Number types
/// are converted where no value changes, and doubles become float32. Errors: Io, BadData.
Result<model::Tensor> readRows(const QString& path, const model::ValueInfo& input, const QString& labelColumn);

/// What `emberlab model info` shows.
struct ModelInfo
{
    model::ModelSummary summary;
    qint64 macs = -1;         ///< of one run with a batch of 1; -1: not known
    qint64 liveRamBytes = -1; ///< the least that values of one run need; -1: not known
    QString listing;          ///< one line for each operation; empty when the model cannot be read
    QString problem;          ///< why it cannot be read; empty when it can
};

/// Errors: NotFound, Io, BadData when the file is no model at all.
Result<ModelInfo> inspectModel(const QString& path);
QJsonObject modelInfoToJson(const ModelInfo& info);

struct RunModelRequest
{
    QString model;
    QStringList inputs; ///< .npy, one for each input of the model, in order
    QString outputDirectory;
    model::RequantiseRounding rounding = model::RequantiseRounding::Double;
};

struct RunModelOutcome
{
    struct Output
    {
        QString name;
        QString file;
        model::Shape shape;
        QString type;
    };
    std::vector<Output> outputs;
    qint64 runs = 0; ///< more than 1 when the rows were fed one batch after the other
    double seconds = 0;
};

/// Computes a graph on arrays and writes its results as .npy (text results as .txt, one line for each element). An
/// input of more rows than the model's fixed batch is fed in parts, and the results are put together. Number types are
/// converted where no value changes. Errors: Usage for inputs that do not fit, and as Interpreter::run().
Result<RunModelOutcome> runModel(const RunModelRequest& request);

/// The same for values in memory.
Result<std::vector<model::Tensor>> runInBatches(const model::Interpreter& interpreter,
                                                std::vector<model::Tensor> inputs, model::RequantiseRounding rounding,
                                                qint64* runs = nullptr);

} // namespace ember::workflow
