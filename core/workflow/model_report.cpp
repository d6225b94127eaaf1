// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/model_report.h"

#include "core/model/model_file.h"
#include "core/model/node_costs.h"
#include "core/workflow/deploy.h"

#include <QJsonObject>

#include <map>

namespace ember::workflow {
namespace {

std::vector<ModelStep> stepsOf(const model::Graph& graph, const std::vector<model::NodeCost>& costs)
{
    std::map<std::string, int> makers;
    for (const model::ValueInfo& input : graph.inputs)
        makers[input.name] = -1;
    std::vector<ModelStep> steps;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const model::Node& node = graph.nodes[i];
        ModelStep step{QString::fromStdString(node.name),
                       model::operationName(node.operation),
                       model::shapeText(costs[i].result),
                       costs[i].macs,
                       costs[i].constantBytes,
                       {}};
        for (const std::string& name : node.inputs) {
            if (const auto maker = makers.find(name); maker != makers.end())
                step.from.push_back(maker->second);
        }
        for (const std::string& name : node.outputs)
            makers[name] = static_cast<int>(i);
        steps.push_back(std::move(step));
    }
    return steps;
}

BoardFit fitOn(const QString& path, const device::Board& board)
{
    BoardFit fit{board.id, board.name, {}, {}, false};
    const auto deployment = prepareDeployment(path, board.id, {});
    const auto cost = deployment ? estimateCost(*deployment) : Result<footprint::ModelCost>(deployment.error());
    if (!cost) {
        fit.reason = cost.error().message;
        return fit;
    }
    fit.cost = *cost;
    const bool flash = cost->flashBytes.value <= static_cast<double>(board.flashBytes);
    const bool ram = cost->ramBytes.value <= static_cast<double>(board.ramBytes);
    fit.fits = flash && ram;
    if (!flash)
        fit.reason = QStringLiteral("larger than the board's flash");
    else if (!ram)
        fit.reason = QStringLiteral("needs more RAM than the board has");
    return fit;
}

} // namespace

Result<std::vector<BoardFit>> fitBoards(const QString& path, const std::vector<device::Board>& boards,
                                        const CancelToken& cancel)
{
    std::vector<BoardFit> fits;
    for (const device::Board& board : boards) {
        if (cancel.isCancelled())
            return Error(ErrorKind::Cancelled, QStringLiteral("Looking at the model was cancelled."));
        fits.push_back(fitOn(path, board));
    }
    return fits;
}

Result<ModelReport> reportModel(const QString& path, const std::vector<device::Board>& boards,
                                const CancelToken& cancel)
{
    ModelReport report;
    EMBER_TRY(report.info, inspectModel(path));
    if (!report.info.problem.isEmpty())
        return report;
    EMBER_TRY(const model::Model loaded, model::loadModel(path));
    if (const auto costs = model::nodeCosts(loaded.graph))
        report.steps = stepsOf(loaded.graph, *costs);
    EMBER_TRY(report.boards, fitBoards(path, boards, cancel));
    return report;
}

QJsonArray boardFitsToJson(const std::vector<BoardFit>& boards)
{
    QJsonArray list;
    for (const BoardFit& fit : boards) {
        QJsonObject one{{QStringLiteral("board"), fit.id}, {QStringLiteral("fits"), fit.fits}};
        if (fit.cost) {
            one.insert(QStringLiteral("flash_bytes"), fit.cost->flashBytes.value);
            one.insert(QStringLiteral("ram_bytes"), fit.cost->ramBytes.value);
            one.insert(QStringLiteral("instructions"),
                       fit.cost->instructions.cost ? QJsonValue(fit.cost->instructions.cost->value) : QJsonValue());
            if (fit.cost->cycles.cost)
                one.insert(QStringLiteral("cycles"), fit.cost->cycles.cost->value);
            one.insert(QStringLiteral("source"), footprint::costSourceName(fit.cost->source));
        }
        if (!fit.reason.isEmpty())
            one.insert(QStringLiteral("reason"), fit.reason);
        list.append(one);
    }
    return list;
}

} // namespace ember::workflow
