// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/score_text.h"
#include "app/cli/text_table.h"
#include "core/base/quantity.h"
#include "core/workflow/event_evaluation.h"
#include "core/workflow/run_scores_json.h"
#include "core/workflow/score_curves_json.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace ember::cli {
namespace {

QString eventsText(const workflow::EventReport& report)
{
    const auto seconds = [&report](double quantile) {
        const auto value = report.latencySeconds(quantile);
        return value ? QStringLiteral("%1 s").arg(*value, 0, 'f', 1) : QStringLiteral("-");
    };
    TextTable table({QStringLiteral("event"), QStringLiteral("happened"), QStringLiteral("found"),
                     QStringLiteral("missed"), QStringLiteral("duplicates"), QStringLiteral("spurious"),
                     QStringLiteral("F1")});
    const auto add = [&table](const QString& label, const learn::EventScores& scores) {
        table.add({label, QString::number(scores.happened), QString::number(scores.found),
                   QString::number(scores.missed()), QString::number(scores.duplicates),
                   QString::number(scores.spurious), QString::number(scores.f1(), 'f', 3)});
    };
    for (const workflow::EventReport::ClassRow& row : report.classes)
        add(row.label, row.scores);
    add(QStringLiteral("together"), report.total);
    QString text =
        QStringLiteral("%1 of %2 (%3 h): %4 false alarms per hour, known after %5 (median), %6 (95 %)\n\n%7\n")
            .arg(countOf(report.recordings, QStringLiteral("recording")), report.groups.join(QStringLiteral(", ")),
                 QString::number(report.hours, 'f', 2), QString::number(report.falseAlarmsPerHour(), 'f', 1),
                 seconds(0.5), seconds(0.95), table.toString());
    text +=
        QStringLiteral("settings%1: --smoothing %2 --on %3 --off %4 --patience %5 --dead-time %6")
            .arg(report.tuned ? QStringLiteral(" for use (each half was scored with those of the other)") : QString())
            .arg(report.settings.smoothing)
            .arg(report.settings.on)
            .arg(report.settings.off)
            .arg(report.settings.patience)
            .arg(report.settings.deadTime);
    if (report.asOnBoards)
        text += QStringLiteral("\nas a board says it: in the whole numbers of the generated code");
    for (const QString& note : report.notes)
        text += QLatin1Char('\n') + note;
    return text;
}

class EvaluateCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("evaluate"); }
    QString summary() const override
    {
        return QStringLiteral("Score a model on a labelled CSV table, or by events on whole recordings");
    }
    QString example() const override
    {
        return QStringLiteral(
            "emberlab evaluate model.onnx --table test.csv --label-column label\n"
            "  emberlab evaluate gestures.ember#3 --events --background idle --max-false-alarms 2 --save");
    }

    void declare(CLI::App& app) override
    {
        app.add_option("model", m_model, "Model: an .onnx file or PROJECT.ember#NUMBER")->required();
        auto* table = app.add_option("--table", m_table, "CSV table with a header row");
        app.add_option("--label-column", m_labelColumn, "Column that holds the label")->capture_default_str();
        auto* events = app.add_flag("--events", m_events,
                                    "Run the model over whole recordings of its project and compare the events that "
                                    "come out with the labelled segments")
                           ->excludes(table);
        app.add_option("--groups", m_groups,
                       "Groups whose recordings are run (default: those held out when it was trained)")
            ->delimiter(',')
            ->needs(events);
        app.add_option("--background", m_background, "Class that is no event (default: normal, idle, background ...)")
            ->needs(events);
        app.add_option("--label-set", m_labelSet, "Label set of the segments")->needs(events);
        app.add_option("--stride", m_stride, "From one window to the next (default: as trained)")->needs(events);
        app.add_option("--max-false-alarms", m_falseAlarms, "Most false alarms per hour that settings are chosen for")
            ->needs(events)
            ->check(CLI::NonNegativeNumber);
        m_smoothing = app.add_option("--smoothing", m_settings.smoothing,
                                     "Windows that are averaged; without it and the next four, the settings are "
                                     "chosen on one half of the recordings for the other")
                          ->needs(events)
                          ->check(CLI::Range(1, learn::kMostEventWindows));
        m_on = app.add_option("--on", m_settings.on, "Share of a class at which an event begins")
                   ->needs(events)
                   ->check(CLI::Range(0.0, 1.0));
        m_off = app.add_option("--off", m_settings.off, "Share below which it ends")
                    ->needs(events)
                    ->check(CLI::Range(0.0, 1.0));
        m_patience = app.add_option("--patience", m_settings.patience, "Windows in a row that make an event")
                         ->needs(events)
                         ->check(CLI::Range(1, learn::kMostEventWindows));
        m_deadTime = app.add_option("--dead-time", m_settings.deadTime,
                                    "Windows behind an event in which none of the same class begins")
                         ->needs(events)
                         ->check(CLI::Range(0, learn::kMostEventWindows));
        app.add_option("--vote", m_vote, "How a forest votes: soft or hard, as the code will")
            ->capture_default_str()
            ->needs(events);
        app.add_flag("--save", m_save,
                     "Store the settings with the model: generate, flash, bundle and verify take them from there")
            ->needs(events);
    }

    Result<Output> run(const Context& context) override
    {
        if (m_events)
            return runEvents(context);
        if (m_table.empty())
            return Error(ErrorKind::Usage, QStringLiteral("Score on what?"),
                         QStringLiteral("Name a table with --table, or use --events for whole recordings."));
        return runTable();
    }

private:
    Result<Output> runEvents(const Context& context)
    {
        workflow::EventRequest request;
        request.model = qs(m_model);
        for (const std::string& group : m_groups)
            request.groups << qs(group);
        request.background = qs(m_background);
        request.labelSet = qs(m_labelSet);
        request.falseAlarmsPerHour = m_falseAlarms;
        EMBER_TRY(request.vote, codegen::voteFromName(qs(m_vote)));
        request.save = m_save;
        if (!m_stride.empty()) {
            EMBER_TRY(request.hopSeconds, parseSeconds(qs(m_stride)));
        }
        if (!m_smoothing->empty() || !m_on->empty() || !m_off->empty() || !m_patience->empty() ||
            !m_deadTime->empty()) {
            if (m_off->empty())
                m_settings.off = std::min(m_settings.off, m_settings.on);
            if (m_settings.off > m_settings.on)
                return Error(ErrorKind::Usage, QStringLiteral("--off lies above --on."),
                             QStringLiteral("An event ends at a lower share than it begins at."));
            request.settings = m_settings;
        }
        EMBER_TRY(const workflow::EventReport report, workflow::evaluateEvents(request, hooksOf(context)));
        Output output;
        output.result = workflow::toJson(report);
        output.text = eventsText(report);
        return output;
    }

    Result<Output> runTable()
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
        output.result.insert(QStringLiteral("confusion"), workflow::confusionJson(outcome.scores.metrics.confusion));
        workflow::addCurves(outcome.scores.curves, outcome.classNames, output.result);
        output.text += QStringLiteral("\n\n") + confusionText(outcome.scores.metrics.confusion, outcome.classNames) +
                       QLatin1Char('\n') + curvesText(outcome.scores.curves, outcome.classNames);
        return output;
    }

    std::string m_model, m_table, m_background, m_labelSet, m_stride;
    std::string m_labelColumn = "label";
    std::vector<std::string> m_groups;
    std::string m_vote = "soft";
    bool m_events = false;
    bool m_save = false;
    double m_falseAlarms = -1;
    learn::EventSettings m_settings;
    CLI::Option* m_smoothing = nullptr; ///< of the application's, as the next ones
    CLI::Option* m_on = nullptr;
    CLI::Option* m_off = nullptr;
    CLI::Option* m_patience = nullptr;
    CLI::Option* m_deadTime = nullptr;
};

} // namespace

std::unique_ptr<Command> makeEvaluateCommand()
{
    return std::make_unique<EvaluateCommand>();
}

} // namespace ember::cli
