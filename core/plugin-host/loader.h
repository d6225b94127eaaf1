// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugin-host/plugin_record.h"

#include <memory>

class QPluginLoader;

namespace ember::plugin {

/// A plugin whose code is in this process. Only worker processes make one: from here on a fault of the plugin is a
/// fault of the process. The code stays loaded until the process ends, because nothing can prove that it left no
/// thread or handler behind; the object may go at any time.
class LoadedPlugin
{
public:
    /// Checks the metadata once more, loads, and asks for the trainers. Errors: Failed with the loader's reason or with
    /// what is wrong with the trainers (no id, an id twice, one that the metadata does not promise).
    static Result<LoadedPlugin> load(const QString& path);

    LoadedPlugin(LoadedPlugin&&) noexcept;
    LoadedPlugin& operator=(LoadedPlugin&&) noexcept;
    ~LoadedPlugin();

    /// The record with state Loaded and the trainers' own descriptions.
    const PluginRecord& record() const { return m_record; }

    /// Owned by the plugin. Errors: NotFound.
    Result<Trainer*> trainer(const QString& id) const;

private:
    LoadedPlugin();

    std::unique_ptr<QPluginLoader> m_loader;
    PluginRecord m_record;
    QList<Trainer*> m_trainers;
};

} // namespace ember::plugin
