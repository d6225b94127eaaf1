// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/text_table.h"
#include "core/plugin-host/plugin_list.h"
#include "core/plugin-host/trainer_json.h"

#include <QJsonArray>

namespace ember::cli {
namespace {

class PluginsCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("plugins"); }
    QString summary() const override { return QStringLiteral("List the plugins and the trainers they bring"); }
    QString example() const override { return QStringLiteral("emberlab plugins"); }
    void declare(CLI::App&) override {}

    Result<Output> run(const Context& context) override
    {
        EMBER_TRY(const QList<plugin::PluginRecord> records, plugin::listPlugins({}, context.cancel));
        QJsonArray plugins;
        TextTable pluginTable(
            {QStringLiteral("plugin"), QStringLiteral("version"), QStringLiteral("state"), QStringLiteral("why")});
        for (const plugin::PluginRecord& record : records) {
            const QString state = plugin::pluginStateName(record.state);
            plugins.append(QJsonObject{{QStringLiteral("id"), record.id},
                                       {QStringLiteral("version"), record.version},
                                       {QStringLiteral("kinds"), QJsonArray::fromStringList(record.kinds)},
                                       {QStringLiteral("state"), state},
                                       {QStringLiteral("error"), record.reason},
                                       {QStringLiteral("path"), record.path}});
            pluginTable.add({record.id, record.version, state, record.reason});
        }
        QJsonArray trainers;
        TextTable trainerTable({QStringLiteral("trainer"), QStringLiteral("name"), QStringLiteral("what it is")});
        const QList<plugin::TrainerInfo> infos = plugin::allTrainers(records);
        for (const plugin::TrainerInfo& info : infos) {
            trainers.append(plugin::toJson(info));
            trainerTable.add({info.id, info.name, info.summary});
        }
        Output output;
        output.result = {{QStringLiteral("plugins"), plugins}, {QStringLiteral("trainers"), trainers}};
        output.text = pluginTable.toString() + QLatin1Char('\n') + trainerTable.toString();
        return output;
    }
};

} // namespace

std::unique_ptr<Command> makePluginsCommand()
{
    return std::make_unique<PluginsCommand>();
}

} // namespace ember::cli
