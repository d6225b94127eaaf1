// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/footprint/cost.h"
#include "core/footprint/energy.h"
#include "core/footprint/verify.h"

#include <QString>
#include <QStringList>

#include <vector>

namespace ember::cli {

/// Costs side by side, one column each, for people. `headers` names the columns ("estimated", "emulated").
QString costTable(const QStringList& headers, const std::vector<footprint::ModelCost>& costs);

/// "12,345", or "12,345 cycles" where cycles are known; empty where nothing is.
QString workText(const footprint::ModelCost& cost);

/// Time, energy and battery life for people, a line for each that is known, with what was assumed.
QString energyText(const footprint::EnergyUse& use, const footprint::Duty& duty);

/// "verify: 812 rows, 0 label flips, bit exact features and votes", or what differs.
QString verifySentence(const footprint::VerifyReport& report);

} // namespace ember::cli
