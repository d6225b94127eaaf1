// SPDX-License-Identifier: GPL-3.0-or-later
// TensorProto to Tensor. Private to this folder and to tests.
#pragma once

#include "core/model/onnx_format.h"
#include "core/model/tensor.h"

namespace ember::model::detail {

/// Types that graph.h has, from either way of storing them. Sizes are checked before anything is allocated. Errors:
/// BadData when elements and shape do not agree, Unsupported for other types (by name) and data in other files.
Result<Tensor> readTensor(const pb::TensorProto& proto);

/// "float16", ... for messages.
QString elemTypeName(int elemType);

} // namespace ember::model::detail
