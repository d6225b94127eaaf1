// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/cost_text.h"
#include "app/cli/options.h"
#include "app/cli/text_table.h"
#include "core/base/quantity.h"
#include "core/learn/parameters.h"
#include "core/workflow/tune.h"

#include <QJsonArray>

#include <CLI/CLI.hpp>
#include <cmath>

namespace ember::cli {
namespace {

QJsonObject toJson(const workflow::Trial& trial)
{
    QJsonObject json{{QStringLiteral("trial"), trial.number},
                     {QStringLiteral("trainer"), trial.trainer},
                     {QStringLiteral("parameters"), learn::parametersToJson(trial.parameters)},
                     {QStringLiteral("within_budget"), trial.withinBudget},
                     {QStringLiteral("pareto"), trial.onFront}};
    if (trial.error) {
        json.insert(QStringLiteral("run"), QJsonValue());
        json.insert(QStringLiteral("error"), trial.error->message);
        return json;
    }
    if (trial.screeningF1)
        json.insert(QStringLiteral("screening_f1"), *trial.screeningF1);
    json.insert(QStringLiteral("eliminated"), trial.eliminated);
    if (trial.eliminated) {
        json.insert(QStringLiteral("run"), QJsonValue());
        return json;
    }
    json.insert(QStringLiteral("reused"), trial.reused);
    json.insert(QStringLiteral("run"), trial.run.value);
    json.insert(QStringLiteral("f1"), trial.f1);
    json.insert(QStringLiteral("interval95"), QJsonArray{trial.f195.low, trial.f195.high});
    json.insert(QStringLiteral("cost"), trial.cost ? QJsonValue(footprint::toJson(*trial.cost)) : QJsonValue());
    if (!trial.cost)
        json.insert(QStringLiteral("cost_reason"), trial.costReason);
    return json;
}

QString count(const footprint::Cost& cost)
{
    return QStringLiteral("~") + formatCount(static_cast<qint64>(std::llround(cost.value)));
}

class TuneCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("tune"); }
    QString summary() const override
    {
        return QStringLiteral("Search trainers and parameters for what scores well and fits a board");
    }
    QString example() const override
    {
        return QStringLiteral("emberlab tune --project gestures.ember --target mps2-m0 --trials 40 --max-flash 16kB "
                              "--jobs 2");
    }

    void declare(CLI::App& app) override
    {
        app.add_option("--project,-p", m_project, "The project")->required();
        app.add_option("--target", m_target, "Board whose costs count")->required();
        app.add_option("--trainers", m_trainers, "Trainer ids (default: all that classify)")->delimiter(',');
        app.add_option("--set", m_settings, "Parameter that is not searched, as key=value; may be repeated")
            ->allow_extra_args(false);
        app.add_option("--trials", m_trials, "Trainings in all")->capture_default_str()->check(CLI::Range(1, 100'000));
        app.add_option("--jobs", m_jobs, "Trainings at once")->capture_default_str()->check(CLI::Range(1, 256));
        app.add_option("--executor", m_executor,
                       "Where trainings run: local, or slurm for a cluster's queue (srun; SLURM_PARTITION and the like "
                       "say which)")
            ->capture_default_str();
        app.add_flag("--halving", m_halving,
                     "Try all on one fold first, and only the better third on all of them: three times as many trials "
                     "in the same time");
        app.add_option("--max-flash", m_maxFlash, "Most flash of a model, as 16kB");
        app.add_option("--max-ram", m_maxRam, "Most RAM of a model");
        app.add_option("--seed", m_seed, "The same seed gives the same trials")->capture_default_str();
        m_validationOption = app.add_option("--validation", m_validation, "As for train")->capture_default_str();
        app.add_option("--preset", m_preset, "Feature preset: auto or a name of `emberlab features --list`")
            ->capture_default_str();
        app.add_option("--pipeline", m_pipeline, "Feature pipeline as a JSON file");
        app.add_option("--window", m_window, "Length of a window")->capture_default_str();
        app.add_option("--stride", m_stride, "From one window to the next")->capture_default_str();
        app.add_option("--label-set", m_labelSet, "Label set to learn");
    }

    Result<Output> run(const Context& context) override
    {
        EMBER_TRY(const workflow::TuneRequest wanted, request());
        EMBER_TRY(const std::vector<workflow::Trial> trials, workflow::tune(wanted, hooksOf(context)));
        Output output;
        QJsonArray runs;
        QJsonArray front;
        for (const workflow::Trial& trial : trials) {
            runs.append(toJson(trial));
            if (trial.onFront)
                front.append(trial.run.value);
        }
        output.result = {{QStringLiteral("runs"), runs}, {QStringLiteral("pareto"), front}};
        output.text = text(trials);
        return output;
    }

private:
    Result<workflow::TuneRequest> request() const
    {
        workflow::TuneRequest wanted;
        wanted.project = qs(m_project);
        wanted.board = qs(m_target);
        for (const std::string& trainer : m_trainers)
            wanted.trainers << qs(trainer);
        EMBER_TRY(wanted.fixed, parseSettings(m_settings));
        wanted.trials = m_trials;
        wanted.jobs = m_jobs;
        wanted.executor = qs(m_executor);
        wanted.halving = m_halving;
        wanted.seed = m_seed;
        EMBER_TRY(wanted.validation, workflow::parseValidation(qs(m_validation)));
        wanted.validation.fewerFolds = m_validationOption->empty();
        wanted.features.preset = qs(m_preset);
        wanted.features.pipelineFile = qs(m_pipeline);
        wanted.features.labelSet = qs(m_labelSet);
        EMBER_TRY(wanted.features.windowSeconds, parseSeconds(qs(m_window)));
        EMBER_TRY(wanted.features.strideSeconds, parseSeconds(qs(m_stride)));
        if (!m_maxFlash.empty()) {
            EMBER_TRY(wanted.maxFlashBytes, parseBytes(qs(m_maxFlash)));
        }
        if (!m_maxRam.empty()) {
            EMBER_TRY(wanted.maxRamBytes, parseBytes(qs(m_maxRam)));
        }
        return wanted;
    }

    static QString text(const std::vector<workflow::Trial>& trials)
    {
        TextTable table({QStringLiteral("trial"), QStringLiteral("run"), QStringLiteral("trainer"),
                         QStringLiteral("F1"), QStringLiteral("flash B"), QStringLiteral("RAM B"),
                         QStringLiteral("instructions"), QStringLiteral("")});
        int failed = 0, reused = 0;
        for (const workflow::Trial& trial : trials) {
            failed += trial.error.has_value();
            reused += trial.reused;
            const bool known = trial.cost.has_value();
            table.add({QString::number(trial.number),
                       trial.run.isValid() ? QString::number(trial.run.value) : QString(), trial.trainer,
                       scoreText(trial), known ? count(trial.cost->flashBytes) : QString(),
                       known ? count(trial.cost->ramBytes) : QString(), known ? workText(*trial.cost) : QString(),
                       remark(trial)});
        }
        QString text = table.toString();
        text += QStringLiteral("\nfront: no other trial within the budget is as good, as small and as fast. Costs are "
                               "estimated; 'emberlab profile PROJECT#MODEL' counts them.");
        if (reused > 0)
            text +=
                QStringLiteral("\n%1 of %2 trials were there from an earlier search.").arg(reused).arg(trials.size());
        if (failed > 0)
            text += QStringLiteral("\n%1 of %2 trials failed.").arg(failed).arg(trials.size());
        return text;
    }

    static QString scoreText(const workflow::Trial& trial)
    {
        if (trial.error)
            return {};
        return trial.eliminated ? QStringLiteral("(%1)").arg(*trial.screeningF1, 0, 'f', 3)
                                : QString::number(trial.f1, 'f', 3);
    }

    static QString remark(const workflow::Trial& trial)
    {
        if (trial.error)
            return trial.error->message;
        if (trial.eliminated)
            return QStringLiteral("out after one fold");
        if (!trial.withinBudget)
            return QStringLiteral("over budget");
        return trial.onFront ? QStringLiteral("front") : trial.costReason;
    }

    std::string m_project, m_target, m_maxFlash, m_maxRam, m_pipeline, m_labelSet;
    std::string m_validation = "group-kfold:5";
    std::string m_preset = "auto";
    std::string m_executor = "local";
    std::string m_window = "2s";
    std::string m_stride = "1s";
    std::vector<std::string> m_trainers, m_settings;
    CLI::Option* m_validationOption = nullptr; ///< of the application's
    int m_trials = 20;
    int m_jobs = 1;
    bool m_halving = false;
    quint64 m_seed = 1;
};

} // namespace

std::unique_ptr<Command> makeTuneCommand()
{
    return std::make_unique<TuneCommand>();
}

} // namespace ember::cli
