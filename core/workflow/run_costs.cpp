// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/run_costs.h"

#include "core/dataset/project.h"
#include "core/workflow/deploy.h"

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

Result<RunEstimates> estimateRuns(const QString& path, const QString& boardId, const Hooks& hooks)
{
    EMBER_TRY(const device::Board board, device::findBoard(boardId));
    Q_UNUSED(board)
    EMBER_TRY(const dataset::Project project, dataset::Project::open(path));
    EMBER_TRY(const std::vector<dataset::Run> runs, project.runs().list());
    RunEstimates estimates;
    QMap<QString, QStringList> names; // of the skipped ones, by reason
    for (const dataset::Run& run : runs) {
        if (hooks.cancel.isCancelled())
            return Error(ErrorKind::Cancelled, QStringLiteral("The estimation was cancelled."));
        if (!run.model.isValid() || run.costs.contains(boardId))
            continue;
        const QString model = QStringLiteral("%1#%2").arg(path).arg(run.model.value);
        const auto deployment = prepareDeployment(model, boardId, {});
        const auto cost = deployment ? estimateCost(*deployment) : Result<footprint::ModelCost>(deployment.error());
        if (!cost) {
            names[cost.error().message] << run.name;
            continue;
        }
        EMBER_CHECK(storeRunCost(path, run.id, boardId, *cost));
        ++estimates.made;
    }
    for (auto reason = names.begin(); reason != names.end(); ++reason)
        estimates.skipped << QStringLiteral("%1: %2").arg(reason->join(QStringLiteral(", ")), reason.key());
    return estimates;
}

} // namespace ember::workflow
