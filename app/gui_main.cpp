// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui_main.h"

#include "app/gui/gui.h"

#include <CLI/CLI.hpp>
#include <string>

namespace ember {
namespace {

struct Options
{
    std::string project, page, theme, board;
    bool demo = false;
};

void declare(CLI::App& app, Options& options)
{
    app.add_option("--project,-p", options.project, "Project to open (default: the one that was open last)");
    app.add_option("--page", options.page, "devices, capture, dataset, features, train, compare or deploy");
    app.add_option("--theme", options.theme, "light, dark or system");
    app.add_option("--board", options.board, "Emulated board to start and connect to");
    app.add_flag("--demo", options.demo, "Open the demo project; it is made when it is not there");
}

} // namespace

int guiMain(int& argc, char** argv)
{
    CLI::App app("Open the workbench.", "emberlab gui");
    app.footer("Example:\n  emberlab gui --project gestures.ember --page train");
    Options options;
    // The word "gui" is only there to tell this from the commands; alone, the program takes Qt's own options.
    declare(app, options);
    const int skipped = argc > 1 ? 1 : 0;
    try {
        app.parse(argc - skipped, argv + skipped);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    gui::GuiOptions wanted;
    wanted.projectPath = QString::fromStdString(options.project);
    wanted.page = QString::fromStdString(options.page);
    wanted.theme = QString::fromStdString(options.theme);
    wanted.boardId = QString::fromStdString(options.board);
    wanted.demo = options.demo;
    return gui::run(argc, argv, wanted);
}

} // namespace ember
