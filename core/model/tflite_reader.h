// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/graph.h"
#include "core/model/summary.h"

#include <QByteArray>

namespace ember::model {

/// Whether the bytes begin as a TensorFlow Lite file does.
bool isTflite(const QByteArray& bytes);

/// Reads the first subgraph of a TensorFlow Lite model: float32, int8 and int16 with scales. The bytes are not trusted.
/// Weights in 8 bits of layers that compute in float32 become float32; float16 constants too. Errors: BadData for what
/// is damaged, Unsupported for what is understood but not supported, by name.
Result<Model> readTflite(const QByteArray& bytes);

/// Errors: BadData when the bytes are not a TensorFlow Lite model.
Result<ModelSummary> summariseTflite(const QByteArray& bytes);

} // namespace ember::model
