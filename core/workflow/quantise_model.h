// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/quantise.h"

#include <QJsonObject>
#include <QString>
#include <QStringList>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ember::workflow {

struct QuantiseRequest
{
    QString model;           ///< as for loadModelRef()
    QStringList calibration; ///< .npy or .csv, one for each input of the model
    QStringList test;        ///< rows to compare on; empty: every fifth calibration row, which is kept from calibration
    QString labels; ///< .npy: the true label of each compared row; empty: those of a .csv table, if it has some
    QString labelColumn = QStringLiteral("label");
    QString output; ///< path of the ONNX file
    model::QuantiseOptions options;
    /// The whole numbers that features become (model::codeFeatures()), and nothing else changes; what trees are
    /// quantised by, in 16 bits where nothing is said.
    std::optional<model::TensorType> features;
    std::optional<double> maxFlipPercent; ///< more labels that change are an error, and no file is written
};

struct QuantiseOutcome
{
    struct ClassFlips
    {
        QString name;    ///< of the class that the model gave before
        qint64 rows = 0; ///< with that class
        qint64 flips = 0;
        double scoreChange = 0;        ///< mean of how far the score of that class moved
        double largestScoreChange = 0; ///< and the most
    };

    qint64 calibrationRows = 0;
    bool heldOut = true;   ///< whether the compared rows had no part in the calibration
    qint64 rows = 0;       ///< compared
    double maxAbsDiff = 0; ///< over all outputs of reals
    qint64 labelFlips = 0; ///< of the written model, and of the code that is generated for it
    /// Of these, rows that the generated code itself gives another class than that of the original; only for features
    /// in whole numbers, where there is code for both.
    std::optional<qint64> generatedFlips;
    std::vector<ClassFlips> classes;
    std::optional<double> accuracyBefore; ///< where true labels are known
    std::optional<double> accuracyAfter;
    qint64 bytesBefore = 0; ///< of the files
    qint64 bytesAfter = 0;
    int equalisedPairs = 0;
    bool codes = false;       ///< whether the features became whole numbers, instead of the layers
    int thresholds = 0;       ///< of trees, different ones
    int mergedThresholds = 0; ///< of these, such that whole numbers do not tell apart
    int movedPoints = 0;      ///< numbers of stored rows (neighbours, support vectors) that were rounded
    std::vector<model::QuantisedValue> values;
    std::map<std::string, double>
        outside; ///< share of each value's numbers on the compared rows that its range cuts off
};

/// Quantises a model and compares what its written form gives with what the model gave before. Errors: as
/// model::quantise(), loading and writing models, and readRows(); Gate for more flips than allowed.
Result<QuantiseOutcome> quantiseModel(const QuantiseRequest& request);

QJsonObject quantiseToJson(const QuantiseOutcome& outcome);

} // namespace ember::workflow
