// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace ember::gui {

/// What the command line may ask of the graphical workbench; everything is optional.
struct GuiOptions
{
    QString projectPath; ///< project to open; empty: the one that was open last
    bool demo = false;   ///< open the demo project instead, which is made when it is not there
    QString page;        ///< "devices", "capture", "dataset", "features", "train", "compare", "deploy"
    QString theme;       ///< "light", "dark" or "system"; empty: as last chosen
    QString boardId;     ///< emulated board to start and connect to at once
};

/// Runs the workbench until its window is closed and returns the process's exit code. Makes and owns the QApplication,
/// so the caller must not have one; `argc` and `argv` must outlive the call. When the program's own files are missing,
/// says so on standard error and returns 1.
int run(int& argc, char** argv, const GuiOptions& options);

} // namespace ember::gui
