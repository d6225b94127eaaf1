// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/network/network.h"

#include <QString>
#include <QStringList>

namespace ember::codegen {

/// Tables, the arena and one function for each step: what stands in the model's unnamed namespace.
QString printNetwork(const LoweredNetwork& network);
/// The calls of the steps, from `features` to `outputs`.
QString printNetworkCalls(const LoweredNetwork& network, const QString& space);
/// The index of the largest of the compared value, behind those calls.
QString printWinner(const LoweredNetwork& network, const QString& space);
/// Headers of device-agent/runtime that the steps call.
QStringList networkIncludes(const LoweredNetwork& network);

} // namespace ember::codegen
