// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/graph.h"
#include "core/model/summary.h"

#include <QByteArray>

namespace ember::model {

/// Reads a graph of ai.onnx and ai.onnx.ml with the semantics of its operator sets' versions. The bytes are not
/// trusted. Errors: BadData for what is damaged, Unsupported for what is understood but not supported, by name.
///
/// One tree ensemble (TreeEnsembleClassifier and TreeEnsembleRegressor of ai.onnx.ml 1 to 3, TreeEnsemble of 5) with
/// nothing but Identity, Cast and ZipMap around it, which change nothing that matters here, becomes a tree model. Made
/// uniform are: nodes in walking order, equal leaves stored once, integer labels as text, and the one-column form of
/// two classes as two columns.
Result<Model> readOnnx(const QByteArray& bytes);

/// Errors: BadData when the bytes are not ONNX.
Result<ModelSummary> summariseOnnx(const QByteArray& bytes);

} // namespace ember::model
