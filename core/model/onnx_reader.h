// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/graph.h"

#include <QByteArray>
#include <QMap>
#include <QString>
#include <QStringList>

#include <vector>

namespace ember::model {

/// Reads TreeEnsembleClassifier and TreeEnsembleRegressor (ai.onnx.ml 1 to 3) and TreeEnsemble (ai.onnx.ml 5).
/// Identity, Cast and ZipMap around them change nothing that matters here and are passed over. The bytes are not
/// trusted. Errors: BadData for what is damaged, Unsupported for what is understood but not supported, by name.
///
/// What the reader makes uniform: nodes in walking order, equal leaves stored once, integer labels as text, and the
/// one-column form of two classes as two columns.
Result<Model> readOnnx(const QByteArray& bytes);

/// What is in a file, whether or not it can be read as a model.
struct OnnxSummary
{
    std::vector<ValueInfo> inputs;
    std::vector<ValueInfo> outputs;
    QMap<QString, int> operators; ///< "ai.onnx.ml.ZipMap" to how often
    QStringList unsupported;      ///< the operators of those that readOnnx() refuses
    qint64 parameters = 0;        ///< numbers in initialisers and number attributes
};

/// Errors: BadData when the bytes are not ONNX.
Result<OnnxSummary> summariseOnnx(const QByteArray& bytes);

} // namespace ember::model
