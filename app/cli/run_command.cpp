// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/text_table.h"
#include "core/workflow/recipe.h"

#include <QJsonArray>

#include <CLI/CLI.hpp>

namespace ember::cli {
namespace {

QString reportText(const workflow::RecipeReport& report)
{
    TextTable steps(
        {QStringLiteral("step"), QStringLiteral("state"), QStringLiteral("time"), QStringLiteral("result")});
    for (const workflow::RecipeStep& step : report.steps)
        steps.add({step.name, step.ok ? QStringLiteral("ok") : QStringLiteral("failed"),
                   QStringLiteral("%1 s").arg(step.seconds, 0, 'f', 1), step.message.section(QLatin1Char('\n'), 0, 0)});
    QString text = steps.toString();
    if (report.gates.empty())
        return text;
    TextTable gates(
        {QStringLiteral("gate"), QStringLiteral("limit"), QStringLiteral("value"), QStringLiteral("state")});
    for (const workflow::RecipeGate& gate : report.gates)
        gates.add({gate.name, QString::number(gate.limit, 'g', 6), workflow::gateValueText(gate),
                   gate.passed ? QStringLiteral("met") : QStringLiteral("NOT MET")});
    return text + QLatin1Char('\n') + gates.toString();
}

std::optional<Error> problemOf(const workflow::RecipeReport& report)
{
    if (report.failure)
        return report.failure;
    QStringList missed;
    for (const workflow::RecipeGate& gate : report.gates) {
        if (!gate.passed)
            missed << gate.name;
    }
    if (missed.isEmpty())
        return std::nullopt;
    return Error(ErrorKind::Gate, QStringLiteral("Not met: %1.").arg(missed.join(QStringLiteral(", "))));
}

class RunCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("run"); }
    QString summary() const override { return QStringLiteral("Run a recipe: train, cost, verify, and check gates"); }
    QString example() const override
    {
        return QStringLiteral("emberlab run activity.toml --report build/report\n  emberlab run "
                              "docs/recipes/keyword-cnn.toml --data speech_commands");
    }

    void declare(CLI::App& app) override
    {
        app.add_option("recipe", m_recipe, "The recipe, a TOML file")->required();
        app.add_option("--data", m_data, "Folder that the recipe's data lies in (default: that of the recipe)");
        app.add_option("--report", m_report, "Folder for report.json, report.xml (JUnit) and report.md");
    }

    Result<Output> run(const Context& context) override
    {
        EMBER_TRY(const workflow::Recipe recipe, workflow::readRecipe(qs(m_recipe), qs(m_data)));
        EMBER_TRY(const workflow::RecipeReport report, workflow::runRecipe(recipe, hooksOf(context)));
        Output output;
        output.result = workflow::toJson(report);
        output.text = reportText(report);
        output.problem = problemOf(report);
        if (!m_report.empty()) {
            EMBER_TRY(const QStringList files, workflow::writeReports(report, qs(m_report)));
            output.result.insert(QStringLiteral("reports"), QJsonArray::fromStringList(files));
        }
        return output;
    }

private:
    std::string m_recipe, m_data, m_report;
};

} // namespace

std::unique_ptr<Command> makeRunCommand()
{
    return std::make_unique<RunCommand>();
}

} // namespace ember::cli
