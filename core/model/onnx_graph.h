// SPDX-License-Identifier: GPL-3.0-or-later
// Any graph of ONNX to the model graph. Private to this folder.
#pragma once

#include "core/model/onnx_format.h"

namespace ember::model::detail {

/// Whether readGraph() knows the operator.
bool isGraphOperator(const pb::NodeProto& node);

/// Reads all constants and operators. Errors: BadData, Unsupported, by name.
Result<Model> readGraph(const pb::ModelProto& proto);

} // namespace ember::model::detail
