// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/dataset/ids.h"
#include "core/footprint/cost.h"

#include <QString>

namespace ember::workflow {

/// Stores what the model of a run costs on a board with the run, so that runs can be compared: in Run::costs under the
/// board's id, as "estimate" or "profile" by the cost's source. Errors: NotFound for the run, as Project::open; Io when
/// the project can only be read.
Status storeRunCost(const QString& project, dataset::RunId run, const QString& boardId,
                    const footprint::ModelCost& cost);

} // namespace ember::workflow
