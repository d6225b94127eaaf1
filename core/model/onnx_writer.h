// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/graph.h"

#include <QByteArray>

namespace ember::model {

/// Metadata key that holds Model::featureNames as a JSON array.
inline constexpr char kFeatureNamesKey[] = "emberlab.feature-names";

/// Metadata key that holds Model::classNames of a graph that is not trees alone, as a JSON array. Trees have them as
/// the labels of their operator.
inline constexpr char kClassNamesKey[] = "emberlab.class-names";

/// The model as an ONNX file: ai.onnx 15 or the first version after it that has all operators, ai.onnx.ml 3. Equal
/// models give equal bytes: properties in key order, no time, no program version, nodes named by operator and place.
///
/// Trees alone: class names become string labels. Two classes with shares or margins are written with the second class
/// only: the form whose label other runtimes compute correctly.
///
/// Other graphs: a classifier whose winner only picks from a list of labels takes the labels. Layers with channels last
/// get a Transpose before and behind. Operations on integers that stand for reals are written between DequantizeLinear
/// and QuantizeLinear.
///
/// Errors: BadData from validate(); Unsupported for what ONNX cannot say, by name (a classifier that averages: scale
/// its leaves; states; symmetric borders).
Result<QByteArray> writeOnnx(const Model& model);

} // namespace ember::model
