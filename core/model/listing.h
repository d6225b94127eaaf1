// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/graph.h"

#include <QString>

namespace ember::model {

/// The graph as text: inputs, one line for each node with the types, shapes and scales of what it reads and makes, and
/// outputs. For people; nothing parses it.
QString listing(const Model& model);

} // namespace ember::model
