// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plugin-host/plugin_list.h"

#include "core/base/process.h"
#include "core/base/resources.h"
#include "core/plugin-host/discovery.h"
#include "core/plugin-host/loader.h"
#include "core/plugin-host/trainer_json.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>

#include <algorithm>

namespace ember::plugin {
namespace {

// Raised when the lines below change what they mean; an older cache is then ignored.
constexpr int kCacheFormat = 1;
constexpr qint64 kMaxDescriptionBytes = 1024 * 1024;

// Takes what a plugin's process said into the record.
void applyDescription(const QJsonObject& said, PluginRecord& record)
{
    record.state = PluginState::Refused;
    if (said.value(QLatin1String("state")).toString() != pluginStateName(PluginState::Loaded)) {
        record.reason = said.value(QLatin1String("reason")).toString();
        return;
    }
    QList<TrainerInfo> trainers;
    for (const QJsonValue& value : said.value(QLatin1String("trainers")).toArray()) {
        const Result<TrainerInfo> info = trainerInfoFromJson(value.toObject());
        if (!info) {
            record.reason = info.error().message;
            return;
        }
        trainers << *info;
    }
    record.trainers = trainers;
    record.state = PluginState::Loaded;
}

// The cache remembers what a file said of itself, as long as the file stays the same.
class Cache
{
public:
    explicit Cache(QString path)
        : m_path(std::move(path))
    {
        QFile file(m_path);
        if (!file.open(QIODevice::ReadOnly))
            return;
        const QJsonObject root = QJsonDocument::fromJson(file.readAll()).object();
        if (root.value(QLatin1String("format")).toInt() == kCacheFormat &&
            root.value(QLatin1String("api")).toInt() == kApiNumber)
            m_entries = root.value(QLatin1String("plugins")).toObject();
    }

    QJsonObject find(const QString& pluginPath) const
    {
        const QJsonObject entry = m_entries.value(pluginPath).toObject();
        return entry.value(QLatin1String("stamp")).toString() == stampOf(pluginPath)
                   ? entry.value(QLatin1String("said")).toObject()
                   : QJsonObject();
    }

    void insert(const QString& pluginPath, const QJsonObject& said)
    {
        m_entries.insert(pluginPath,
                         QJsonObject{{QStringLiteral("stamp"), stampOf(pluginPath)}, {QStringLiteral("said"), said}});
        m_changed = true;
    }

    // A cache that cannot be written costs time at the next listing, nothing else.
    void save() const
    {
        if (!m_changed)
            return;
        QDir().mkpath(QFileInfo(m_path).absolutePath());
        QSaveFile file(m_path);
        const QJsonObject root{{QStringLiteral("format"), kCacheFormat},
                               {QStringLiteral("api"), kApiNumber},
                               {QStringLiteral("plugins"), m_entries}};
        if (file.open(QIODevice::WriteOnly)) {
            file.write(QJsonDocument(root).toJson());
            file.commit();
        }
    }

private:
    static QString stampOf(const QString& path)
    {
        const QFileInfo info(path);
        return QStringLiteral("%1-%2").arg(info.size()).arg(info.lastModified().toMSecsSinceEpoch());
    }

    QString m_path;
    QJsonObject m_entries;
    bool m_changed = false;
};

QString cachePath(const ListOptions& options)
{
    if (!options.cacheFile.isEmpty())
        return options.cacheFile;
    const Result<QString> folder = stateDirectory();
    return folder ? *folder + QStringLiteral("/plugins.json") : QString();
}

// Runs the plugin's own process and returns what it said. What it did not get to say (crash, time-out) is not cached.
Result<QJsonObject> ask(const PluginRecord& record, const ListOptions& options, const CancelToken& cancel)
{
    ProcessRequest request;
    request.program = options.program.isEmpty() ? QCoreApplication::applicationFilePath() : options.program;
    request.arguments = options.arguments + QStringList{QStringLiteral("--describe-plugin"), record.path};
    request.timeoutMs = options.timeoutMs;
    request.maxOutputBytes = kMaxDescriptionBytes;
    EMBER_TRY(const ProcessOutcome outcome, runProcess(request, cancel));
    const QJsonDocument said = QJsonDocument::fromJson(outcome.standardOutput.trimmed());
    if (outcome.exitCode != 0 || !said.isObject())
        return Error(
            ErrorKind::Failed,
            QStringLiteral("Its process ended with exit code %1 and without a description.").arg(outcome.exitCode));
    return said.object();
}

} // namespace

Result<QList<PluginRecord>> listPlugins(const ListOptions& options, const CancelToken& cancel)
{
    QList<PluginRecord> records = discoverPlugins(options.folders.isEmpty() ? pluginFolders() : options.folders);
    Cache cache(cachePath(options));
    for (PluginRecord& record : records) {
        if (record.state == PluginState::Refused)
            continue;
        QJsonObject said = cache.find(record.path);
        if (said.isEmpty()) {
            const Result<QJsonObject> fresh = ask(record, options, cancel);
            if (!fresh && fresh.error().kind == ErrorKind::Cancelled)
                return fresh.error();
            if (!fresh) {
                record.state = PluginState::Refused;
                record.reason = QStringLiteral("It could not describe itself: %1").arg(fresh.error().message);
                continue;
            }
            said = *fresh;
            cache.insert(record.path, said);
        }
        applyDescription(said, record);
    }
    cache.save();
    return records;
}

QByteArray describePlugin(const QString& path)
{
    const Result<LoadedPlugin> plugin = LoadedPlugin::load(path);
    QJsonObject said;
    if (!plugin) {
        said = {{QStringLiteral("state"), pluginStateName(PluginState::Refused)},
                {QStringLiteral("reason"), plugin.error().message}};
    } else {
        QJsonArray trainers;
        for (const TrainerInfo& info : plugin->record().trainers)
            trainers << toJson(info);
        said = {{QStringLiteral("state"), pluginStateName(PluginState::Loaded)},
                {QStringLiteral("trainers"), trainers}};
    }
    return QJsonDocument(said).toJson(QJsonDocument::Compact) + '\n';
}

QList<TrainerInfo> allTrainers(const QList<PluginRecord>& plugins)
{
    QList<TrainerInfo> all;
    for (const PluginRecord& plugin : plugins) {
        if (plugin.state == PluginState::Loaded)
            all << plugin.trainers;
    }
    std::sort(all.begin(), all.end(), [](const TrainerInfo& a, const TrainerInfo& b) { return a.id < b.id; });
    return all;
}

} // namespace ember::plugin
