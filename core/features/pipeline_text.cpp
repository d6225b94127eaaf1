// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/pipeline_text.h"

#include "core/features/stage.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace ember::features {
namespace {

QJsonObject useToJson(const QString& kind, const BlockUse& use, const signal::StreamSpec& stream)
{
    QStringList names;
    for (const signal::Channel& channel : stream.channels)
        names << channel.name;
    QJsonArray channels;
    for (const int channel : use.channels) {
        const bool named = channel < names.size() && names.count(names[channel]) == 1;
        channels.append(named ? QJsonValue(names[channel]) : QJsonValue(channel));
    }
    QJsonObject json{{kind, use.block}, {QStringLiteral("parameters"), use.parameters}};
    if (!channels.isEmpty() || kind == QStringLiteral("block"))
        json.insert(QStringLiteral("channels"), channels);
    return json;
}

} // namespace

QByteArray pipelineText(const Pipeline& pipeline)
{
    QJsonArray list;
    for (std::size_t i = 0; i < pipeline.stages.size(); ++i)
        list.append(useToJson(QStringLiteral("stage"), pipeline.stages[i], applyStages(pipeline, i).seen.stream));
    const signal::StreamSpec seen = applyStages(pipeline).seen.stream;
    for (const BlockUse& use : pipeline.blocks)
        list.append(useToJson(QStringLiteral("block"), use, seen));
    return QJsonDocument(list).toJson(QJsonDocument::Indented);
}

} // namespace ember::features
