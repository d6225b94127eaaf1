// SPDX-License-Identifier: GPL-3.0-or-later
// Custom operators of TensorFlow Lite Micro's signal library to steps of an audio front end. Private to this folder.
#pragma once

#include "core/model/tflite_ops.h"

namespace ember::model::detail {

/// Whether convertTfliteSignal() knows the custom operator ("SignalRfft").
bool isTfliteSignal(const std::string& name);

/// Adds the node of one, and the states that it keeps. Requires isTfliteSignal(). Errors: BadData for attributes that
/// are missing or that no step can have, Unsupported for sizes beyond the limits.
Status convertTfliteSignal(const TfliteOperator& op);

} // namespace ember::model::detail
