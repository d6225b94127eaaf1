// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/deploy/deploy_runner.h"

#include "app/gui/shell/project_session.h"
#include "app/gui/shell/toast_host.h"
#include "core/base/quantity.h"
#include "core/workflow/expected_answers.h"
#include "core/workflow/run_costs.h"

#include <QDir>
#include <QFileInfo>

#include <cmath>
#include <utility>

namespace ember::gui {
namespace {

// Inputs behind a profile: enough for a mean, few enough for a coffee-less wait.
constexpr qint64 kProfileRows = 100;
// Verification takes every window there is, up to this.
constexpr qint64 kVerifyRows = 2000;

QString stepTitle(DeployRunner::Step step)
{
    switch (step) {
    case DeployRunner::Step::Generate:
        return DeployRunner::tr("Generate sources");
    case DeployRunner::Step::Build:
        return DeployRunner::tr("Build and count");
    case DeployRunner::Step::Flash:
        return DeployRunner::tr("Flash");
    case DeployRunner::Step::Verify:
        return DeployRunner::tr("Verify");
    }
    return {};
}

QString sourcesFolder(const DeployTarget& target, const QString& modelName)
{
    const QFileInfo project(target.project);
    return project.dir().filePath(QStringLiteral("%1-%2-%3").arg(project.completeBaseName(), modelName, target.board));
}

QString bytesText(double bytes)
{
    return formatBytes(static_cast<qint64>(std::llround(bytes)));
}

} // namespace

DeployRunner::DeployRunner(AppContext& context, QObject* parent)
    : QObject(parent)
    , m_context(context)
{}

void DeployRunner::setTarget(const DeployTarget& target)
{
    if (target == m_target)
        return;
    if (target.project != m_target.project || target.model != m_target.model)
        m_eventReport.reset();
    m_target = target;
    m_afterPrepared = nullptr;
    prepare();
}

Result<DeployRunner::Prepared> DeployRunner::prepared(const DeployTarget& target, const JobContext& job)
{
    codegen::Options options;
    options.optimise = target.optimise;
    EMBER_TRY(workflow::Deployment plain, workflow::prepareDeployment(target.modelRef(), target.board, options));
    Prepared prepared;
    prepared.events = workflow::storedEvents(plain.source);
    prepared.deployment = std::move(plain);
    if (target.learns) {
        const auto learning =
            workflow::prepareLearning(target.modelRef(), target.board, options, {job.progress, job.cancel});
        if (learning) {
            prepared.learning = *learning;
            prepared.deployment = learning->deployment;
        } else {
            prepared.whyNotLearning = learning.error();
        }
    }
    prepared.profile = workflow::storedProfile(*prepared.deployment);
    // A board without coefficients has no estimate; everything else still works there.
    if (const auto cost = workflow::estimateCost(*prepared.deployment)) {
        prepared.estimate = *cost;
        EMBER_CHECK(workflow::storeCost(*prepared.deployment, *cost));
    }
    return prepared;
}

void DeployRunner::prepare()
{
    ++m_generation;
    m_running.reset();
    m_all = false;
    m_steps = {};
    m_deployment.reset();
    m_estimate.reset();
    m_profile.reset();
    m_verification.reset();
    m_events.reset();
    m_learning.reset();
    m_whyNotLearning.reset();
    m_error.reset();
    Q_EMIT changed();
    if (!m_target.isValid())
        return;
    m_context.jobs.runQuietly<Prepared>([target = m_target](const JobContext& job) { return prepared(target, job); },
                                        this,
                                        [this, generation = m_generation](const Result<Prepared>& prepared) {
                                            if (generation != m_generation)
                                                return;
                                            if (prepared) {
                                                m_deployment = prepared->deployment;
                                                m_estimate = prepared->estimate;
                                                m_profile = prepared->profile;
                                                m_events = prepared->events;
                                                m_learning = prepared->learning;
                                                m_whyNotLearning = prepared->whyNotLearning;
                                            } else {
                                                m_error = prepared.error();
                                            }
                                            const auto next = std::exchange(m_afterPrepared, nullptr);
                                            Q_EMIT changed();
                                            if (next)
                                                next();
                                        });
}

void DeployRunner::setEvents(const std::optional<workflow::EventChoice>& choice)
{
    if (!isRunning() && m_deployment && choice != m_events)
        storeEvents(choice, {});
}

void DeployRunner::storeEvents(const std::optional<workflow::EventChoice>& choice, const QJsonObject& report)
{
    m_storing = true;
    m_context.jobs.runQuietly<bool>(
        [choice, report, source = m_deployment->source](const JobContext&) -> Result<bool> {
            EMBER_CHECK(workflow::storeEvents(source, choice, report));
            return true;
        },
        this,
        [this](const Result<bool>& stored) {
            m_storing = false;
            if (stored) {
                prepare(); // whatever was prepared meanwhile may not know it yet
                return;
            }
            m_afterPrepared = nullptr;
            m_context.toasts.showError(stored.error());
            Q_EMIT changed();
        });
    Q_EMIT changed();
}

void DeployRunner::chooseEvents()
{
    if (isRunning() || !m_deployment)
        return;
    workflow::EventRequest request;
    request.model = m_target.modelRef();
    if (m_events)
        request.background = m_events->background;
    m_choosing = m_context.jobs.run<workflow::EventReport>(
        tr("Choose event settings"),
        [request](const JobContext& job) {
            return workflow::evaluateEvents(request, {job.progress, job.cancel});
        },
        this,
        [this, generation = m_generation](const Result<workflow::EventReport>& report) {
            m_choosing = 0;
            if (!report && report.error().kind != ErrorKind::Cancelled)
                m_context.toasts.showError(report.error());
            if (report && generation == m_generation) {
                m_eventReport = *report;
                storeEvents(workflow::EventChoice{report->settings, report->background}, workflow::toJson(*report));
                return;
            }
            Q_EMIT changed();
        });
    Q_EMIT changed();
}

void DeployRunner::cancelChoice()
{
    if (m_choosing != 0)
        m_context.jobs.cancel(m_choosing);
}

bool DeployRunner::waitsForEdits(std::function<void()> run)
{
    Q_EMIT aboutToRun();
    if (m_storing)
        m_afterPrepared = std::move(run);
    return m_storing;
}

void DeployRunner::runAll()
{
    if (isRunning() || !m_deployment || waitsForEdits([this] { runAll(); }))
        return;
    m_steps = {};
    m_all = true;
    runStep(kSteps.front());
}

void DeployRunner::runStep(Step step)
{
    if (isRunning() || !m_deployment || waitsForEdits([this, step] { runStep(step); }))
        return;
    m_running = step;
    m_steps[static_cast<std::size_t>(step)] = {StepState::Running, tr("Running"), {}};
    Q_EMIT changed();
    m_context.jobs.run<StepOutcome>(
        stepTitle(step),
        [step, deployment = *m_deployment, target = m_target](const JobContext& job) {
            return work(step, deployment, target, job);
        },
        this,
        [this, step, generation = m_generation](const Result<StepOutcome>& outcome) {
            if (generation == m_generation)
                finish(step, outcome);
        });
}

void DeployRunner::finish(Step step, const Result<StepOutcome>& outcome)
{
    m_running.reset();
    StepStatus& status = m_steps[static_cast<std::size_t>(step)];
    if (outcome) {
        status = {StepState::Done, outcome->summary, outcome->log.join(QLatin1Char('\n'))};
        if (outcome->profile)
            m_profile = outcome->profile;
        if (outcome->verification)
            m_verification = outcome->verification;
        if ((outcome->verification && !outcome->verification->passed()) ||
            (outcome->events && !outcome->events->passed()))
            status.state = StepState::Failed;
    } else {
        QStringList detail{outcome.error().hint};
        detail += outcome.error().trail;
        status = {StepState::Failed, outcome.error().message, detail.join(QLatin1Char('\n')).trimmed()};
    }
    const bool ok = status.state == StepState::Done;
    m_context.project.announceChange();
    Q_EMIT stepFinished(step, ok);
    Q_EMIT changed();
    if (!ok) {
        m_all = false;
        return;
    }
    if (!m_all)
        return;
    const auto next = static_cast<std::size_t>(step) + 1;
    if (next < kSteps.size()) {
        runStep(kSteps[next]);
        return;
    }
    m_all = false;
    Q_EMIT deployed();
}

Result<DeployRunner::StepOutcome> DeployRunner::work(Step step, const workflow::Deployment& deployment,
                                                     const DeployTarget& target, const JobContext& job)
{
    switch (step) {
    case Step::Generate:
        return generate(deployment, target);
    case Step::Build:
        return build(deployment, job);
    case Step::Flash:
        return flash(deployment, job);
    case Step::Verify:
        return verify(deployment, job);
    }
    return Error(ErrorKind::Usage, tr("There is no such step."));
}

Result<DeployRunner::StepOutcome> DeployRunner::generate(const workflow::Deployment& deployment,
                                                         const DeployTarget& target)
{
    const QString folder = sourcesFolder(target, deployment.program.model().name);
    EMBER_TRY(const workflow::GenerateOutcome made, workflow::generateSources(deployment, folder));
    StepOutcome outcome;
    outcome.summary = tr("%1 files in %2").arg(made.paths.size()).arg(QFileInfo(folder).fileName());
    outcome.log = made.paths;
    if (!made.warning.isEmpty()) {
        outcome.summary = made.warning;
        outcome.log << made.warning;
    }
    return outcome;
}

Result<DeployRunner::StepOutcome> DeployRunner::build(const workflow::Deployment& deployment, const JobContext& job)
{
    const workflow::Hooks hooks{job.progress, job.cancel};
    EMBER_TRY(const workflow::DeploymentInputs inputs, workflow::defaultInputs(deployment, kProfileRows, hooks));
    EMBER_TRY(const footprint::ModelCost cost, workflow::profileCost(deployment, inputs, hooks));
    EMBER_CHECK(workflow::storeCost(deployment, cost));
    StepOutcome outcome;
    outcome.profile = cost;
    outcome.summary = tr("%1 flash, %2 RAM").arg(bytesText(cost.flashBytes.value), bytesText(cost.ramBytes.value));
    if (cost.cycles.cost)
        outcome.summary += tr(", %1 cycles").arg(formatCount(std::llround(cost.cycles.cost->value)));
    if (cost.instructions.cost)
        outcome.summary += tr(", %1 instructions").arg(formatCount(std::llround(cost.instructions.cost->value)));
    outcome.log << tr("Counted over %1").arg(inputs.description);
    for (const footprint::StageCost& stage : cost.stages)
        outcome.log << tr("%1: %2 %3")
                           .arg(stage.name, formatCount(std::llround(stage.work.value)),
                                footprint::workUnitName(stage.unit));
    return outcome;
}

Result<DeployRunner::StepOutcome> DeployRunner::flash(const workflow::Deployment& deployment, const JobContext& job)
{
    EMBER_TRY(const workflow::FlashOutcome flashed, workflow::flashModel(deployment, {job.progress, job.cancel}));
    StepOutcome outcome;
    outcome.summary = tr("%1 in %2, %3")
                          .arg(formatBytes(flashed.report.bytes), formatSeconds(flashed.report.seconds),
                               flashed.report.verified ? tr("build id confirmed") : tr("build id not confirmed"));
    outcome.log << tr("Tool: %1").arg(flashed.report.tool)
                << tr("Build id: %1").arg(QString::fromLatin1(flashed.report.buildId.toHex()));
    return outcome;
}

Result<DeployRunner::StepOutcome> DeployRunner::verify(const workflow::Deployment& deployment, const JobContext& job)
{
    const workflow::Hooks hooks{job.progress, job.cancel};
    EMBER_TRY(const workflow::DeploymentInputs inputs, workflow::defaultInputs(deployment, kVerifyRows, hooks));
    EMBER_TRY(const footprint::VerifyReport report, workflow::verifyModel(deployment, inputs, {}, hooks));
    StepOutcome outcome;
    outcome.verification = report;
    outcome.summary =
        tr("%1 windows, %2 label flips, %3")
            .arg(formatCount(report.rows), formatCount(report.labelFlips),
                 report.bitExact ? tr("bit exact") : tr("%1 not bit exact").arg(formatCount(report.mismatched)));
    outcome.log << tr("Inputs: %1").arg(inputs.description);
    for (const footprint::Mismatch& mismatch : report.firstMismatches)
        outcome.log << tr("Row %1: %2").arg(mismatch.row).arg(mismatch.what);
    if (deployment.options.events)
        EMBER_CHECK(proveEvents(deployment, hooks, outcome));
    return outcome;
}

Status DeployRunner::proveEvents(const workflow::Deployment& deployment, const workflow::Hooks& hooks,
                                 StepOutcome& outcome)
{
    EMBER_TRY(outcome.events, workflow::proveEvents(deployment, {}, kVerifyRows, hooks));
    const workflow::EventProof& proof = *outcome.events;
    outcome.summary += proof.passed() ? tr(", %1 events as on the desktop").arg(formatCount(proof.events))
                                      : tr(", events differ from the desktop's");
    outcome.log << tr("Events: %1 recordings streamed into the board, %2 windows")
                       .arg(formatCount(proof.stretches), formatCount(proof.windows));
    if (!proof.firstDifference.isEmpty())
        outcome.log << proof.firstDifference;
    return {};
}

} // namespace ember::gui
