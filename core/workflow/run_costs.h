// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/footprint/cost.h"
#include "core/workflow/deploy.h"
#include "core/workflow/hooks.h"

#include <QString>
#include <QStringList>

#include <optional>

namespace ember::workflow {

/// Stores what a model costs on a board with the run that made it, so that runs can be compared and a cost outlives the
/// program: in Run::costs under the board's id, as "estimate" or "profile" by the cost's source, with the options of
/// the code. Does nothing for a model that no run of a project made. Errors: as Project::open; Io when the project can
/// only be read.
Status storeCost(const Deployment& deployment, const footprint::ModelCost& cost);

/// What storeCost() keeps of a profile of the same model, board and options; nothing where there is none.
std::optional<footprint::ModelCost> storedProfile(const Deployment& deployment);

/// What became of estimateRuns().
struct RunEstimates
{
    int made = 0;
    QStringList skipped; ///< "Run 7, Run 8: why", one for each reason
};

/// Estimates what every finished run of the project costs on the board and stores it, for those that have no costs
/// there yet. Runs that no code can be generated for are skipped with the reason. Errors: Cancelled, as
/// storeCost().
Result<RunEstimates> estimateRuns(const QString& project, const QString& boardId, const Hooks& hooks = {});

} // namespace ember::workflow
