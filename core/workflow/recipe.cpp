// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/recipe.h"

#include "core/base/quantity.h"
#include "core/dataset/importer.h"
#include "core/dataset/project.h"
#include "core/workflow/deploy.h"
#include "core/workflow/expected_answers.h"
#include "core/workflow/run_scores_json.h"

#include <QElapsedTimer>
#include <QTemporaryDir>

#include <algorithm>
#include <functional>
#include <limits>

namespace ember::workflow {
namespace {

struct Costs
{
    footprint::ModelCost profile;
    footprint::VerifyReport verify;
    footprint::EnergyUse energy;
    footprint::CoreSpeed core;
    qint64 clockHz = 0;
};

// What the steps hand on to each other.
struct RecipeRun
{
    const Recipe& recipe;
    const Hooks& hooks;
    RecipeReport report;
    QString project;
    std::optional<TrainOutcome> best;
    std::optional<Costs> costs;

    /// Runs one step and notes how it went; false when it failed, and nothing may follow.
    bool step(const QString& name, const std::function<Result<RecipeStep>()>& work)
    {
        QElapsedTimer clock;
        clock.start();
        Result<RecipeStep> outcome = work();
        RecipeStep made = outcome ? std::move(*outcome) : RecipeStep();
        made.name = name;
        made.ok = outcome.has_value();
        made.seconds = static_cast<double>(clock.elapsed()) * 1e-3;
        if (!outcome) {
            made.message = outcome.error().toString();
            report.failure = outcome.error().context(name);
        }
        report.steps.push_back(std::move(made));
        return outcome.has_value();
    }
};

Result<RecipeStep> importFiles(RecipeRun& run)
{
    EMBER_TRY(dataset::Project project, dataset::Project::create(run.project));
    qint64 rows = 0;
    qint64 segments = 0;
    for (const QString& file : run.recipe.files) {
        EMBER_TRY(const dataset::ImportReport report,
                  dataset::importFile(project, file, run.recipe.import, run.hooks.progress, run.hooks.cancel));
        rows += report.rows;
        segments += report.segments;
    }
    RecipeStep step;
    step.message = QStringLiteral("%1 files, %2 rows, %3 segments")
                       .arg(run.recipe.files.size())
                       .arg(formatCount(rows), formatCount(segments));
    return step;
}

// What the model would cost on the target, before it is built; reports say that it is estimated.
void addEstimate(const RecipeRun& run, const QString& modelRef, RecipeStep& step)
{
    codegen::Options options;
    const auto optimise = codegen::optimiseFromName(run.recipe.optimise);
    options.optimise = optimise.value_or(options.optimise);
    const auto deployment = prepareDeployment(modelRef, run.recipe.board, options);
    const auto cost = deployment ? estimateCost(*deployment) : Result<footprint::ModelCost>(deployment.error());
    if (!cost) {
        step.details.insert(QStringLiteral("estimate_reason"), cost.error().message);
        step.message += QStringLiteral("; no estimate: ") + cost.error().message;
        return;
    }
    step.details.insert(QStringLiteral("estimate"), footprint::toJson(*cost));
    const auto count = [](double value) { return formatCount(static_cast<qint64>(value)); };
    step.message += QStringLiteral("; estimated: flash %1 B, RAM %2 B")
                        .arg(count(cost->flashBytes.value), count(cost->ramBytes.value));
    if (cost->instructions.cost)
        step.message += QStringLiteral(", %1 instructions").arg(count(cost->instructions.cost->value));
}

Result<RecipeStep> trainOne(RecipeRun& run, const RecipeTrainer& trainer)
{
    TrainRequest request;
    request.project = run.project;
    request.trainer = trainer.trainer;
    request.parameters = trainer.parameters;
    request.seed = trainer.seed;
    request.validation = run.recipe.validation;
    request.features = run.recipe.features;
    if (!trainer.preset.isEmpty()) {
        request.features.preset = trainer.preset;
        request.features.pipelineFile.clear();
    }
    request.name = run.recipe.name;
    EMBER_TRY(TrainOutcome outcome, train(request, run.hooks));
    RecipeStep step;
    step.details = scoresToJson(outcome.validation, outcome.classNames);
    step.details.insert(QStringLiteral("model_sha256"), outcome.modelHash);
    step.message = QStringLiteral("F1 %1 (95 %: %2 to %3) on %4 windows, %5")
                       .arg(outcome.validation.metrics.macroF1, 0, 'f', 4)
                       .arg(outcome.validation.macroF195.low, 0, 'f', 3)
                       .arg(outcome.validation.macroF195.high, 0, 'f', 3)
                       .arg(formatCount(outcome.windows), outcome.validated);
    if (!run.recipe.board.isEmpty())
        addEstimate(run, outcome.modelRef, step);
    if (!run.best || outcome.validation.metrics.macroF1 > run.best->validation.metrics.macroF1) {
        run.report.bestTrainer = trainer.trainer;
        run.best = std::move(outcome);
    }
    return step;
}

Result<Deployment> deploymentOf(const RecipeRun& run)
{
    codegen::Options options;
    EMBER_TRY(options.optimise, codegen::optimiseFromName(run.recipe.optimise));
    return prepareDeployment(run.best->modelRef, run.recipe.board, options);
}

Result<RecipeStep> profileBest(RecipeRun& run)
{
    EMBER_TRY(const Deployment deployment, deploymentOf(run));
    EMBER_TRY(const DeploymentInputs inputs, defaultInputs(deployment, run.recipe.verifyRows, run.hooks));
    Costs costs;
    costs.clockHz = deployment.board.clockHz;
    EMBER_TRY(costs.profile, profileCost(deployment, inputs, run.hooks));
    costs.energy = energyOf(deployment, costs.profile, run.recipe.duty);
    costs.core = footprint::coreSpeed(deployment.board);
    RecipeStep step;
    step.details = footprint::toJson(costs.profile);
    step.details.insert(QStringLiteral("energy"), footprint::toJson(costs.energy));
    step.message = QStringLiteral("%1 of flash, %2 of RAM on %3")
                       .arg(formatBytes(static_cast<qint64>(costs.profile.flashBytes.value)),
                            formatBytes(static_cast<qint64>(costs.profile.ramBytes.value)), deployment.board.name);
    run.costs = std::move(costs);
    return step;
}

Result<RecipeStep> verifyBest(RecipeRun& run)
{
    EMBER_TRY(const Deployment deployment, deploymentOf(run));
    EMBER_TRY(const DeploymentInputs inputs, defaultInputs(deployment, run.recipe.verifyRows, run.hooks));
    EMBER_TRY(run.costs->verify, verifyModel(deployment, inputs, {}, run.hooks));
    const footprint::VerifyReport& report = run.costs->verify;
    if (report.mismatched > 0)
        return Error(
            ErrorKind::Failed,
            QStringLiteral("%1 of %2 rows differ between board and desktop.").arg(report.mismatched).arg(report.rows));
    RecipeStep step;
    step.details = footprint::toJson(report);
    step.message = QStringLiteral("%1 rows equal on the board, %2 label flips").arg(report.rows).arg(report.labelFlips);
    return step;
}

/// NaN where it is not known: a gate on it is then not met.
double valueOf(const footprint::OptionalCost& cost)
{
    return cost.cost ? cost.cost->value : std::numeric_limits<double>::quiet_NaN();
}

// Time of one inference. QEMU counts instructions, not cycles: then the gate's unit says how many cycles one was taken
// for.
std::pair<double, QString> latencyOf(const Costs& costs)
{
    const footprint::ModelCost& profile = costs.profile;
    const double toMs = 1e3 / static_cast<double>(costs.clockHz);
    if (profile.cyclesMax.cost)
        return {profile.cyclesMax.cost->value * toMs, QStringLiteral("ms")};
    if (profile.cycles.cost)
        return {profile.cycles.cost->value * toMs, QStringLiteral("ms")};
    return {valueOf(profile.instructionsMax) * costs.core.cyclesPerInstruction * toMs,
            QStringLiteral("ms at ") + costs.core.assumption};
}

std::vector<RecipeGate> checkGates(const RecipeRun& run)
{
    std::vector<RecipeGate> gates;
    const auto atLeast = [&gates](const QString& name, std::optional<double> limit, double value) {
        if (limit)
            gates.push_back({name, *limit, value, value >= *limit, {}});
    };
    const auto atMost = [&gates](const QString& name, std::optional<double> limit, double value, const QString& unit) {
        if (limit)
            gates.push_back({name, *limit, value, value <= *limit, unit});
    };
    const auto real = [](std::optional<qint64> value) {
        return value ? std::optional<double>(static_cast<double>(*value)) : std::nullopt;
    };
    const RecipeGates& wanted = run.recipe.gates;
    atLeast(QStringLiteral("min_f1"), wanted.minF1, run.best->validation.metrics.macroF1);
    atLeast(QStringLiteral("min_accuracy"), wanted.minAccuracy, run.best->validation.metrics.accuracy);
    if (!run.costs)
        return gates;
    const footprint::ModelCost& profile = run.costs->profile;
    atMost(QStringLiteral("max_flash"), real(wanted.maxFlashBytes), profile.flashBytes.value, QStringLiteral("bytes"));
    atMost(QStringLiteral("max_ram"), real(wanted.maxRamBytes), profile.ramBytes.value, QStringLiteral("bytes"));
    atMost(QStringLiteral("max_instructions"), real(wanted.maxInstructions), valueOf(profile.instructionsMax),
           QStringLiteral("instructions"));
    const auto [latency, unit] = latencyOf(*run.costs);
    atMost(QStringLiteral("max_latency_ms"), wanted.maxLatencyMs, latency, unit);
    atMost(QStringLiteral("max_energy_uj"), wanted.maxEnergyMicrojoules, valueOf(run.costs->energy.microjoules),
           QStringLiteral("µJ, estimated"));
    atLeast(QStringLiteral("min_battery_hours"), wanted.minBatteryHours, valueOf(run.costs->energy.batteryHours));
    atMost(QStringLiteral("flips"), real(wanted.maxFlips), static_cast<double>(run.costs->verify.labelFlips),
           QStringLiteral("rows"));
    return gates;
}

bool runSteps(RecipeRun& run)
{
    const Recipe& recipe = run.recipe;
    if (!recipe.files.isEmpty() && !run.step(QStringLiteral("import"), [&run] { return importFiles(run); }))
        return false;
    for (const RecipeTrainer& trainer : recipe.trainers) {
        if (!run.step(QStringLiteral("train %1").arg(trainer.trainer), [&] { return trainOne(run, trainer); }))
            return false;
    }
    if (recipe.board.isEmpty())
        return true;
    return run.step(QStringLiteral("profile"), [&run] { return profileBest(run); }) &&
           run.step(QStringLiteral("verify"), [&run] { return verifyBest(run); });
}

} // namespace

bool RecipeReport::gatesMet() const
{
    return std::all_of(gates.begin(), gates.end(), [](const RecipeGate& gate) { return gate.passed; });
}

Result<RecipeReport> runRecipe(const Recipe& recipe, const Hooks& hooks)
{
    QElapsedTimer clock;
    clock.start();
    const QTemporaryDir folder;
    RecipeRun run{recipe, hooks, {}, recipe.project, {}, {}};
    if (run.project.isEmpty())
        run.project = folder.filePath(QStringLiteral("recipe.ember"));
    run.report.name = recipe.name;
    if (runSteps(run))
        run.report.gates = checkGates(run);
    else if (run.report.failure->kind == ErrorKind::Cancelled)
        return *run.report.failure;
    run.report.seconds = static_cast<double>(clock.elapsed()) * 1e-3;
    return run.report;
}

} // namespace ember::workflow
