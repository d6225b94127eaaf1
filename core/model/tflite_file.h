// SPDX-License-Identifier: GPL-3.0-or-later
// The file itself: what is asked of its tables before anything is made of them. Private to this folder.
#pragma once

#include "core/model/tflite_ops.h"

#include <QByteArray>

#include <optional>

namespace ember::model::detail {

/// The type of an element; float16 is float32, to which its constants are widened. Empty: not supported.
std::optional<TensorType> tfliteTensorType(int code);

/// The tables of a file whose offsets all lie inside it, with a graph and codes of operators. They live as long as the
/// bytes. Errors: BadData, Unsupported for another version.
Result<const fb::Model*> verifiedTflite(const QByteArray& bytes);

/// The number of an operator: older files have it in a byte, newer ones in both places.
int tfliteCode(const fb::OperatorCode& code);
/// The name of a custom operator, cut to 80 characters; empty when it has none.
std::string tfliteCustomName(const fb::OperatorCode& code);

} // namespace ember::model::detail
