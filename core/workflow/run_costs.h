// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/dataset/ids.h"
#include "core/footprint/cost.h"
#include "core/workflow/hooks.h"

#include <QString>
#include <QStringList>

namespace ember::workflow {

/// Stores what the model of a run costs on a board with the run, so that runs can be compared: in Run::costs under the
/// board's id, as "estimate" or "profile" by the cost's source. Errors: NotFound for the run, as Project::open; Io when
/// the project can only be read.
Status storeRunCost(const QString& project, dataset::RunId run, const QString& boardId,
                    const footprint::ModelCost& cost);

/// What became of estimateRuns().
struct RunEstimates
{
    int made = 0;
    QStringList skipped; ///< "Run 7, Run 8: why", one for each reason
};

/// Estimates what every finished run of the project costs on the board and stores it, for those that have no costs
/// there yet. Runs that no code can be generated for are skipped with the reason. Errors: Cancelled, as
/// storeRunCost().
Result<RunEstimates> estimateRuns(const QString& project, const QString& boardId, const Hooks& hooks = {});

} // namespace ember::workflow
