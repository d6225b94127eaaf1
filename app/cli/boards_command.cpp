// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/text_table.h"
#include "core/base/quantity.h"
#include "core/device/board.h"

#include <QJsonArray>

namespace ember::cli {
namespace {

class BoardsCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("boards"); }
    QString summary() const override { return QStringLiteral("List the boards that can be a target"); }
    QString example() const override { return QStringLiteral("emberlab boards"); }
    void declare(CLI::App&) override {}

    Result<Output> run(const Context&) override
    {
        EMBER_TRY(const device::BoardRegistry registry, device::loadBoardRegistry());
        TextTable table({QStringLiteral("id"), QStringLiteral("name"), QStringLiteral("cpu"), QStringLiteral("clock"),
                         QStringLiteral("flash"), QStringLiteral("RAM"), QStringLiteral("flashed by"),
                         QStringLiteral("available")});
        QJsonArray boards;
        for (const device::Board& board : registry.boards) {
            const QString missing = device::missingTool(board);
            const bool available = board.isEmulated() && missing.isEmpty();
            boards.append(QJsonObject{{QStringLiteral("id"), board.id},
                                      {QStringLiteral("name"), board.name},
                                      {QStringLiteral("cpu"), board.cpu},
                                      {QStringLiteral("clock_hz"), board.clockHz},
                                      {QStringLiteral("flash_bytes"), board.flashBytes},
                                      {QStringLiteral("ram_bytes"), board.ramBytes},
                                      {QStringLiteral("fpu"), board.fpu},
                                      {QStringLiteral("emulated"), board.isEmulated()},
                                      {QStringLiteral("available"), available},
                                      {QStringLiteral("flashed_by"), board.upload.method},
                                      {QStringLiteral("missing_tool"), missing}});
            const QString state = !board.isEmulated() ? QStringLiteral("when connected")
                                  : missing.isEmpty() ? QStringLiteral("emulated")
                                                      : QStringLiteral("install %1").arg(missing);
            table.add({board.id, board.name, board.cpu,
                       QStringLiteral("%1 MHz").arg(static_cast<double>(board.clockHz) / 1e6),
                       formatBytes(board.flashBytes), formatBytes(board.ramBytes), board.upload.method, state});
        }
        Output output;
        output.result.insert(QStringLiteral("boards"), boards);
        output.text = table.toString();
        QJsonArray problems;
        for (const Error& problem : registry.problems) {
            problems.append(problem.message);
            output.text += QStringLiteral("not used: %1\n").arg(problem.toString());
        }
        if (!problems.isEmpty())
            output.result.insert(QStringLiteral("problems"), problems);
        return output;
    }
};

} // namespace

std::unique_ptr<Command> makeBoardsCommand()
{
    return std::make_unique<BoardsCommand>();
}

} // namespace ember::cli
