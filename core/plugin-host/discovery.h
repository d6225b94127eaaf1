// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugin-host/plugin_record.h"

namespace ember::plugin {

/// Where plugins are looked for: the program's own folder, then the user's ($XDG_DATA_HOME/emberlab/plugins) and those
/// of $EMBERLAB_PLUGIN_PATH, separated by colons. An earlier folder wins when ids clash.
QStringList pluginFolders();

/// Reads the metadata of every *.so in the folders (not below them), in the order of folder and file name. Loads
/// nothing. A file that is no plugin of ours, has broken metadata, another API number or an id that was already found
/// is in the list as refused, with the reason.
QList<PluginRecord> discoverPlugins(const QStringList& folders);

/// The record of one file.
PluginRecord readPluginRecord(const QString& path);

/// The plugin that promises the trainer. Errors: NotFound naming the trainers there are; Failed with the plugin's
/// reason when the one that promises it was refused.
Result<PluginRecord> findTrainerPlugin(const QList<PluginRecord>& plugins, const QString& trainerId);

} // namespace ember::plugin
