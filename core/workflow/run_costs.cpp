// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/run_costs.h"

#include "core/dataset/project.h"
#include "core/workflow/deploy.h"

#include <QJsonObject>

namespace ember::workflow {
namespace {

const QString kOptions = QStringLiteral("options");

QString kindName(footprint::CostSource source)
{
    return source == footprint::CostSource::Estimated ? QStringLiteral("estimate") : QStringLiteral("profile");
}

QJsonObject optionsJson(const codegen::Options& options)
{
    return {{QStringLiteral("feature_type"), codegen::featureTypeName(options.featureType)},
            {QStringLiteral("vote"), codegen::voteName(options.vote)},
            {QStringLiteral("optimise"), codegen::optimiseName(options.optimise)}};
}

/// Runs are compared without what learning and events on the board cost.
bool isPlain(const codegen::Options& options)
{
    return !options.learning && !options.events;
}

EventWish noEvents()
{
    EventWish wish;
    wish.none = true;
    return wish;
}

/// The run that made the model; none for a model of its own.
Result<std::optional<dataset::Run>> runOf(const dataset::Project& project, dataset::ModelId id)
{
    EMBER_TRY(const dataset::StoredModel model, project.models().get(id));
    if (!model.run.isValid())
        return std::optional<dataset::Run>();
    EMBER_TRY(dataset::Run run, project.runs().get(model.run));
    return std::optional(std::move(run));
}

} // namespace

Status storeCost(const Deployment& deployment, const footprint::ModelCost& cost)
{
    const QString& path = deployment.source.projectPath;
    if (path.isEmpty() || !isPlain(deployment.options))
        return {};
    EMBER_TRY(const dataset::Project project, dataset::Project::open(path));
    if (project.isReadOnly())
        return Error(ErrorKind::Io, QStringLiteral("'%1' can only be read. %2").arg(path, project.readOnlyReason()));
    EMBER_TRY(std::optional<dataset::Run> run, runOf(project, deployment.source.id));
    if (!run)
        return {};
    QJsonObject json = footprint::toJson(cost);
    json.insert(kOptions, optionsJson(deployment.options));
    QJsonObject ofBoard = run->costs.value(deployment.board.id).toObject();
    ofBoard.insert(kindName(cost.source), json);
    run->costs.insert(deployment.board.id, ofBoard);
    return project.runs().update(*run);
}

std::optional<footprint::ModelCost> storedProfile(const Deployment& deployment)
{
    if (deployment.source.projectPath.isEmpty() || !isPlain(deployment.options))
        return std::nullopt;
    const auto project = dataset::Project::open(deployment.source.projectPath);
    if (!project)
        return std::nullopt;
    const auto run = runOf(*project, deployment.source.id);
    if (!run || !*run)
        return std::nullopt;
    const QJsonObject json =
        (*run)->costs.value(deployment.board.id).toObject().value(kindName(footprint::CostSource::Emulated)).toObject();
    if (json.value(kOptions).toObject() != optionsJson(deployment.options))
        return std::nullopt;
    return footprint::costFromJson(json);
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
        const auto deployment = prepareDeployment(model, boardId, {}, noEvents());
        const auto cost = deployment ? estimateCost(*deployment) : Result<footprint::ModelCost>(deployment.error());
        if (!cost) {
            names[cost.error().message] << run.name;
            continue;
        }
        EMBER_CHECK(storeCost(*deployment, *cost));
        ++estimates.made;
    }
    for (auto reason = names.begin(); reason != names.end(); ++reason)
        estimates.skipped << QStringLiteral("%1: %2").arg(reason->join(QStringLiteral(", ")), reason.key());
    return estimates;
}

} // namespace ember::workflow
