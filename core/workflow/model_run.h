// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/interpreter.h"
#include "core/model/listing.h"
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
    qint64 macs = -1;                     ///< of one run with a batch of 1; -1: not known
    qint64 liveRamBytes = -1;             ///< the least that values of one run need; -1: not known
    QString listing;                      ///< one line for each operation; empty when the model cannot be read
    std::vector<model::ListedNode> nodes; ///< the same for programs
    QString problem;                      ///< why it cannot be read; empty when it can
};

/// Errors: NotFound, Io, BadData when the file is no model at all.
Result<ModelInfo> inspectModel(const QString& path);
QJsonObject modelInfoToJson(const ModelInfo& info);

struct RunModelRequest
{
    QString model;
    /// .npy, or .csv with a row of numbers for each frame; one for each input of the model, in order. "-": the standard
    /// input, which may hold either.
    QStringList inputs;
    QString outputDirectory;
    model::RequantiseRounding rounding = model::RequantiseRounding::Double;
    qint64 resetEvery = 0; ///< frames after which states begin anew; 0: never
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
    qint64 runs = 0;   ///< more than 1 when the rows were fed one batch after the other
    qint64 states = 0; ///< values that the model keeps from one run to the next
    qint64 resets = 0; ///< how often they began anew after the first run
    double seconds = 0;
};

/// Computes a graph on arrays and writes its results as .npy (text results as .txt, one line for each element). An
/// input of more rows than the model's fixed batch is fed in parts, and the results are put together. A model with
/// states takes the parts as successive frames (one row each where it leaves the batch open) and keeps its states from
/// one to the next, as on a board. Number types are converted where no value changes. Errors: Usage for inputs that do
/// not fit, and as Interpreter::run().
Result<RunModelOutcome> runModel(const RunModelRequest& request);

/// The same for values in memory. States begin anew in each part.
Result<std::vector<model::Tensor>> runInBatches(const model::Interpreter& interpreter,
                                                std::vector<model::Tensor> inputs, model::RequantiseRounding rounding,
                                                qint64* runs = nullptr);

/// The same with states that are kept, and begin anew after each `resetEvery` parts (0: never).
Result<std::vector<model::Tensor>> runFrames(const model::Interpreter& interpreter, std::vector<model::Tensor> inputs,
                                             model::RequantiseRounding rounding, qint64 resetEvery, qint64& runs);

} // namespace ember::workflow
