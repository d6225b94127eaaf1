// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/shell/app_context.h"
#include "app/gui/shell/job_queue.h"
#include "core/dataset/ids.h"
#include "core/footprint/cost.h"
#include "core/footprint/verify.h"
#include "core/workflow/deploy.h"
#include "core/workflow/event_evaluation.h"
#include "core/workflow/event_proof.h"
#include "core/workflow/learning_deployment.h"

#include <QJsonObject>
#include <QObject>
#include <QStringList>

#include <array>
#include <functional>
#include <optional>

namespace ember::gui {

/// What is to be deployed where.
struct DeployTarget
{
    QString project;
    dataset::RunId run;
    dataset::ModelId model;
    QString board;
    codegen::Optimise optimise = codegen::Optimise::Size;
    bool learns = false; ///< code that also learns on the board, where the model can

    QString modelRef() const { return QStringLiteral("%1#%2").arg(project).arg(model.value); }
    bool isValid() const { return model.isValid() && !board.isEmpty(); }
    friend bool operator==(const DeployTarget&, const DeployTarget&) = default;
};

/// The steps from a model to a board that computes the same as the desktop. Each runs as a job; "Deploy" runs them one
/// after the other and stops at the first that fails. GUI thread.
class DeployRunner : public QObject
{
    Q_OBJECT

public:
    enum class Step
    {
        Generate, ///< C++ sources beside the project
        Build,    ///< linked image, its costs counted on the emulator
        Flash,    ///< image onto the board, build id checked
        Verify,   ///< board against desktop, window by window
    };
    static constexpr std::array kSteps = {Step::Generate, Step::Build, Step::Flash, Step::Verify};

    enum class StepState
    {
        Idle,
        Running,
        Done,
        Failed
    };
    struct StepStatus
    {
        StepState state = StepState::Idle;
        QString summary; ///< what came out, or went wrong
        QString detail;  ///< the log, or the hint and trail of the error
    };

    explicit DeployRunner(AppContext& context, QObject* parent = nullptr);

    /// Forgets the results of the target before and estimates the costs of this one.
    void setTarget(const DeployTarget& target);
    const DeployTarget& target() const { return m_target; }

    void runAll();
    void runStep(Step step);
    /// A step, or a change of the events: one at a time.
    bool isRunning() const { return m_running || isChangingEvents(); }
    bool isChangingEvents() const { return m_storing || m_choosing != 0; }
    const StepStatus& status(Step step) const { return m_steps[static_cast<std::size_t>(step)]; }

    /// Empty until the model has been loaded and lowered.
    const std::optional<workflow::Deployment>& deployment() const { return m_deployment; }
    const std::optional<footprint::ModelCost>& estimate() const { return m_estimate; }
    const std::optional<footprint::ModelCost>& profile() const { return m_profile; }
    const std::optional<footprint::VerifyReport>& verification() const { return m_verification; }
    /// How the model's answers become events; nothing: its code only answers.
    const std::optional<workflow::EventChoice>& events() const { return m_events; }
    /// Stores the choice with the model, and begins anew with it.
    void setEvents(const std::optional<workflow::EventChoice>& choice);
    /// Chooses settings on recordings that the model was not trained on, as a job, and stores them.
    void chooseEvents();
    bool isChoosing() const { return m_choosing != 0; }
    void cancelChoice();
    /// What was found out by that, of this target; nothing before.
    const std::optional<workflow::EventReport>& eventReport() const { return m_eventReport; }
    /// Why the code does not learn although the target wants it; nothing: it does, or is not to.
    const std::optional<Error>& whyNotLearning() const { return m_whyNotLearning; }
    /// What was done to the model so that it can; nothing without learning.
    const std::optional<workflow::LearningDeployment>& learning() const { return m_learning; }
    /// Why there is no deployment.
    const std::optional<Error>& error() const { return m_error; }

Q_SIGNALS:
    void changed();
    /// Last chance to store what was edited: the run waits for it.
    void aboutToRun();
    void stepFinished(ember::gui::DeployRunner::Step step, bool ok);
    void deployed(); ///< all steps worked

private:
    struct Prepared
    {
        std::optional<workflow::Deployment> deployment;
        std::optional<footprint::ModelCost> estimate;
        std::optional<footprint::ModelCost> profile; ///< of an earlier build with the same options
        std::optional<workflow::EventChoice> events;
        std::optional<workflow::LearningDeployment> learning;
        std::optional<Error> whyNotLearning;
    };
    /// What a step leaves behind.
    struct StepOutcome
    {
        QString summary;
        QStringList log;
        std::optional<footprint::ModelCost> profile;
        std::optional<footprint::VerifyReport> verification;
        std::optional<workflow::EventProof> events;
    };

    static Result<Prepared> prepared(const DeployTarget& target, const JobContext& job);
    /// Forgets what is known and prepares the target once more.
    void prepare();
    void storeEvents(const std::optional<workflow::EventChoice>& choice, const QJsonObject& report);
    /// Whether an edit is stored first; `run` is called again once the model is prepared with it.
    bool waitsForEdits(std::function<void()> run);
    static Result<StepOutcome> work(Step step, const workflow::Deployment& deployment, const DeployTarget& target,
                                    const JobContext& job);
    static Result<StepOutcome> generate(const workflow::Deployment& deployment, const DeployTarget& target);
    static Result<StepOutcome> build(const workflow::Deployment& deployment, const JobContext& job);
    static Result<StepOutcome> flash(const workflow::Deployment& deployment, const JobContext& job);
    static Result<StepOutcome> verify(const workflow::Deployment& deployment, const JobContext& job);
    static Status proveEvents(const workflow::Deployment& deployment, const workflow::Hooks& hooks,
                              StepOutcome& outcome);
    void finish(Step step, const Result<StepOutcome>& outcome);

    AppContext& m_context;
    DeployTarget m_target;
    std::array<StepStatus, kSteps.size()> m_steps;
    std::optional<Step> m_running;
    bool m_all = false;
    bool m_storing = false;
    JobId m_choosing = 0;                  ///< 0: none
    std::function<void()> m_afterPrepared; ///< a run that waits for an edit
    quint64 m_generation = 0;              ///< results for a target before are not for us any more
    std::optional<workflow::Deployment> m_deployment;
    std::optional<footprint::ModelCost> m_estimate;
    std::optional<footprint::ModelCost> m_profile;
    std::optional<footprint::VerifyReport> m_verification;
    std::optional<workflow::EventChoice> m_events;
    std::optional<workflow::EventReport> m_eventReport;
    std::optional<workflow::LearningDeployment> m_learning;
    std::optional<Error> m_whyNotLearning;
    std::optional<Error> m_error;
};

} // namespace ember::gui
