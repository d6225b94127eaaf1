// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/graph.h"
#include "core/model/summary.h"

#include <QString>

namespace ember::model {

/// Reads and validates a model file: ONNX, or TensorFlow Lite, which its bytes tell apart. Errors: NotFound, Io,
/// BadData, Unsupported; the path is in the message.
Result<Model> loadModel(const QString& path);

/// What is in a model file, also one that cannot be read as a model. Errors: NotFound, Io, BadData.
Result<ModelSummary> summariseModel(const QString& path);

/// Writes the model as ONNX, whole or not at all. Errors: as writeOnnx(), Io.
Status saveModel(const Model& model, const QString& path);

/// SHA-256 of the bytes that saveModel() writes, so `sha256sum` of the file gives the same. Equal models, equal hashes.
Result<QString> modelHash(const Model& model);

/// The hash of a model that was loaded from `path`: modelHash() of what this program writes, the SHA-256 of the file's
/// own bytes for other models. Errors: as loadModel().
Result<QString> fileHash(const QString& path, const Model& model);

} // namespace ember::model
