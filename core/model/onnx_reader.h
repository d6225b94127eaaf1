// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/graph.h"
#include "core/model/summary.h"

#include <QByteArray>

namespace ember::model {

/// Reads TreeEnsembleClassifier and TreeEnsembleRegressor (ai.onnx.ml 1 to 3) and TreeEnsemble (ai.onnx.ml 5).
/// Identity, Cast and ZipMap around them change nothing that matters here and are passed over. The bytes are not
/// trusted. Errors: BadData for what is damaged, Unsupported for what is understood but not supported, by name.
///
/// What the reader makes uniform: nodes in walking order, equal leaves stored once, integer labels as text, and the
/// one-column form of two classes as two columns.
Result<Model> readOnnx(const QByteArray& bytes);

/// Errors: BadData when the bytes are not ONNX.
Result<ModelSummary> summariseOnnx(const QByteArray& bytes);

} // namespace ember::model
