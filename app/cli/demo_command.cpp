// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/cost_text.h"
#include "app/cli/options.h"
#include "core/base/quantity.h"
#include "core/workflow/demo.h"

#include <CLI/CLI.hpp>

namespace ember::cli {
namespace {

QString reportText(const workflow::DemoReport& report)
{
    const learn::ValidationReport& validation = report.training.validation;
    QString text = QStringLiteral("Emberlab demo on %1\n\n").arg(report.board);
    text += QStringLiteral("recorded: %1 samples in %2, %3 lost\n")
                .arg(formatCount(report.recordedSamples), countOf(report.recordings, QStringLiteral("recording")),
                     formatCount(report.lostSamples));
    text += QStringLiteral("windows: %1\n").arg(formatCount(report.training.windows));
    text +=
        QStringLiteral("%1, held out %2: F1 %3 (95 %: %4 to %5), accuracy %6\n\n")
            .arg(report.training.model.properties.value(QStringLiteral("emberlab.trainer")),
                 report.training.testGroups.join(QStringLiteral(" and ")),
                 QString::number(validation.metrics.macroF1, 'f', 3), QString::number(validation.macroF195.low, 'f', 3),
                 QString::number(validation.macroF195.high, 'f', 3),
                 QString::number(validation.metrics.accuracy, 'f', 3));
    text +=
        costTable({footprint::costSourceName(report.estimate.source), footprint::costSourceName(report.profile.source)},
                  {report.estimate, report.profile});
    text += QLatin1Char('\n') + verifySentence(report.verify);
    text += QStringLiteral("\ndone in %1").arg(formatSeconds(report.seconds));
    return text;
}

class DemoCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("demo"); }
    QString summary() const override
    {
        return QStringLiteral("The whole loop on an emulated board: record, label, train, generate, flash, verify");
    }
    QString example() const override
    {
        return QStringLiteral("emberlab demo --board mps2-an386 --seed 1 --out demo-output");
    }

    void declare(CLI::App& app) override
    {
        app.add_option("--board", m_board, "Emulated board")->capture_default_str();
        app.add_option("--trainer", m_trainer, "Trainer id")->capture_default_str();
        app.add_option("--seed", m_seed, "Seed of the training")->capture_default_str();
        app.add_option("--speed", m_speed, "How much faster than real time the recordings are played")
            ->capture_default_str();
        app.add_option("--project", m_project, "Keep the project here (default: a temporary one)");
        app.add_option("--out,-o", m_out, "Leave model and generated sources here");
    }

    Result<Output> run(const Context& context) override
    {
        workflow::DemoRequest request;
        request.board = qs(m_board);
        request.trainer = qs(m_trainer);
        request.seed = m_seed;
        request.speed = m_speed;
        request.project = qs(m_project);
        request.outputDir = qs(m_out);
        EMBER_TRY(const workflow::DemoReport report, workflow::runDemo(request, hooksOf(context)));
        Output output;
        output.result = workflow::toJson(report);
        output.text = reportText(report);
        if (!report.verify.passed())
            output.problem =
                Error(ErrorKind::Failed, QStringLiteral("The board does not compute what the desktop computes."));
        return output;
    }

private:
    std::string m_board = "mps2-an386";
    std::string m_trainer = "trees.random-forest";
    std::string m_project, m_out;
    quint64 m_seed = 1;
    double m_speed = 20;
};

} // namespace

std::unique_ptr<Command> makeDemoCommand()
{
    return std::make_unique<DemoCommand>();
}

} // namespace ember::cli
