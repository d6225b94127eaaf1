// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/tune.h"

#include "core/base/parallel.h"
#include "core/dataset/project.h"
#include "core/learn/executor.h"
#include "core/learn/parameters.h"
#include "core/learn/search_space.h"
#include "core/plugin-host/plugin_list.h"
#include "core/workflow/deploy.h"
#include "core/workflow/run_costs.h"

#include <QJsonArray>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
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

/// Finished runs of the project that were made from the same windows and features.
class EarlierRuns
{
public:
    EarlierRuns(const dataset::Project& project, const FeatureSet& set)
    {
        const QJsonObject pipeline = features::toJson(set.pipeline);
        for (dataset::Run& run : project.runs().list().value_or(std::vector<dataset::Run>{})) {
            const bool same = run.datasetHash == set.datasetHash && run.pipeline == pipeline &&
                              run.windows.value(QStringLiteral("count")).toInteger() ==
                                  static_cast<qint64>(set.windows.windows.size());
            if (same && run.status == dataset::RunStatus::Finished && run.model.isValid())
                m_runs.push_back(std::move(run));
        }
    }

    const dataset::Run* find(const TrainRequest& request, const QList<plugin::ParameterSpec>& specs) const
    {
        const auto complete = learn::completeParameters(specs, request.parameters);
        if (!complete)
            return nullptr;
        const QJsonObject parameters = learn::parametersToJson(*complete);
        const auto found = std::find_if(m_runs.begin(), m_runs.end(), [&](const dataset::Run& run) {
            return run.trainer == request.trainer && run.seed == request.seed && run.parameters == parameters &&
                   run.validation.value(QStringLiteral("method")).toString() == validationName(request.validation);
        });
        return found == m_runs.end() ? nullptr : &*found;
    }

private:
    std::vector<dataset::Run> m_runs;
};

struct Tried
{
    dataset::RunId run;
    QString modelRef;
    double f1 = 0;
    learn::Interval f195;
    bool reused = false;
};

class Search
{
public:
    Search(const TuneRequest& request, const std::vector<plugin::TrainerInfo>& trainers, EarlierRuns earlier,
           ValidationChoice validation, const learn::RunnerOptions& runner, const Hooks& hooks)
        : m_request(request)
        , m_trainers(trainers)
        , m_earlier(std::move(earlier))
        , m_validation(std::move(validation))
        , m_runner(runner)
        , m_hooks(hooks)
    {}

    void runAll(std::vector<Trial>& trials)
    {
        if (m_request.halving)
            screen(trials);
        forEach(trials, QStringLiteral("Tuning"), [this](Trial& trial) {
            if (trial.eliminated || trial.error)
                return;
            const Result<Tried> tried = attempt(trial, m_validation);
            if (!tried) {
                trial.error = tried.error();
                return;
            }
            trial.run = tried->run;
            trial.f1 = tried->f1;
            trial.f195 = tried->f195;
            trial.reused = tried->reused;
            addCost(m_request, tried->modelRef, trial);
        });
    }

    std::size_t done() const { return m_done; }

private:
    // One fold tells who is not worth the others.
    void screen(std::vector<Trial>& trials)
    {
        ValidationChoice once;
        once.method = ValidationChoice::Method::HoldOut;
        once.testShare = 1.0 / std::max(2, m_validation.folds);
        forEach(trials, QStringLiteral("Screening"), [this, &once](Trial& trial) {
            const Result<Tried> tried = attempt(trial, once);
            if (tried)
                trial.screeningF1 = tried->f1;
            else
                trial.error = tried.error();
        });
        eliminate(trials);
    }

    Result<Tried> attempt(const Trial& trial, const ValidationChoice& validation)
    {
        TrainRequest training;
        training.project = m_request.project;
        training.trainer = trial.trainer;
        training.task = QStringLiteral("classification");
        training.parameters = trial.parameters;
        training.seed = m_request.seed;
        training.validation = validation;
        training.features = m_request.features;
        training.runner = m_runner;
        if (const dataset::Run* run = m_earlier.find(training, specsOf(trial.trainer))) {
            const QJsonArray interval = run->scores.value(QStringLiteral("interval95")).toArray();
            return Tried{run->id,
                         QStringLiteral("%1#%2").arg(m_request.project).arg(run->model.value),
                         run->scores.value(QStringLiteral("f1")).toDouble(),
                         {interval.at(0).toDouble(), interval.at(1).toDouble()},
                         true};
        }
        EMBER_TRY(const TrainOutcome outcome, train(training, {{}, m_hooks.cancel}));
        return Tried{outcome.run, outcome.modelRef, outcome.validation.metrics.macroF1, outcome.validation.macroF195,
                     false};
    }

    QList<plugin::ParameterSpec> specsOf(const QString& trainer) const
    {
        for (const plugin::TrainerInfo& info : m_trainers) {
            if (info.id == trainer)
                return info.parameters;
        }
        return {};
    }

    template <typename Work>
    void forEach(std::vector<Trial>& trials, const QString& step, const Work& work)
    {
        std::atomic<std::size_t> next{0};
        std::mutex mutex; // one report at a time
        double best = 0;
        m_done = 0;
        runOnThreads(std::max(1, m_request.jobs), [&] {
            for (std::size_t i = next++; i < trials.size() && !m_hooks.cancel.isCancelled(); i = next++) {
                work(trials[i]);
                const std::lock_guard lock(mutex);
                ++m_done;
                if (trials[i].withinBudget)
                    best = std::max(best, trials[i].f1);
                report(m_hooks.progress, step, static_cast<double>(m_done) / static_cast<double>(trials.size()),
                       QStringLiteral("f1=%1").arg(best, 0, 'f', 4));
            }
        });
    }

    const TuneRequest& m_request;
    const std::vector<plugin::TrainerInfo>& m_trainers;
    EarlierRuns m_earlier;
    ValidationChoice m_validation;
    const learn::RunnerOptions& m_runner;
    const Hooks& m_hooks;
    std::size_t m_done = 0;
};

/// What is to be small: the negative score, then the costs.
std::array<double, 4> objectives(const Trial& trial)
{
    const auto& work = trial.cost->work().cost;
    return {-trial.f1, trial.cost->flashBytes.value, trial.cost->ramBytes.value, work ? work->value : 0.0};
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

void eliminate(std::vector<Trial>& trials)
{
    std::vector<double> scores;
    for (const Trial& trial : trials) {
        if (trial.screeningF1)
            scores.push_back(*trial.screeningF1);
    }
    if (scores.empty())
        return;
    std::sort(scores.begin(), scores.end(), std::greater<>());
    const double last = scores[std::min(scores.size() - 1, (scores.size() + 2) / 3 - 1)];
    for (Trial& trial : trials)
        trial.eliminated = trial.screeningF1 && *trial.screeningF1 < last;
}

void markFront(std::vector<Trial>& trials)
{
    for (Trial& trial : trials) {
        trial.onFront = trial.withinBudget && trial.cost && !trial.error && !trial.eliminated;
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
    EMBER_TRY(const learn::RunnerOptions runner, learn::runnerFor(request.executor));
    EMBER_TRY(const std::vector<plugin::TrainerInfo> trainers, chosenTrainers(request, hooks.cancel));
    std::vector<Trial> trials = planTrials(request, trainers);
    // Once, so that what is wrong with the data is one error, and every trial finds the features in the cache.
    EMBER_TRY(const dataset::Project project, dataset::Project::open(request.project));
    EMBER_TRY(const FeatureSet set, computeFeatures(project, request.features, hooks));
    Search search(request, trainers, EarlierRuns(project, set), settled(request.validation, set.windows), runner,
                  hooks);
    search.runAll(trials);
    if (hooks.cancel.isCancelled())
        return Error(ErrorKind::Cancelled,
                     QStringLiteral("The search was cancelled after %1 trials.").arg(search.done()),
                     QStringLiteral("The same command goes on from there; 'emberlab compare' lists what is done."));
    markFront(trials);
    return trials;
}

} // namespace ember::workflow
