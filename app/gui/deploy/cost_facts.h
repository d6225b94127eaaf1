// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/widgets/facts.h"
#include "core/footprint/cost.h"

#include <vector>

namespace ember::workflow {
struct Deployment;
}

namespace ember::gui {

/// What a model costs on its board, as lines of an inspector: sizes, work of each stage, and with a deployment what
/// that is in time and current. batteryMilliampHours 0: nobody said. Tells where figures come from.
std::vector<Fact> costFacts(const footprint::ModelCost& cost, const workflow::Deployment* deployment,
                            double batteryMilliampHours);

} // namespace ember::gui
