// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command.h"
#include "core/learn/worker.h"

#include <QCoreApplication>

#include <cstdio>
#include <string_view>

#ifdef EMBERLAB_WITH_GUI
#include "app/gui_main.h"
#endif

namespace {

bool is(int argc, char** argv, std::string_view word)
{
    return argc > 1 && word == argv[1];
}

// A training is a process of its own; it takes standard output over, so it is told apart before anything is printed.
int runWorker(int argc, char** argv)
{
    const QCoreApplication app(argc, argv);
    return ember::learn::workerMain(QCoreApplication::arguments().mid(2));
}

int runCommand(int argc, char** argv)
{
    const QCoreApplication app(argc, argv);
    if (const std::optional<int> code = ember::cli::runCommandLine(argc, argv))
        return *code;
    std::fputs("emberlab: no command given; 'emberlab --help' lists them.\n", stderr);
    return 2;
}

} // namespace

int main(int argc, char** argv)
{
    QCoreApplication::setApplicationName(QStringLiteral("emberlab"));
    QCoreApplication::setApplicationVersion(QStringLiteral(EMBERLAB_VERSION));
    if (is(argc, argv, "worker"))
        return runWorker(argc, argv);
#ifdef EMBERLAB_WITH_GUI
    if (argc == 1 || is(argc, argv, "gui"))
        return ember::guiMain(argc, argv);
#endif
    return runCommand(argc, argv);
}
