// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plugin-host/discovery.h"

#include "core/base/resources.h"

#include <QDir>
#include <QFileInfo>
#include <QHash>
#include <QJsonArray>
#include <QJsonObject>
#include <QPluginLoader>
#include <QRegularExpression>
#include <QStandardPaths>

namespace ember::plugin {
namespace {

void refuse(PluginRecord& record, const QString& reason)
{
    record.state = PluginState::Refused;
    record.reason = reason;
}

bool isId(const QString& text, int minimumParts)
{
    static const QRegularExpression pattern(QStringLiteral("^[a-z0-9-]+(\\.[a-z0-9-]+)*$"));
    return text.size() <= 100 && pattern.match(text).hasMatch() && text.count(QLatin1Char('.')) + 1 >= minimumParts;
}

QStringList textList(const QJsonValue& value)
{
    QStringList texts;
    for (const QJsonValue& entry : value.toArray())
        texts << entry.toString();
    return texts;
}

// What is wrong with the metadata, or nothing. The API number comes first: other numbers may mean other fields.
QString faultOf(const QJsonObject& meta, const PluginRecord& record)
{
    if (!meta.value(QLatin1String("api")).isDouble())
        return QStringLiteral("Its metadata has no API number (\"api\").");
    if (record.apiNumber != kApiNumber)
        return QStringLiteral("It was built for plugin API %1, this program has plugin API %2. Build it again with the "
                              "headers of this version, or install a version that matches.")
            .arg(record.apiNumber)
            .arg(kApiNumber);
    if (!isId(record.id, 1))
        return QStringLiteral("Its metadata has no usable \"id\": lower-case letters, digits and dashes are allowed.");
    if (record.version.isEmpty())
        return QStringLiteral("Its metadata has no \"version\".");
    if (!record.kinds.contains(QLatin1String("trainer")))
        return QStringLiteral("Its metadata names no kind that this program knows (\"kinds\": [\"trainer\"]).");
    if (record.trainerIds.isEmpty())
        return QStringLiteral("Its metadata names no \"trainers\".");
    for (const QString& id : record.trainerIds) {
        if (!isId(id, 2))
            return QStringLiteral("Its metadata names the trainer '%1'; ids look like \"family.name\".")
                .arg(id.left(100));
    }
    return {};
}

// Refuses ids that an earlier plugin has, because nobody could say which one a run used.
void refuseDuplicates(QList<PluginRecord>& records)
{
    QHash<QString, QString> pluginIds;
    QHash<QString, QString> trainerIds;
    for (PluginRecord& record : records) {
        if (record.state == PluginState::Refused)
            continue;
        if (pluginIds.contains(record.id)) {
            refuse(record,
                   QStringLiteral("The id '%1' already belongs to %2.").arg(record.id, pluginIds.value(record.id)));
            continue;
        }
        for (const QString& trainer : std::as_const(record.trainerIds)) {
            if (trainerIds.contains(trainer))
                refuse(
                    record,
                    QStringLiteral("The trainer '%1' already comes from %2.").arg(trainer, trainerIds.value(trainer)));
        }
        if (record.state == PluginState::Refused)
            continue;
        pluginIds.insert(record.id, record.path);
        for (const QString& trainer : std::as_const(record.trainerIds))
            trainerIds.insert(trainer, record.path);
    }
}

} // namespace

QString pluginStateName(PluginState state)
{
    switch (state) {
    case PluginState::Found:
        return QStringLiteral("found");
    case PluginState::Loaded:
        return QStringLiteral("loaded");
    case PluginState::Refused:
        return QStringLiteral("refused");
    }
    return {};
}

QStringList pluginFolders()
{
    QStringList folders{pluginDirectory()};
    const QString data = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation);
    if (!data.isEmpty())
        folders << data + QStringLiteral("/emberlab/plugins");
    folders << qEnvironmentVariable("EMBERLAB_PLUGIN_PATH").split(QLatin1Char(':'), Qt::SkipEmptyParts);
    folders.removeDuplicates();
    return folders;
}

PluginRecord readPluginRecord(const QString& path)
{
    PluginRecord record;
    record.path = QFileInfo(path).absoluteFilePath();
    record.id = QFileInfo(path).completeBaseName();
    QPluginLoader loader;
    loader.setFileName(record.path); // reads the metadata section of the file, and runs nothing
    const QJsonObject all = loader.metaData();
    if (all.isEmpty()) {
        const QString why = loader.errorString();
        refuse(record,
               QStringLiteral("It is not a plugin: %1").arg(why.isEmpty() ? QStringLiteral("no metadata.") : why));
        return record;
    }
    if (all.value(QLatin1String("IID")).toString() != QLatin1String(EmberTrainerPlugin_iid)) {
        refuse(record, QStringLiteral("It is a Qt plugin, but for something else (%1).")
                           .arg(all.value(QLatin1String("IID")).toString()));
        return record;
    }
    const QJsonObject meta = all.value(QLatin1String("MetaData")).toObject();
    record.apiNumber = meta.value(QLatin1String("api")).toInt();
    const QString id = meta.value(QLatin1String("id")).toString();
    record.name = meta.value(QLatin1String("name")).toString(id);
    record.version = meta.value(QLatin1String("version")).toString();
    record.kinds = textList(meta.value(QLatin1String("kinds")));
    record.trainerIds = textList(meta.value(QLatin1String("trainers")));
    const QString fallbackId = std::exchange(record.id, id);
    if (const QString fault = faultOf(meta, record); !fault.isEmpty())
        refuse(record, fault);
    if (record.id.isEmpty())
        record.id = fallbackId;
    return record;
}

QList<PluginRecord> discoverPlugins(const QStringList& folders)
{
    QList<PluginRecord> records;
    for (const QString& folder : folders) {
        const QStringList files = QDir(folder).entryList({QStringLiteral("*.so")}, QDir::Files, QDir::Name);
        for (const QString& file : files)
            records << readPluginRecord(QDir(folder).filePath(file));
    }
    refuseDuplicates(records);
    return records;
}

Result<PluginRecord> findTrainerPlugin(const QList<PluginRecord>& plugins, const QString& trainerId)
{
    QStringList known;
    const PluginRecord* refused = nullptr;
    for (const PluginRecord& plugin : plugins) {
        if (plugin.state == PluginState::Refused) {
            if (plugin.trainerIds.contains(trainerId) && !refused)
                refused = &plugin;
            continue;
        }
        if (plugin.trainerIds.contains(trainerId))
            return plugin;
        known << plugin.trainerIds;
    }
    if (refused)
        return Error(ErrorKind::Failed,
                     QStringLiteral("The plugin of '%1' was refused: %2").arg(trainerId, refused->reason),
                     QStringLiteral("It is %1; `emberlab plugins` lists all.").arg(refused->path));
    known.sort();
    return Error(
        ErrorKind::Usage, QStringLiteral("There is no trainer '%1'.").arg(trainerId),
        known.isEmpty()
            ? QStringLiteral("No plugin was found; looked in %1.").arg(pluginFolders().join(QStringLiteral(", ")))
            : QStringLiteral("There are: %1.").arg(known.join(QStringLiteral(", "))));
}

} // namespace ember::plugin
