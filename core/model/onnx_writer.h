// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/graph.h"

#include <QByteArray>

namespace ember::model {

/// Metadata key that holds Model::featureNames as a JSON array.
inline constexpr char kFeatureNamesKey[] = "emberlab.feature-names";

/// The model as an ONNX file (IR 8, ai.onnx 15, ai.onnx.ml 3). Equal models give equal bytes: properties in key order,
/// no time, no program version. Class names become string labels. Two classes with shares or
/// margins are written with the second class only: the form whose label other runtimes compute correctly.
/// Errors: BadData from validate(); Unsupported for what ONNX cannot say (a classifier that averages: scale its
/// leaves).
Result<QByteArray> writeOnnx(const Model& model);

} // namespace ember::model
