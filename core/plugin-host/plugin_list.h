// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/plugin-host/plugin_record.h"

namespace ember::plugin {

/// How to list plugins with their trainers. Each plugin describes itself in a process of its own, so one that crashes
/// or hangs is a refused plugin in the list and nothing else. What it said is cached until its file changes.
struct ListOptions
{
    QStringList folders;                                ///< empty: pluginFolders()
    QString program;                                    ///< the worker; empty: this program
    QStringList arguments = {QStringLiteral("worker")}; ///< put before `--describe-plugin PATH`
    QString cacheFile;                                  ///< empty: plugins.json in the state directory
    int timeoutMs = 30'000;                             ///< for one plugin
};

/// Every plugin found, described. Blocks while processes run (nothing runs when the cache is fresh); any thread.
/// Errors: Cancelled only; everything else is a refused record.
Result<QList<PluginRecord>> listPlugins(const ListOptions& options = {}, const CancelToken& cancel = {});

/// What `worker --describe-plugin PATH` does: loads the plugin and returns the text for standard output, one line of
/// JSON. Never fails: a plugin that cannot be loaded is a record with a reason.
QByteArray describePlugin(const QString& path);

/// The descriptions of every trainer of every loaded plugin, in order of id.
QList<TrainerInfo> allTrainers(const QList<PluginRecord>& plugins);

} // namespace ember::plugin
