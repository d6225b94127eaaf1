// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/text_table.h"
#include "core/base/quantity.h"
#include "core/model/model_file.h"
#include "core/workflow/table_model.h"
#include "core/workflow/training.h"

#include <QJsonArray>

#include <CLI/CLI.hpp>

namespace ember::cli {
namespace {

QString percent(double share)
{
    return QStringLiteral("%1 %").arg(share * 100, 0, 'f', 1);
}

QString confusionText(const learn::Confusion& confusion, const QStringList& labels)
{
    TextTable table(QStringList{QStringLiteral("true \\ predicted")} + labels);
    for (int truth = 0; truth < confusion.classes(); ++truth) {
        QStringList row{labels.value(truth)};
        for (int predicted = 0; predicted < confusion.classes(); ++predicted)
            row << QString::number(confusion.count(truth, predicted));
        table.add(row);
    }
    return table.toString();
}

QJsonArray confusionJson(const learn::Confusion& confusion)
{
    QJsonArray rows;
    for (int truth = 0; truth < confusion.classes(); ++truth) {
        QJsonArray row;
        for (int predicted = 0; predicted < confusion.classes(); ++predicted)
            row.append(confusion.count(truth, predicted));
        rows.append(row);
    }
    return rows;
}

QJsonObject scoresJson(const workflow::TableScores& scores)
{
    QJsonObject json{{QStringLiteral("task"), workflow::taskName(scores.task)}};
    if (scores.task == plugin::Task::Regression) {
        json.insert(QStringLiteral("r2"), scores.regression.r2);
        json.insert(QStringLiteral("rmse"), scores.regression.rmse);
        json.insert(QStringLiteral("mae"), scores.regression.mae);
        return json;
    }
    if (scores.task == plugin::Task::Anomaly)
        json.insert(QStringLiteral("anomalies"), scores.anomalyShare);
    if (scores.metrics.confusion.classes() > 0) {
        json.insert(QStringLiteral("accuracy"), scores.metrics.accuracy);
        json.insert(QStringLiteral("f1"), scores.metrics.macroF1);
    }
    if (scores.rocAuc)
        json.insert(QStringLiteral("roc_auc"), *scores.rocAuc);
    return json;
}

QString scoresText(const workflow::TableScores& scores)
{
    const auto number = [](double value) { return QString::number(value, 'f', 4); };
    if (scores.task == plugin::Task::Regression)
        return QStringLiteral("R2 %1, RMSE %2, mean error %3")
            .arg(number(scores.regression.r2), QString::number(scores.regression.rmse, 'g', 4),
                 QString::number(scores.regression.mae, 'g', 4));
    QStringList parts;
    if (scores.task == plugin::Task::Anomaly)
        parts << QStringLiteral("%1 anomalies").arg(percent(scores.anomalyShare));
    if (scores.metrics.confusion.classes() > 0)
        parts << QStringLiteral("accuracy %1, F1 %2")
                     .arg(percent(scores.metrics.accuracy), number(scores.metrics.macroF1));
    if (scores.rocAuc)
        parts << QStringLiteral("ROC AUC %1").arg(number(*scores.rocAuc));
    return parts.join(QStringLiteral(", "));
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
                       "auto, classification, regression (the label column holds numbers) or anomaly (rows labelled "
                       "'normal' are learnt; without labels, all); with --table")
            ->capture_default_str();
        app.add_option("--trainer", m_trainer, "Trainer id; 'emberlab plugins' lists them")->required();
        app.add_option("--set", m_settings, "Parameter of the trainer as key=value; may be repeated")
            ->allow_extra_args(false);
        app.add_option("--seed", m_seed, "Seed: the same seed and data give the same model")->capture_default_str();
        m_validationOption =
            app.add_option("--validation", m_validation,
                           "group-kfold:5 (fewer folds for fewer groups unless it is asked for), leave-one-group-out, "
                           "holdout, holdout:0.3, holdout:GROUP,GROUP or split[:NAME]")
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
        output.result.insert(QStringLiteral("run"), outcome.run.value);
        output.result.insert(QStringLiteral("model"), outcome.modelRef);
        output.result.insert(QStringLiteral("model_sha256"), outcome.modelHash);
        output.result.insert(QStringLiteral("validation"), outcome.validated);
        output.result.insert(QStringLiteral("windows"), outcome.windows);
        output.result.insert(QStringLiteral("seconds"), outcome.seconds);
        output.text =
            QStringLiteral("%1: F1 %2 (95 %: %3 to %4), accuracy %5 on %6 windows, %7\n\n%8\nmodel: %9")
                .arg(request.trainer, QString::number(report.metrics.macroF1, 'f', 3),
                     QString::number(report.macroF195.low, 'f', 3), QString::number(report.macroF195.high, 'f', 3),
                     percent(report.metrics.accuracy), formatCount(report.metrics.confusion.total()), outcome.validated,
                     confusionText(report.metrics.confusion, outcome.classNames), outcome.modelRef);
        return output;
    }

    std::string m_project, m_table, m_trainer, m_pipeline, m_labelSet, m_name, m_out;
    std::string m_labelColumn = "label";
    std::string m_task = "auto";
    std::string m_validation = "group-kfold:5";
    std::string m_preset = "auto";
    std::string m_window = "2s";
    std::string m_stride = "1s";
    std::vector<std::string> m_settings;
    CLI::Option* m_validationOption = nullptr; ///< of the application's
    quint64 m_seed = 1;
};

class EvaluateCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("evaluate"); }
    QString summary() const override { return QStringLiteral("Score a model on a labelled CSV table"); }
    QString example() const override
    {
        return QStringLiteral("emberlab evaluate model.onnx --table test.csv --label-column label");
    }

    void declare(CLI::App& app) override
    {
        app.add_option("model", m_model, "Model: an .onnx file or PROJECT.ember#NUMBER")->required();
        app.add_option("--table", m_table, "CSV table with a header row")->required();
        app.add_option("--label-column", m_labelColumn, "Column that holds the label")->capture_default_str();
    }

    Result<Output> run(const Context&) override
    {
        EMBER_TRY(const workflow::EvaluateOutcome outcome,
                  workflow::evaluateTable(qs(m_model), qs(m_table), qs(m_labelColumn)));
        Output output;
        output.result = scoresJson(outcome.scores);
        output.result.insert(QStringLiteral("rows"), outcome.rows);
        output.text = QStringLiteral("%1 rows: %2").arg(formatCount(outcome.rows), scoresText(outcome.scores));
        if (outcome.scores.task == plugin::Task::Regression)
            return output;
        output.result.insert(QStringLiteral("labels"), QJsonArray::fromStringList(outcome.classNames));
        output.result.insert(QStringLiteral("confusion"), confusionJson(outcome.scores.metrics.confusion));
        output.text += QStringLiteral("\n\n") + confusionText(outcome.scores.metrics.confusion, outcome.classNames);
        return output;
    }

private:
    std::string m_model, m_table;
    std::string m_labelColumn = "label";
};

} // namespace

std::unique_ptr<Command> makeTrainCommand()
{
    return std::make_unique<TrainCommand>();
}

std::unique_ptr<Command> makeEvaluateCommand()
{
    return std::make_unique<EvaluateCommand>();
}

} // namespace ember::cli
