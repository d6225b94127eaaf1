// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/footprint/cost.h"
#include "core/footprint/verify.h"

#include <QString>
#include <QStringList>

#include <vector>

namespace ember::cli {

/// Costs side by side, one column each, for people. `headers` names the columns ("estimated", "emulated").
QString costTable(const QStringList& headers, const std::vector<footprint::ModelCost>& costs);

/// "verify: 812 rows, 0 label flips, bit exact features and votes", or what differs.
QString verifySentence(const footprint::VerifyReport& report);

} // namespace ember::cli
