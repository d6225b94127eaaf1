// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command.h"
#include "app/cli/progress_printer.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>

namespace ember::cli {
namespace {

// Signal handlers can reach nothing but a global; it is set once before the handler is.
std::atomic<CancelSource*> g_interrupt{nullptr};

void onInterrupt(int)
{
    CancelSource* source = g_interrupt.load();
    if (source && !source->isCancelled())
        source->cancel();
    else
        std::_Exit(130); // the second Ctrl+C: whoever presses it wants out now
}

void printJson(const QJsonObject& object)
{
    const QByteArray text = QJsonDocument(object).toJson(QJsonDocument::Compact);
    std::fwrite(text.constData(), 1, static_cast<std::size_t>(text.size()), stdout);
    std::fputc('\n', stdout);
    std::fflush(stdout);
}

QJsonObject errorObject(const Error& error)
{
    QJsonObject object{{QStringLiteral("kind"), errorKindName(error.kind)},
                       {QStringLiteral("message"), error.message},
                       {QStringLiteral("hint"), error.hint}};
    if (!error.trail.isEmpty())
        object.insert(QStringLiteral("trail"), QJsonArray::fromStringList(error.trail));
    return object;
}

void printError(const QString& command, const Error& error)
{
    std::fprintf(stderr, "emberlab %s: %s\n", qPrintable(command), qPrintable(error.toString()));
}

int finish(const QString& command, const Result<Output>& outcome, bool json)
{
    const Error* error = nullptr;
    if (!outcome)
        error = &outcome.error();
    else if (outcome->problem)
        error = &*outcome->problem;

    if (json) {
        QJsonObject object{{QStringLiteral("ok"), error == nullptr}, {QStringLiteral("command"), command}};
        if (outcome)
            object.insert(QStringLiteral("result"), outcome->result);
        if (error)
            object.insert(QStringLiteral("error"), errorObject(*error));
        printJson(object);
    } else if (outcome && !outcome->text.isEmpty()) {
        std::printf("%s%s", qPrintable(outcome->text), outcome->text.endsWith(QLatin1Char('\n')) ? "" : "\n");
        std::fflush(stdout);
    }
    if (error && (!json || !outcome))
        printError(command, *error);
    return error ? exitCodeFor(error->kind) : 0;
}

bool asksForJson(int argc, char** argv)
{
    for (int i = 1; i < argc; ++i) {
        if (std::string_view(argv[i]) == "--json")
            return true;
    }
    return false;
}

} // namespace

std::optional<int> runCommandLine(int argc, char** argv)
{
    CLI::App app("Emberlab: record, label, train, generate, flash and verify models for microcontrollers.", "emberlab");
    app.set_version_flag("--version", EMBERLAB_VERSION);
    app.require_subcommand(0, 1);
    app.footer("Without a command, the window opens. 'emberlab COMMAND --help' shows options and an example.\n"
               "Exit codes: 0 ok, 1 failed, 2 bad usage, 3 gate not met, 4 board or port trouble, 5 missing tool.");

    bool json = false;
    bool quiet = false;
    const std::vector<std::unique_ptr<Command>> commands = makeCommands();
    std::vector<std::pair<CLI::App*, Command*>> declared;
    for (const auto& command : commands) {
        CLI::App* sub = app.add_subcommand(command->name().toStdString(), command->summary().toStdString());
        QString example = command->example();
        sub->footer("Example:\n  " + example.replace(QLatin1Char('\n'), QStringLiteral("\n  ")).toStdString());
        sub->add_flag("--json", json, "One JSON object on standard output");
        sub->add_flag("-q,--quiet", quiet, "No progress on standard error");
        command->declare(*sub);
        declared.emplace_back(sub, command.get());
    }

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0)
            return app.exit(error); // --help, --version
        const QString name = app.get_subcommands().empty()
                                 ? QString()
                                 : QString::fromStdString(app.get_subcommands().front()->get_name());
        const QString hint = name.isEmpty() ? QStringLiteral("'emberlab --help' lists the commands.")
                                            : QStringLiteral("'emberlab %1 --help' shows the options.").arg(name);
        return finish(name, Error(ErrorKind::Usage, QString::fromUtf8(error.what()), hint), asksForJson(argc, argv));
    }

    for (const auto& [sub, command] : declared) {
        if (!sub->parsed())
            continue;
        static CancelSource interrupt;
        g_interrupt = &interrupt;
        std::signal(SIGINT, onInterrupt);
        std::signal(SIGTERM, onInterrupt);
        ProgressPrinter printer(quiet);
        Context context;
        context.progress = [&printer](const Progress& progress) { printer.show(progress); };
        context.cancel = interrupt.token();
        context.json = json;
        const Result<Output> outcome = command->run(context);
        printer.finish();
        return finish(command->name(), outcome, json);
    }
    return std::nullopt;
}

} // namespace ember::cli
