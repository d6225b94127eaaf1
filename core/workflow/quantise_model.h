// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/quantise.h"

#include <QJsonObject>
#include <QString>
#include <QStringList>

#include <optional>
#include <vector>

namespace ember::workflow {

struct QuantiseRequest
{
    QString model;
    QStringList calibration; ///< .npy or .csv, one for each input of the model
    QStringList test;        ///< rows to compare on; empty: the calibration rows
    QString labels; ///< .npy: the true label of each compared row; empty: those of a .csv table, if it has some
    QString labelColumn = QStringLiteral("label");
    QString output; ///< path of the ONNX file
    model::CalibrationOptions options;
};

struct QuantiseOutcome
{
    struct ClassFlips
    {
        QString name;    ///< of the class that the model gave before
        qint64 rows = 0; ///< with that class
        qint64 flips = 0;
    };

    qint64 calibrationRows = 0;
    qint64 rows = 0;       ///< compared
    double maxAbsDiff = 0; ///< over all outputs of reals
    qint64 labelFlips = 0;
    std::vector<ClassFlips> classes;
    std::optional<double> accuracyBefore; ///< where true labels are known
    std::optional<double> accuracyAfter;
    qint64 bytesBefore = 0; ///< of the files
    qint64 bytesAfter = 0;
    std::vector<model::QuantisedValue> values;
};

/// Quantises a model file to int8, writes it, reads it back and compares what it gives with what the model gave before.
/// Errors: as model::quantise(), loading and writing models, and readRows().
Result<QuantiseOutcome> quantiseModel(const QuantiseRequest& request);

QJsonObject quantiseToJson(const QuantiseOutcome& outcome);

} // namespace ember::workflow
