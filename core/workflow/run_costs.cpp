// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/run_costs.h"

#include "core/dataset/project.h"

#include <QJsonObject>

namespace ember::workflow {

Status storeRunCost(const QString& path, dataset::RunId id, const QString& boardId, const footprint::ModelCost& cost)
{
    EMBER_TRY(const dataset::Project project, dataset::Project::open(path));
    if (project.isReadOnly())
        return Error(ErrorKind::Io, QStringLiteral("'%1' can only be read. %2").arg(path, project.readOnlyReason()));
    EMBER_TRY(dataset::Run run, project.runs().get(id));
    QJsonObject ofBoard = run.costs.value(boardId).toObject();
    const bool estimated = cost.source == footprint::CostSource::Estimated;
    ofBoard.insert(estimated ? QStringLiteral("estimate") : QStringLiteral("profile"), footprint::toJson(cost));
    run.costs.insert(boardId, ofBoard);
    return project.runs().update(run);
}

} // namespace ember::workflow
