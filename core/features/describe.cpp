// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/describe.h"

#include "core/features/presets.h"
#include "core/features/stage.h"

#include <QJsonArray>

namespace ember::features {
namespace {

QString typeName(BlockParameter::Type type)
{
    switch (type) {
    case BlockParameter::Type::Integer:
        return QStringLiteral("integer");
    case BlockParameter::Type::Real:
        return QStringLiteral("real");
    case BlockParameter::Type::Choice:
        return QStringLiteral("choice");
    case BlockParameter::Type::ChoiceSet:
        return QStringLiteral("choice-set");
    }
    return {};
}

QJsonObject parameterJson(const BlockParameter& parameter)
{
    QJsonObject json = {{QStringLiteral("key"), parameter.key},
                        {QStringLiteral("name"), parameter.name},
                        {QStringLiteral("help"), parameter.help},
                        {QStringLiteral("type"), typeName(parameter.type)},
                        {QStringLiteral("default"), parameter.defaultValue}};
    if (!parameter.choices.isEmpty()) {
        json.insert(QStringLiteral("choices"), QJsonArray::fromStringList(parameter.choices));
    } else {
        json.insert(QStringLiteral("minimum"), parameter.minimum);
        json.insert(QStringLiteral("maximum"), parameter.maximum);
    }
    if (!parameter.unit.isEmpty())
        json.insert(QStringLiteral("unit"), parameter.unit);
    return json;
}

} // namespace

QJsonObject toJson(const BlockInfo& info)
{
    QJsonArray parameters;
    for (const BlockParameter& parameter : info.parameters)
        parameters.append(parameterJson(parameter));
    return {{QStringLiteral("id"), info.id},
            {QStringLiteral("title"), info.title},
            {QStringLiteral("help"), info.help},
            {QStringLiteral("source"), info.source},
            {QStringLiteral("minimum_channels"), info.minimumChannels},
            {QStringLiteral("maximum_channels"), info.maximumChannels},
            {QStringLiteral("parameters"), parameters}};
}

QJsonObject describeAll()
{
    QJsonArray blocks;
    for (const Block* block : allBlocks())
        blocks.append(toJson(block->info()));
    QJsonArray stages;
    for (const Stage* stage : allStages())
        stages.append(toJson(stage->info()));
    QJsonArray presets;
    for (const QString& name : presetNames())
        presets.append(QJsonObject{{QStringLiteral("id"), name}, {QStringLiteral("help"), presetHelp(name)}});
    return {
        {QStringLiteral("blocks"), blocks}, {QStringLiteral("stages"), stages}, {QStringLiteral("presets"), presets}};
}

} // namespace ember::features
