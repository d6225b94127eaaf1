// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/score_text.h"
#include "core/base/quantity.h"
#include "core/model/model_file.h"
#include "core/workflow/run_scores_json.h"
#include "core/workflow/score_curves_json.h"
#include "core/workflow/table_model.h"
#include "core/workflow/training.h"

#include <QJsonArray>

#include <CLI/CLI.hpp>

namespace ember::cli {
namespace {

QString rangeText(const learn::Interval& interval)
{
    return QStringLiteral("(95 %: %1 to %2)")
        .arg(QString::number(interval.low, 'f', 3), QString::number(interval.high, 'f', 3));
}

QString anomalyText(const learn::ValidationReport& report)
{
    const learn::Confusion& confusion = report.metrics.confusion;
    const auto share = [&](qint32 truth) {
        const auto of = static_cast<double>(confusion.trueTotal(truth));
        return of > 0 ? percent(static_cast<double>(confusion.count(truth, 1)) / of) : QStringLiteral("none tested");
    };
    const QString area =
        report.rocAuc
            ? QStringLiteral("ROC AUC %1 %2").arg(QString::number(*report.rocAuc, 'f', 3), rangeText(report.rocAuc95))
            : QStringLiteral("no ROC AUC: only one kind was tested");
    return QStringLiteral("%1, false alarms %2, found %3 of the anomalies, on %4 windows")
        .arg(area, share(0), share(1), formatCount(confusion.total()));
}

QString reportText(const learn::ValidationReport& report)
{
    const QString windows = formatCount(static_cast<qint64>(report.rows.size()));
    switch (report.task) {
    case plugin::Task::Regression:
        return QStringLiteral("R2 %1 %2, RMSE %3, mean error %4 on %5 windows")
            .arg(QString::number(report.regression.r2, 'f', 3), rangeText(report.r295),
                 QString::number(report.regression.rmse, 'g', 4), QString::number(report.regression.mae, 'g', 4),
                 windows);
    case plugin::Task::Anomaly:
        return anomalyText(report);
    case plugin::Task::Classification:
        break;
    }
    return QStringLiteral("F1 %1 %2, accuracy %3 on %4 windows")
        .arg(QString::number(report.metrics.macroF1, 'f', 3), rangeText(report.macroF195),
             percent(report.metrics.accuracy), windows);
}

class TrainCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("train"); }
    QString summary() const override { return QStringLiteral("Train a model on a project, or on a CSV table"); }
    QString example() const override
    {
        return QStringLiteral(
            "emberlab train --project gestures.ember --trainer trees.random-forest --set trees=20 --validation "
            "group-kfold:5\n"
            "  emberlab train --project pump.ember --trainer trees.isolation-forest --normal running --false-alarms "
            "0.01\n"
            "  emberlab train --table train.csv --label-column label --trainer trees.decision-tree --out model.onnx");
    }

    void declare(CLI::App& app) override
    {
        auto* project = app.add_option("--project,-p", m_project, "The project");
        auto* table = app.add_option("--table", m_table, "CSV table with a header row, one example per row");
        project->excludes(table);
        app.add_option("--label-column", m_labelColumn, "Column of the table that holds the label")
            ->capture_default_str();
        app.add_option("--task", m_task,
                       "auto, classification, regression (labels are numbers) or anomaly (only what is normal is "
                       "learnt; of a table without labels, all)")
            ->capture_default_str();
        auto* normal = app.add_option("--normal", m_normal,
                                      "Anomalies in a project: a label that is normal (default: 'normal'); may be "
                                      "repeated")
                           ->allow_extra_args(false);
        auto* rate = app.add_option("--false-alarms", m_falseAlarms,
                                    "Anomalies in a project: share of held-out normal windows that may lie beyond the "
                                    "threshold, as 0.01 (default: as the trainer sets it)")
                         ->check(CLI::Range(0.0, 0.999));
        m_answerOption =
            app.add_option("--answer-accuracy", m_answerAccuracy,
                           "Classes in a project: how often an answer shall be right, as 0.95; the model then says "
                           "'unknown' where it is not sure enough, on the board too")
                ->check(CLI::Range(0.0, 1.0))
                ->excludes(table);
        normal->excludes(table);
        rate->excludes(table);
        m_falseAlarmsOption = rate;
        app.add_option("--trainer", m_trainer, "Trainer id; 'emberlab plugins' lists them")->required();
        app.add_option("--set", m_settings, "Parameter of the trainer as key=value; may be repeated")
            ->allow_extra_args(false);
        app.add_option("--seed", m_seed, "Seed: the same seed and data give the same model")->capture_default_str();
        m_validationOption =
            app.add_option("--validation", m_validation,
                           "group-kfold:5 (fewer folds for fewer groups unless it is asked for), leave-one-group-out, "
                           "holdout, holdout:0.3, holdout:GROUP,GROUP, split[:NAME] or random-kfold:5 (flatters)")
                ->capture_default_str();
        app.add_option("--preset", m_preset, "Feature preset: auto or a name of `emberlab features --list`")
            ->capture_default_str();
        app.add_option("--pipeline", m_pipeline,
                       "Feature pipeline as a JSON file: a list of blocks, or a whole pipeline with its own window");
        app.add_option("--window", m_window, "Length of a window")->capture_default_str();
        app.add_option("--stride", m_stride, "From one window to the next")->capture_default_str();
        app.add_option("--label-set", m_labelSet, "Label set to learn");
        app.add_option("--name", m_name, "Name of run and model");
        app.add_option("--out,-o", m_out, "Write the model here (required with --table)");
    }

    Result<Output> run(const Context& context) override
    {
        EMBER_TRY(const QVariantMap parameters, parseSettings(m_settings));
        if (m_project.empty() == m_table.empty())
            return Error(ErrorKind::Usage, QStringLiteral("Name a project with --project, or a table with --table."));
        return m_table.empty() ? runProject(parameters, context) : runTable(parameters, context);
    }

private:
    Result<Output> runTable(const QVariantMap& parameters, const Context& context)
    {
        if (m_out.empty())
            return Error(ErrorKind::Usage, QStringLiteral("--table needs --out for the model."));
        workflow::TrainTableRequest request;
        request.table = qs(m_table);
        request.labelColumn = qs(m_labelColumn);
        request.trainer = qs(m_trainer);
        request.parameters = parameters;
        request.task = qs(m_task);
        request.seed = m_seed;
        request.output = qs(m_out);
        EMBER_TRY(const workflow::TrainTableOutcome outcome, workflow::trainTable(request, hooksOf(context)));
        Output output;
        output.result = scoresJson(outcome.scores);
        output.result.insert(QStringLiteral("rows"), outcome.rows);
        output.result.insert(QStringLiteral("seconds"), outcome.seconds);
        output.result.insert(QStringLiteral("model"), request.output);
        output.text = QStringLiteral("%1: %2 on the training table itself, trained in %3 s")
                          .arg(request.output, scoresText(outcome.scores), QString::number(outcome.seconds, 'f', 2));
        return output;
    }

    Result<Output> runProject(const QVariantMap& parameters, const Context& context)
    {
        workflow::TrainRequest request;
        request.project = qs(m_project);
        request.trainer = qs(m_trainer);
        request.parameters = parameters;
        request.seed = m_seed;
        request.name = qs(m_name);
        request.task = qs(m_task);
        for (const std::string& label : m_normal)
            request.normalLabels << qs(label);
        if (!m_falseAlarmsOption->empty())
            request.falseAlarmRate = m_falseAlarms;
        if (!m_answerOption->empty())
            request.answerAccuracy = m_answerAccuracy;
        EMBER_TRY(request.validation, workflow::parseValidation(qs(m_validation)));
        request.validation.fewerFolds = m_validationOption->empty();
        request.features.preset = qs(m_preset);
        request.features.pipelineFile = qs(m_pipeline);
        request.features.labelSet = qs(m_labelSet);
        EMBER_TRY(request.features.windowSeconds, parseSeconds(qs(m_window)));
        EMBER_TRY(request.features.strideSeconds, parseSeconds(qs(m_stride)));
        EMBER_TRY(const workflow::TrainOutcome outcome, workflow::train(request, hooksOf(context)));
        if (!m_out.empty())
            EMBER_CHECK(model::saveModel(outcome.model, qs(m_out)));

        const learn::ValidationReport& report = outcome.validation;
        Output output;
        output.result = workflow::scoresToJson(report, outcome.classNames);
        if (report.task != plugin::Task::Regression)
            workflow::addCurves(outcome.curves, outcome.classNames, output.result);
        if (outcome.rejection)
            output.result.insert(QStringLiteral("rejection"), workflow::rejectionJson(*outcome.rejection));
        output.result.insert(QStringLiteral("run"), outcome.run.value);
        output.result.insert(QStringLiteral("model"), outcome.modelRef);
        output.result.insert(QStringLiteral("model_sha256"), outcome.modelHash);
        output.result.insert(QStringLiteral("validation"), outcome.validated);
        output.result.insert(QStringLiteral("windows"), outcome.windows);
        output.result.insert(QStringLiteral("seconds"), outcome.seconds);
        output.result.insert(QStringLiteral("notes"), QJsonArray::fromStringList(outcome.notes));
        output.text = QStringLiteral("%1: %2, %3\n").arg(request.trainer, reportText(report), outcome.validated);
        if (report.metrics.confusion.classes() > 0)
            output.text += QLatin1Char('\n') + confusionText(report.metrics.confusion, outcome.classNames) +
                           QLatin1Char('\n') + curvesText(outcome.curves, outcome.classNames);
        for (const QString& note : outcome.notes)
            output.text += QLatin1Char('\n') + note;
        output.text += QStringLiteral("\nmodel: %1").arg(outcome.modelRef);
        return output;
    }

    std::string m_project, m_table, m_trainer, m_pipeline, m_labelSet, m_name, m_out;
    std::string m_labelColumn = "label";
    std::string m_task = "auto";
    std::string m_validation = "group-kfold:5";
    std::string m_preset = "auto";
    std::string m_window = "2s";
    std::string m_stride = "1s";
    std::vector<std::string> m_settings, m_normal;
    double m_falseAlarms = 0, m_answerAccuracy = 0;
    CLI::Option* m_validationOption = nullptr; ///< of the application's
    CLI::Option* m_falseAlarmsOption = nullptr;
    CLI::Option* m_answerOption = nullptr;
    quint64 m_seed = 1;
};

} // namespace

std::unique_ptr<Command> makeTrainCommand()
{
    return std::make_unique<TrainCommand>();
}

} // namespace ember::cli
