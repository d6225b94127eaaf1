// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/gui.h"

#include "app/gui/devices/device_session.h"
#include "app/gui/shell/action_registry.h"
#include "app/gui/shell/job_queue.h"
#include "app/gui/shell/main_window.h"
#include "app/gui/shell/project_session.h"
#include "app/gui/shell/ui_settings.h"
#include "app/gui/theme/theme_hub.h"
#include "core/workflow/demo.h"

#include <QApplication>
#include <QFileInfo>

#include <cstdio>

namespace ember::gui {
namespace {

QString projectToOpen(const GuiOptions& options, const UiSettings& settings)
{
    if (!options.projectPath.isEmpty())
        return options.projectPath;
    const QString last = settings.get(settings::kLastProject);
    return QFileInfo::exists(last) ? last : QString();
}

// Qt ends the program with a text about its plugins.
bool hasDisplay()
{
    for (const char* name : {"QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY"}) {
        if (!qEnvironmentVariableIsEmpty(name))
            return true;
    }
    return false;
}

} // namespace

int run(int& argc, char** argv, const GuiOptions& options)
{
    if (!hasDisplay()) {
        std::fprintf(stderr,
                     "emberlab gui: There is no display to open the window on.\n"
                     "Start it in a graphical session (or give DISPLAY); every job can also be done by a command: "
                     "emberlab --help\n");
        return exitCodeFor(ErrorKind::Failed);
    }
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("emberlab"));
    QApplication::setApplicationDisplayName(QStringLiteral("Emberlab"));

    UiSettings settings;
    const QString themeName = options.theme.isEmpty() ? settings.get(settings::kTheme) : options.theme;
    const auto theme = ThemeHub::create(application, ThemeHub::modeFromName(themeName));
    if (!theme) {
        // No window can say it.
        std::fprintf(stderr, "%s\n", qPrintable(theme.error().toString()));
        return 1;
    }

    QString path = projectToOpen(options, settings);
    if (options.demo) {
        const Result<QString> made = workflow::demoProject();
        if (!made) {
            std::fprintf(stderr, "emberlab gui: %s\n", qPrintable(made.error().toString()));
            return exitCodeFor(made.error().kind);
        }
        path = *made;
    }

    // Destroyed from the last to the first: views, then what runs in the background, then what it works on.
    ActionRegistry actions;
    ProjectSession project;
    JobQueue jobs;
    DeviceSession devices(jobs);
    MainWindow window(**theme, settings, jobs, actions, project, devices);
    if (!path.isEmpty())
        window.openProject(path);
    if (!options.page.isEmpty())
        window.showPage(options.page);
    if (!options.boardId.isEmpty())
        window.startBoard(options.boardId);
    window.show();
    return QApplication::exec();
}

} // namespace ember::gui
