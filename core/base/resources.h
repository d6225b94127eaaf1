// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QString>

namespace ember {

/// Absolute path of something that ships with the program ("boards", "device-agent/runtime/forest.hpp").
/// Looked for in $EMBERLAB_RESOURCES, then in ../share/emberlab beside the executable, which holds in the build tree
/// and after installation. Error NotFound names every place tried.
Result<QString> resourcePath(const QString& relative);

/// The folder that holds the program's own plugins; $EMBERLAB_PLUGINS overrides it.
QString pluginDirectory();

/// Where state that is worth keeping between runs lives (emulated boards' flash, build cache); created when missing.
/// $EMBERLAB_STATE overrides it. Errors: Io.
Result<QString> stateDirectory(const QString& relative = {});

} // namespace ember
