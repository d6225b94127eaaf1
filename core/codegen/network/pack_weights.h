// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/network/network.h"

#include <span>

namespace ember::codegen {

// The orders and offsets that device-agent/runtime/nn/{conv,depthwise,dense}.hpp describe. `tables` has its bias as the
// model says it, and inputZero; both packers add what their kernel's offsets need.

/// Weights [out, window, in] as pairs of channels in groups of four lanes.
void packConvolution(std::span<const qint8> weights, const WindowGeometry& window, LayerTables& tables);

/// Weights [window, channels] as groups of four channels.
void packDepthwise(std::span<const qint8> weights, const WindowGeometry& window, LayerTables& tables);

/// Weights [out, in] stay as they are.
void packDense(std::span<const qint8> weights, int in, LayerTables& tables);

} // namespace ember::codegen
