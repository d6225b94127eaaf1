// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/tune.h"

#include "core/base/parallel.h"
#include "core/dataset/project.h"
#include "core/learn/search_space.h"
#include "core/plugin-host/plugin_list.h"
#include "core/workflow/deploy.h"
#include "core/workflow/run_costs.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>

namespace ember::workflow {
namespace {

Result<std::vector<plugin::TrainerInfo>> chosenTrainers(const TuneRequest& request, const CancelToken& cancel)
{
    EMBER_TRY(const QList<plugin::PluginRecord> plugins, plugin::listPlugins({}, cancel));
    const QList<plugin::TrainerInfo> all = plugin::allTrainers(plugins);
    std::vector<plugin::TrainerInfo> chosen;
    for (const plugin::TrainerInfo& info : all) {
        const bool fits =
            info.tasks.contains(plugin::Task::Classification) && info.input == plugin::TrainerInput::FeatureVector;
        if (request.trainers.isEmpty() ? fits : request.trainers.contains(info.id))
            chosen.push_back(info);
    }
    for (const QString& id : request.trainers) {
        if (std::none_of(chosen.begin(), chosen.end(), [&](const plugin::TrainerInfo& t) { return t.id == id; }))
            return Error(ErrorKind::Usage, QStringLiteral("There is no trainer '%1'.").arg(id),
                         QStringLiteral("'emberlab plugins' lists them."));
    }
    if (chosen.empty())
        return Error(ErrorKind::Usage, QStringLiteral("No plugin brings a trainer that classifies feature vectors."),
                     QStringLiteral("'emberlab plugins' tells what was found and why it was refused."));
    return chosen;
}

QVariantMap defaultsOf(const plugin::TrainerInfo& info, const QVariantMap& fixed)
{
    QVariantMap values;
    for (const plugin::ParameterSpec& spec : info.parameters)
        values.insert(spec.key, fixed.value(spec.key, spec.defaultValue));
    return values;
}

QVariantMap ownOf(const plugin::TrainerInfo& info, const QVariantMap& fixed)
{
    QVariantMap own;
    for (const plugin::ParameterSpec& spec : info.parameters) {
        if (fixed.contains(spec.key))
            own.insert(spec.key, fixed.value(spec.key));
    }
    return own;
}

std::vector<Trial> planTrials(const TuneRequest& request, const std::vector<plugin::TrainerInfo>& trainers)
{
    std::vector<Trial> trials;
    for (int i = 0; i < request.trials; ++i) {
        const auto turn = static_cast<std::size_t>(i);
        const plugin::TrainerInfo& info = trainers[turn % trainers.size()];
        Trial trial;
        trial.number = i + 1;
        trial.trainer = info.id;
        trial.parameters = turn < trainers.size()
                               ? defaultsOf(info, request.fixed)
                               : learn::drawParameters(info.parameters, ownOf(info, request.fixed),
                                                       request.seed * 1'000'003 + static_cast<quint64>(i));
        trials.push_back(std::move(trial));
    }
    return trials;
}

void addCost(const TuneRequest& request, const QString& modelRef, Trial& trial)
{
    const auto deployment = prepareDeployment(modelRef, request.board, {});
    const auto cost = deployment ? estimateCost(*deployment) : Result<footprint::ModelCost>(deployment.error());
    if (!cost) {
        trial.costReason = cost.error().message;
        trial.withinBudget = request.maxFlashBytes <= 0 && request.maxRamBytes <= 0;
        return;
    }
    trial.cost = *cost;
    const auto fits = [](double bytes, qint64 limit) { return limit <= 0 || bytes <= static_cast<double>(limit); };
    trial.withinBudget =
        fits(cost->flashBytes.value, request.maxFlashBytes) && fits(cost->ramBytes.value, request.maxRamBytes);
    if (const Status stored = storeCost(*deployment, *cost); !stored)
        trial.costReason = stored.error().message;
}

void runTrial(const TuneRequest& request, Trial& trial, const Hooks& hooks)
{
    TrainRequest training;
    training.project = request.project;
    training.trainer = trial.trainer;
    training.parameters = trial.parameters;
    training.seed = request.seed;
    training.validation = request.validation;
    training.features = request.features;
    const Result<TrainOutcome> outcome = train(training, {{}, hooks.cancel});
    if (!outcome) {
        trial.error = outcome.error();
        return;
    }
    trial.run = outcome->run;
    trial.f1 = outcome->validation.metrics.macroF1;
    trial.f195 = outcome->validation.macroF195;
    addCost(request, outcome->modelRef, trial);
}

/// What is to be small: the negative score, then the costs.
std::array<double, 4> objectives(const Trial& trial)
{
    const auto& instructions = trial.cost->instructions.cost;
    return {-trial.f1, trial.cost->flashBytes.value, trial.cost->ramBytes.value,
            instructions ? instructions->value : 0.0};
}

bool dominates(const std::array<double, 4>& a, const std::array<double, 4>& b)
{
    bool better = false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] > b[i])
            return false;
        better = better || a[i] < b[i];
    }
    return better;
}

} // namespace

void markFront(std::vector<Trial>& trials)
{
    for (Trial& trial : trials) {
        trial.onFront = trial.withinBudget && trial.cost && !trial.error;
        for (const Trial& other : trials) {
            if (!trial.onFront)
                break;
            if (&other != &trial && other.withinBudget && other.cost && !other.error)
                trial.onFront = !dominates(objectives(other), objectives(trial));
        }
    }
}

Result<std::vector<Trial>> tune(const TuneRequest& request, const Hooks& hooks)
{
    EMBER_TRY(const device::Board board, device::findBoard(request.board));
    Q_UNUSED(board)
    EMBER_TRY(const std::vector<plugin::TrainerInfo> trainers, chosenTrainers(request, hooks.cancel));
    {
        // Once, so that what is wrong with the data is one error, and every trial finds the features in the cache.
        EMBER_TRY(const dataset::Project project, dataset::Project::open(request.project));
        EMBER_TRY(const FeatureSet set, computeFeatures(project, request.features, hooks));
        Q_UNUSED(set)
    }
    std::vector<Trial> trials = planTrials(request, trainers);
    std::atomic<std::size_t> next{0};
    std::mutex mutex; // one report at a time
    double best = 0;
    std::size_t done = 0;
    runOnThreads(std::max(1, request.jobs), [&] {
        for (std::size_t i = next++; i < trials.size() && !hooks.cancel.isCancelled(); i = next++) {
            runTrial(request, trials[i], hooks);
            const std::lock_guard lock(mutex);
            ++done;
            if (trials[i].withinBudget)
                best = std::max(best, trials[i].f1);
            report(hooks.progress, QStringLiteral("Tuning"),
                   static_cast<double>(done) / static_cast<double>(trials.size()),
                   QStringLiteral("f1=%1").arg(best, 0, 'f', 4));
        }
    });
    if (hooks.cancel.isCancelled())
        return Error(ErrorKind::Cancelled, QStringLiteral("The search was cancelled after %1 trials.").arg(done),
                     QStringLiteral("The runs that finished are in the project; 'emberlab compare' lists them."));
    markFront(trials);
    return trials;
}

} // namespace ember::workflow
