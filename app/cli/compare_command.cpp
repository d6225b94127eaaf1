// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/text_table.h"
#include "core/base/quantity.h"
#include "core/workflow/compare_runs.h"
#include "core/workflow/run_costs.h"

#include <QJsonArray>

#include <CLI/CLI.hpp>
#include <cmath>

namespace ember::cli {
namespace {

QString score(double value)
{
    return QString::number(value, 'f', 3);
}

QJsonObject toJson(const workflow::ComparedRun& compared, const workflow::ComparedRun& best)
{
    const dataset::Run& run = compared.run;
    QJsonObject json{{QStringLiteral("run"), run.id.value},
                     {QStringLiteral("name"), run.name},
                     {QStringLiteral("trainer"), run.trainer},
                     {QStringLiteral("parameters"), run.parameters},
                     {QStringLiteral("validation"), run.validation.value(QStringLiteral("method")).toString()},
                     {QStringLiteral("seed"), static_cast<qint64>(run.seed)},
                     {QStringLiteral("model"), run.model.value},
                     {QStringLiteral("best"), compared.isBest},
                     {QStringLiteral("costs"), run.costs}};
    for (auto entry = run.scores.begin(); entry != run.scores.end(); ++entry) {
        if (entry.key() != QStringLiteral("predictions"))
            json.insert(entry.key(), entry.value());
    }
    json.insert(QStringLiteral("p_value"), QJsonValue());
    if (compared.againstBest) {
        const workflow::PairedDifference& difference = *compared.againstBest;
        json.insert(QStringLiteral("p_value"), difference.test.pValue);
        json.insert(QStringLiteral("compared_with"), best.run.id.value);
        json.insert(QStringLiteral("f1_difference"), difference.f1);
        json.insert(QStringLiteral("f1_difference95"),
                    QJsonArray{difference.f1Difference95.low, difference.f1Difference95.high});
        json.insert(QStringLiteral("only_best_right"), difference.test.onlyFirst);
        json.insert(QStringLiteral("only_this_right"), difference.test.onlySecond);
    } else if (!compared.reason.isEmpty()) {
        json.insert(QStringLiteral("p_value_reason"), compared.reason);
    }
    return json;
}

QString costText(const QJsonObject& costs, const QString& board, const QString& field)
{
    const QJsonObject of = costs.value(board).toObject();
    const QString kind =
        of.contains(QStringLiteral("profile")) ? QStringLiteral("profile") : QStringLiteral("estimate");
    const QJsonValue value = of.value(kind).toObject().value(field);
    if (!value.isDouble())
        return QStringLiteral("-");
    const QString sign = kind == QStringLiteral("estimate") ? QStringLiteral("~") : QString();
    return sign + formatCount(static_cast<qint64>(std::llround(value.toDouble())));
}

QString againstBest(const workflow::ComparedRun& compared)
{
    if (compared.isBest)
        return QStringLiteral("best");
    if (!compared.againstBest)
        return compared.reason;
    return QStringLiteral("p = %1").arg(compared.againstBest->test.pValue, 0, 'g', 2);
}

class CompareCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("compare"); }
    QString summary() const override
    {
        return QStringLiteral("Put runs beside each other: scores, costs, significance");
    }
    QString example() const override
    {
        return QStringLiteral("emberlab compare --project gestures.ember --target mps2-an386\n"
                              "  emberlab compare --project gestures.ember 3 7 --json");
    }

    void declare(CLI::App& app) override
    {
        app.add_option("--project,-p", m_project, "The project")->required();
        app.add_option("runs", m_runs, "Numbers of the runs (default: all that finished)");
        app.add_option("--target", m_target, "Board whose costs are shown; runs without any there are estimated");
    }

    Result<Output> run(const Context& context) override
    {
        QStringList skipped;
        if (!m_target.empty()) {
            EMBER_TRY(const workflow::RunEstimates estimates,
                      workflow::estimateRuns(qs(m_project), qs(m_target), hooksOf(context)));
            skipped = estimates.skipped;
        }
        workflow::CompareRequest request;
        request.project = qs(m_project);
        for (const qint64 run : m_runs)
            request.runs.push_back(dataset::RunId{run});
        EMBER_TRY(const std::vector<workflow::ComparedRun> compared, workflow::compareRuns(request, hooksOf(context)));
        Output output;
        QJsonArray runs;
        for (const workflow::ComparedRun& run : compared)
            runs.append(toJson(run, compared.front()));
        output.result = {{QStringLiteral("runs"), runs}};
        if (!skipped.isEmpty())
            output.result.insert(QStringLiteral("not_estimated"), QJsonArray::fromStringList(skipped));
        output.text = text(compared, skipped);
        return output;
    }

private:
    QString text(const std::vector<workflow::ComparedRun>& compared, const QStringList& skipped) const
    {
        if (compared.empty())
            return QStringLiteral("The project has no finished run. 'emberlab train' makes one.\n");
        QStringList header{QStringLiteral("run"),
                           QStringLiteral("trainer"),
                           QStringLiteral("F1"),
                           QStringLiteral("95 %"),
                           QStringLiteral("accuracy"),
                           QStringLiteral("validation"),
                           QStringLiteral("against the best")};
        if (!m_target.empty())
            header << QStringLiteral("flash B") << QStringLiteral("RAM B") << QStringLiteral("instructions");
        TextTable table(header);
        for (const workflow::ComparedRun& run : compared) {
            const QJsonArray bounds = run.run.scores.value(QStringLiteral("interval95")).toArray();
            QStringList row{
                run.run.name,
                run.run.trainer,
                score(run.f1),
                QStringLiteral("%1..%2").arg(score(bounds.at(0).toDouble()), score(bounds.at(1).toDouble())),
                score(run.run.scores.value(QStringLiteral("accuracy")).toDouble()),
                run.run.validation.value(QStringLiteral("method")).toString(),
                againstBest(run)};
            if (!m_target.empty()) {
                for (const char* field : {"flash_bytes", "ram_bytes", "instructions"})
                    row << costText(run.run.costs, qs(m_target), QLatin1String(field));
            }
            table.add(row);
        }
        QString text = table.toString();
        for (const QString& reason : skipped)
            text += QStringLiteral("\nnot estimated: %1").arg(reason);
        return text;
    }

    std::string m_project, m_target;
    std::vector<qint64> m_runs;
};

} // namespace

std::unique_ptr<Command> makeCompareCommand()
{
    return std::make_unique<CompareCommand>();
}

} // namespace ember::cli
