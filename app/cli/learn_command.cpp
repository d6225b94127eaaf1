// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/text_table.h"
#include "core/base/quantity.h"
#include "core/workflow/teaching.h"

#include <CLI/CLI.hpp>

namespace ember::cli {
namespace {

QString percent(const workflow::Right& right)
{
    return right.rows == 0 ? QStringLiteral("-") : QStringLiteral("%1 %").arg(100 * right.share(), 0, 'f', 1);
}

QString classTable(const workflow::TeachingReport& report, const QStringList& names)
{
    TextTable table({QStringLiteral("old rows of"), QStringLiteral("rows"), QStringLiteral("before"),
                     QStringLiteral("after"), QStringLiteral("certain")});
    for (std::size_t c = 0; c < report.oldClasses.size(); ++c) {
        const workflow::BeforeAndAfter& of = report.oldClasses[c];
        table.add({names.value(static_cast<qsizetype>(c)), QString::number(of.before.rows), percent(of.before),
                   percent(of.after), percent(report.certain[c])});
    }
    return table.toString();
}

QString deskText(const workflow::TeachingReport& report, const QStringList& names)
{
    QString text = QStringLiteral("new rows: %1 right before, %2 after\n")
                       .arg(percent(report.fresh.before), percent(report.fresh.after));
    if (report.old.before.rows > 0) {
        text += QStringLiteral("old rows: %1 right before, %2 after; %3 stay right whatever is taught\n\n%4\n")
                    .arg(percent(report.old.before), percent(report.old.after), percent(report.certainRows()),
                         classTable(report, names));
        text += report.worstLoss() > 0 ? QStringLiteral("worst loss: %1 points, of %2\n")
                                             .arg(100 * report.worstLoss(), 0, 'f', 1)
                                             .arg(names.value(report.worstClass()))
                                       : QStringLiteral("no class lost anything\n");
    }
    return text +
           QStringLiteral("bound: %1\nwhat is learned: %2 of RAM").arg(report.bound, formatBytes(report.stateBytes));
}

QString boardText(const workflow::BoardTeaching& board)
{
    QString text = QStringLiteral("\n\non the board: %1 lessons, new rows %2 right before, %3 after; ")
                       .arg(board.lessons)
                       .arg(percent(board.fresh.before), percent(board.fresh.after));
    text += board.mismatched == 0 && board.otherOutcomes == 0
                ? QStringLiteral("all %1 answers are the desktop's, bit for bit").arg(board.rows)
                : QStringLiteral("%1 of %2 answers and %3 lessons differ from the desktop")
                      .arg(board.mismatched)
                      .arg(board.rows)
                      .arg(board.otherOutcomes);
    if (board.canKeep && !board.restarted)
        return text + (board.generation > 0 ? QStringLiteral("\nkept over a restart")
                                            : QStringLiteral("\nkept over a restart: not yet, --keep does it"));
    if (!board.canKeep)
        return text + QStringLiteral("\nkept over a restart: no, the board has no place for it that the agent can use");
    return text +
           (board.restored && board.mismatchedAfterRestart == 0
                ? QStringLiteral("\nkept over a restart: yes, and every answer was the same")
                : QStringLiteral("\nkept over a restart: NO, %1 answers differ").arg(board.mismatchedAfterRestart));
}

QString memoryText(const workflow::BoardMemory& memory)
{
    QString text = QStringLiteral("%1, model '%2': %3 taught rows").arg(memory.board, memory.model).arg(memory.rows);
    if (!memory.canKeep)
        return text + QStringLiteral("; a restart forgets them, the board has no place to keep them");
    if (memory.kept)
        return text + QStringLiteral("; after a restart it is the same");
    return text + QStringLiteral("; a restart brings back what was kept before: --keep keeps this");
}

class LearnCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("learn"); }
    QString summary() const override
    {
        return QStringLiteral("Teach a model new rows on the desktop and on a board, and say what it forgets");
    }
    QString example() const override
    {
        return QStringLiteral(
            "emberlab learn model.onnx --target mps2-an386 --feature-type int8 --new user.csv --old "
            "test.csv\n"
            "  emberlab learn whole.onnx --target arduino-uno --project gestures.ember --new-groups ann "
            "--max-loss 0.05\n"
            "  emberlab learn whole.onnx --target arduino-uno --port /dev/ttyACM0 --new user.csv --keep\n"
            "  emberlab learn --port /dev/ttyACM0 --forget --keep");
    }
    void declare(CLI::App& app) override
    {
        m_options.declare(app);
        for (const char* option : {"--model", "--target"})
            app.get_option(option)->required(false); // a connected board needs neither
        m_options.declareLearning(app, true);
        auto* fresh = app.add_option("--new", m_new,
                                     "CSV table of what is to be learned: every second row of a class is "
                                     "taught, the others test it");
        app.add_option("--old", m_old, "CSV table of what the model knows and was not trained on")->needs(fresh);
        app.add_option("--label-column", m_labelColumn, "Column that holds the label")->capture_default_str();
        auto* groups = app.add_option("--new-groups", m_newGroups,
                                      "Groups of the model's project whose windows are new: the half of each class "
                                      "that was recorded first is taught, the rest tests it but for windows that "
                                      "share rows with what is taught")
                           ->delimiter(',')
                           ->excludes(fresh);
        app.add_option("--old-groups", m_oldGroups,
                       "Groups that the model knows (default: all others, also those that it was trained "
                       "on, which it knows better than any)")
            ->delimiter(',')
            ->needs(groups);
        app.add_option("--project", m_project, "Project whose recordings these groups are of (default: the model's)")
            ->needs(groups);
        app.add_option("--label-set", m_labelSet, "Label set of the project's segments")->needs(groups);
        app.add_option("--max-loss", m_maxLoss, "Fail with 3 when a class loses a larger share of its old rows: 0.05")
            ->check(CLI::Range(0.0, 1.0));
        app.add_flag("--desk-only", m_deskOnly, "Do not run the board");
        auto* port =
            app.add_option("--port", m_port,
                           "Port of a connected board: says what it has learned; with a model, --target and new "
                           "rows it is taught them, after it has forgotten what it knew");
        app.add_option("--baud", m_baud, "With --port: serial speed")->capture_default_str()->needs(port);
        app.add_flag("--forget", m_change.forget, "With --port: the board forgets what it learned, until it restarts")
            ->needs(port)
            ->excludes(fresh)
            ->excludes(groups);
        app.add_flag("--keep", m_change.keep, "With --port: what the board knows now is there after a restart")
            ->needs(port);
    }

    Result<Output> run(const Context& context) override
    {
        if (!m_port.empty() && m_new.empty() && m_newGroups.empty())
            return runPort(context);
        if (m_options.model.empty() || m_options.target.empty())
            return Error(ErrorKind::Usage, QStringLiteral("Nothing says which model is to learn, and for which board."),
                         QStringLiteral("Name the model and --target, or a connected board with --port."));
        if (m_new.empty() && m_newGroups.empty())
            return Error(ErrorKind::Usage, QStringLiteral("There is nothing to learn."),
                         QStringLiteral("Give a table with --new, or groups of the project with --new-groups."));
        EMBER_TRY(const codegen::Options wanted, m_options.codegenOptions());
        EMBER_TRY(const workflow::Deployment deployment,
                  workflow::prepareDeployment(qs(m_options.model), qs(m_options.target), wanted));
        EMBER_TRY(const workflow::TeachingRows rows, readRows(deployment, context));
        if (m_maxLoss && rows.old.size() == 0)
            return Error(ErrorKind::Usage, QStringLiteral("There are no old rows to measure a loss on."),
                         QStringLiteral("Give a table with --old, or groups with --old-groups, with --max-loss."));
        EMBER_TRY(const workflow::TeachingReport desk, workflow::teachOnDesk(deployment, rows, hooksOf(context)));
        const QStringList& names = deployment.program.model().classNames;
        Output output;
        output.result = workflow::toJson(desk, names);
        output.result.insert(QStringLiteral("inputs"), rows.description);
        output.text = deskText(desk, names);
        output.result.insert(QStringLiteral("board"), QJsonValue(QJsonValue::Null));
        if (!m_deskOnly) {
            EMBER_TRY(const workflow::BoardTeaching board, teach(deployment, rows, context));
            output.result.insert(QStringLiteral("board"), workflow::toJson(board));
            output.text += boardText(board);
            output.problem = problemOf(board);
        }
        if (!output.problem && m_maxLoss && desk.worstLoss() > *m_maxLoss)
            output.problem =
                Error(ErrorKind::Gate, QStringLiteral("The class '%1' loses %2 of its old rows; %3 is allowed.")
                                           .arg(names.value(desk.worstClass()))
                                           .arg(desk.worstLoss())
                                           .arg(*m_maxLoss));
        return output;
    }

private:
    Result<Output> runPort(const Context& context) const
    {
        EMBER_TRY(const workflow::BoardMemory memory,
                  workflow::changeBoardMemory(connected(), m_change, hooksOf(context)));
        Output output;
        output.result = workflow::toJson(memory);
        output.text = memoryText(memory);
        return output;
    }

    workflow::ConnectedBoard connected() const
    {
        workflow::ConnectedBoard board{qs(m_port)};
        board.transport.baud = m_baud;
        return board;
    }

    Result<workflow::BoardTeaching> teach(const workflow::Deployment& deployment, const workflow::TeachingRows& rows,
                                          const Context& context) const
    {
        if (m_port.empty())
            return workflow::teachOnBoard(deployment, rows, hooksOf(context));
        EMBER_TRY(workflow::BoardTeaching taught,
                  workflow::teachConnected(connected(), deployment, rows, hooksOf(context)));
        if (m_change.keep) {
            EMBER_TRY(const workflow::BoardMemory memory,
                      workflow::changeBoardMemory(connected(), m_change, hooksOf(context)));
            taught.generation = memory.generation;
        }
        return taught;
    }

    Result<workflow::TeachingRows> readRows(const workflow::Deployment& deployment, const Context& context) const
    {
        const auto list = [](const std::vector<std::string>& names) {
            QStringList result;
            for (const std::string& name : names)
                result << qs(name);
            return result;
        };
        if (!m_new.empty())
            return workflow::readTeachingTables(deployment, qs(m_new), qs(m_old), qs(m_labelColumn));
        return workflow::readTeachingGroups(deployment, qs(m_project), list(m_newGroups), list(m_oldGroups),
                                            qs(m_labelSet), hooksOf(context));
    }

    static std::optional<Error> problemOf(const workflow::BoardTeaching& board)
    {
        if (board.mismatched > 0 || board.otherOutcomes > 0)
            return Error(ErrorKind::Failed, QStringLiteral("The board learned otherwise than the desktop."));
        if (board.restarted && (!board.restored || board.mismatchedAfterRestart > 0))
            return Error(ErrorKind::Failed, QStringLiteral("The board did not keep what it learned over a restart."));
        return {};
    }

    DeployOptions m_options;
    std::string m_new, m_old, m_project, m_labelSet, m_port;
    workflow::MemoryChange m_change;
    std::string m_labelColumn = "label";
    std::vector<std::string> m_newGroups, m_oldGroups;
    std::optional<double> m_maxLoss;
    int m_baud = device::TransportOptions().baud;
    bool m_deskOnly = false;
};

} // namespace

std::unique_ptr<Command> makeLearnCommand()
{
    return std::make_unique<LearnCommand>();
}

} // namespace ember::cli
