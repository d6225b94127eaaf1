// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plugin-host/loader.h"

#include "core/plugin-host/discovery.h"
#include "core/plugin-host/trainer_json.h"

#include <QPluginLoader>

#include <exception>

namespace ember::plugin {
namespace {

Error refused(const PluginRecord& record, const QString& reason)
{
    return Error(ErrorKind::Failed, QStringLiteral("The plugin '%1' cannot be used: %2").arg(record.id, reason),
                 QStringLiteral("The file is %1.").arg(record.path));
}

// The descriptions must survive the way through JSON, because that is how other processes learn them.
Result<QList<TrainerInfo>> describe(const QList<Trainer*>& trainers, const PluginRecord& record)
{
    QList<TrainerInfo> infos;
    QStringList seen;
    for (const Trainer* trainer : trainers) {
        if (!trainer)
            return refused(record, QStringLiteral("one of its trainers is null."));
        const Result<TrainerInfo> info = trainerInfoFromJson(toJson(trainer->info()));
        if (!info)
            return refused(record, info.error().message);
        if (seen.contains(info->id))
            return refused(record, QStringLiteral("it has the trainer '%1' twice.").arg(info->id));
        if (!record.trainerIds.contains(info->id))
            return refused(record, QStringLiteral("its metadata does not name its trainer '%1'.").arg(info->id));
        seen << info->id;
        infos << *info;
    }
    for (const QString& promised : record.trainerIds) {
        if (!seen.contains(promised))
            return refused(
                record,
                QStringLiteral("its metadata promises the trainer '%1', which it does not have.").arg(promised));
    }
    return infos;
}

} // namespace

LoadedPlugin::LoadedPlugin() = default;
LoadedPlugin::LoadedPlugin(LoadedPlugin&&) noexcept = default;
LoadedPlugin& LoadedPlugin::operator=(LoadedPlugin&&) noexcept = default;
LoadedPlugin::~LoadedPlugin() = default;

Result<LoadedPlugin> LoadedPlugin::load(const QString& path)
{
    LoadedPlugin plugin;
    plugin.m_record = readPluginRecord(path);
    if (plugin.m_record.state == PluginState::Refused)
        return refused(plugin.m_record, plugin.m_record.reason);
    try {
        plugin.m_loader = std::make_unique<QPluginLoader>(plugin.m_record.path);
        auto* root = qobject_cast<TrainerPlugin*>(plugin.m_loader->instance());
        if (!root)
            return refused(plugin.m_record, plugin.m_loader->isLoaded() ? QStringLiteral("it has no trainers inside.")
                                                                        : plugin.m_loader->errorString());
        plugin.m_trainers = root->trainers();
        EMBER_TRY(plugin.m_record.trainers, describe(plugin.m_trainers, plugin.m_record));
    } catch (const std::exception& e) {
        return refused(plugin.m_record,
                       QStringLiteral("it threw \"%1\" while being loaded.").arg(QString::fromUtf8(e.what())));
    } catch (...) {
        return refused(plugin.m_record, QStringLiteral("it threw something while being loaded."));
    }
    plugin.m_record.state = PluginState::Loaded;
    return plugin;
}

Result<Trainer*> LoadedPlugin::trainer(const QString& id) const
{
    for (qsizetype i = 0; i < m_trainers.size(); ++i) {
        if (m_record.trainers[i].id == id)
            return m_trainers[i];
    }
    return Error(ErrorKind::NotFound, QStringLiteral("The plugin '%1' has no trainer '%2'.").arg(m_record.id, id));
}

} // namespace ember::plugin
