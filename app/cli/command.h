// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"

#include <QJsonObject>
#include <QString>

#include <memory>
#include <optional>
#include <vector>

namespace CLI {
class App;
}

namespace ember::cli {

/// What a command hands back: fields for --json, text for people. `problem` is set when there is a result but not the
/// one that was wanted (a gate not met, a recording that ended early, a verification that found differences): both are
/// printed and the problem decides the exit code.
struct Output
{
    QJsonObject result;
    QString text;
    std::optional<Error> problem;
};

/// What a command gets while it runs.
struct Context
{
    ProgressSink progress;
    CancelToken cancel; ///< Ctrl+C
    bool json = false;
};

/// One subcommand. Lives as long as the program; its members are the values that its options fill.
class Command
{
public:
    virtual ~Command() = default;

    virtual QString name() const = 0;
    virtual QString summary() const = 0;
    /// A command line that works as it stands, shown by --help.
    virtual QString example() const = 0;
    virtual void declare(CLI::App& app) = 0;
    virtual Result<Output> run(const Context& context) = 0;
};

/// Every subcommand, in the order of the work. A new command is one file and one line in commands.cpp.
std::vector<std::unique_ptr<Command>> makeCommands();

/// Parses and runs; returns the exit code. The caller has made a QCoreApplication. `std::nullopt`: no command was given
/// and nothing was wrong, so the caller may open the window.
std::optional<int> runCommandLine(int argc, char** argv);

} // namespace ember::cli
