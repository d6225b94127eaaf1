// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/block.h"
#include "core/features/canonical_json.h"
#include "core/features/pipeline.h"
#include "core/features/stage.h"
#include "core/signal/json.h"

#include <QCryptographicHash>
#include <QJsonArray>
#include <QJsonDocument>

#include <cmath>
#include <limits>
#include <optional>

namespace ember::features {
namespace {

constexpr int kFormat = 1;
constexpr qsizetype kMostStages = 32;

/// Reads typed values out of an object; the first value that is not what it should be is remembered as the error.
class ObjectReader
{
public:
    ObjectReader(const QJsonObject& object, QString where)
        : m_object(object)
        , m_where(std::move(where))
    {}

    QString text(const char* key)
    {
        const QJsonValue value = m_object.value(QLatin1String(key));
        if (!value.isString())
            fail(key, QStringLiteral("a text"));
        return value.toString();
    }

    double real(const char* key)
    {
        const QJsonValue value = m_object.value(QLatin1String(key));
        if (!value.isDouble() || !std::isfinite(value.toDouble()))
            fail(key, QStringLiteral("a number"));
        return value.toDouble();
    }

    int integer(const char* key)
    {
        const double value = real(key);
        if (value != std::floor(value) || std::abs(value) > std::numeric_limits<int>::max()) {
            fail(key, QStringLiteral("a whole number"));
            return 0;
        }
        return static_cast<int>(value);
    }

    QJsonObject object(const char* key)
    {
        const QJsonValue value = m_object.value(QLatin1String(key));
        if (!value.isObject())
            fail(key, QStringLiteral("an object"));
        return value.toObject();
    }

    QJsonArray array(const char* key)
    {
        const QJsonValue value = m_object.value(QLatin1String(key));
        if (!value.isArray())
            fail(key, QStringLiteral("a list"));
        return value.toArray();
    }

    void fail(const char* key, const QString& wanted)
    {
        if (!m_error)
            m_error = Error(ErrorKind::BadData,
                            QStringLiteral("'%1' of the feature pipeline is not %2.").arg(path(key), wanted),
                            QStringLiteral("Correct the pipeline's JSON text; docs/features.md describes it."));
    }

    /// Refuses keys that nobody reads: a misspelt one must not pass for a default.
    Status finish(const QStringList& known)
    {
        if (m_error)
            return *m_error;
        for (auto it = m_object.begin(); it != m_object.end(); ++it) {
            if (!known.contains(it.key()))
                return Error(ErrorKind::BadData,
                             QStringLiteral("The feature pipeline has an unknown key '%1'.")
                                 .arg(path(it.key().toUtf8().constData())),
                             QStringLiteral("Known here: %1.").arg(known.join(QStringLiteral(", "))));
        }
        return {};
    }

private:
    QString path(const char* key) const
    {
        return m_where.isEmpty() ? QString::fromUtf8(key) : m_where + QLatin1Char('.') + QString::fromUtf8(key);
    }

    QJsonObject m_object;
    QString m_where;
    std::optional<Error> m_error;
};

/// A channel by number, or by name as people write it.
Result<int> channelIndex(const QJsonValue& value, const signal::StreamSpec& stream, const QString& where)
{
    if (value.isDouble() && value.toInt(-1) >= 0)
        return value.toInt();
    QStringList names;
    for (std::size_t i = 0; i < stream.channels.size(); ++i) {
        if (value.isString() && stream.channels[i].name == value.toString())
            return static_cast<int>(i);
        names << stream.channels[i].name;
    }
    return Error(ErrorKind::BadData, QStringLiteral("'%1' of the feature pipeline names no channel.").arg(where),
                 QStringLiteral("The channels are %1.").arg(names.join(QStringLiteral(", "))));
}

const QString kBlock = QStringLiteral("block");
const QString kStage = QStringLiteral("stage");
const QString kBlocks = QStringLiteral("blocks");
const QString kStages = QStringLiteral("stages");

/// A use of a block or a stage, whichever `kind` names; `stream` is what it reads.
Result<BlockUse> useFromJson(const QString& kind, const QJsonObject& object, const signal::StreamSpec& stream,
                             const QString& where)
{
    const QString channelsKey = QStringLiteral("channels");
    const QString parametersKey = QStringLiteral("parameters");
    const bool stage = kind == kStage;
    ObjectReader reader(object, where);
    const QString id = reader.text(stage ? "stage" : "block");
    const QJsonArray channels = stage && !object.contains(channelsKey) ? QJsonArray() : reader.array("channels");
    const QJsonObject parameters = object.contains(parametersKey) ? reader.object("parameters") : QJsonObject();
    EMBER_CHECK(reader.finish({kind, channelsKey, parametersKey}));
    std::vector<int> indices;
    for (const QJsonValue& channel : channels) {
        EMBER_TRY(const int index, channelIndex(channel, stream, where + QStringLiteral(".channels")));
        indices.push_back(index);
    }
    auto use = stage ? makeStageUse(id, std::move(indices), parameters) : makeUse(id, std::move(indices), parameters);
    if (!use)
        return Error(ErrorKind::BadData, use.error().message, use.error().hint).context(where);
    return std::move(use).value();
}

QJsonArray usesToJson(const QString& kind, const std::vector<BlockUse>& uses)
{
    QJsonArray json;
    for (const BlockUse& use : uses) {
        QJsonArray channels;
        for (int channel : use.channels)
            channels.append(channel);
        json.append(QJsonObject{
            {kind, use.block}, {QStringLiteral("parameters"), use.parameters}, {QStringLiteral("channels"), channels}});
    }
    return json;
}

/// Reads stages and blocks into a pipeline that has its stream; what a stage adds can be named behind it.
Status addUses(Pipeline& pipeline, const QJsonArray& stages, const QJsonArray& blocks)
{
    if (stages.size() > kMostStages)
        return Error(ErrorKind::BadData, QStringLiteral("A feature pipeline has at most %1 stages.").arg(kMostStages));
    for (qsizetype i = 0; i < stages.size(); ++i) {
        EMBER_TRY(BlockUse use, useFromJson(kStage, stages[i].toObject(), applyStages(pipeline).seen.stream,
                                            QStringLiteral("stages[%1]").arg(i)));
        pipeline.stages.push_back(std::move(use));
    }
    EMBER_TRY(pipeline.blocks, blocksFromJson(blocks, applyStages(pipeline).seen.stream));
    if (const Status valid = validate(pipeline); !valid)
        return Error(ErrorKind::BadData, valid.error().message, valid.error().hint);
    return {};
}

} // namespace

Result<std::vector<BlockUse>> blocksFromJson(const QJsonArray& json, const signal::StreamSpec& stream)
{
    std::vector<BlockUse> blocks;
    for (qsizetype i = 0; i < json.size(); ++i) {
        EMBER_TRY(BlockUse use, useFromJson(kBlock, json[i].toObject(), stream, QStringLiteral("blocks[%1]").arg(i)));
        blocks.push_back(std::move(use));
    }
    return blocks;
}

QJsonArray blocksToJson(const std::vector<BlockUse>& blocks)
{
    return usesToJson(kBlock, blocks);
}

QJsonObject toJson(const Pipeline& pipeline)
{
    QJsonObject json = {{QStringLiteral("format"), kFormat},
                        {QStringLiteral("stream"), signal::toJson(pipeline.stream)},
                        {QStringLiteral("window_rows"), pipeline.windowRows},
                        {QStringLiteral("hop_rows"), pipeline.hopRows},
                        {kBlocks, blocksToJson(pipeline.blocks)}};
    // Pipelines without stages have the text, and so the hash, that they had before there were any.
    if (!pipeline.stages.empty())
        json.insert(kStages, usesToJson(kStage, pipeline.stages));
    return json;
}

Result<Pipeline> pipelineFromJson(const QJsonObject& json)
{
    ObjectReader reader(json, {});
    const int format = reader.integer("format");
    const QJsonObject stream = reader.object("stream");
    const QJsonArray blocks = reader.array("blocks");
    const QJsonArray stages = json.contains(kStages) ? reader.array("stages") : QJsonArray();
    Pipeline pipeline;
    pipeline.windowRows = reader.integer("window_rows");
    pipeline.hopRows = reader.integer("hop_rows");
    EMBER_CHECK(reader.finish({QStringLiteral("format"), QStringLiteral("stream"), QStringLiteral("window_rows"),
                               QStringLiteral("hop_rows"), kBlocks, kStages}));
    if (format != kFormat)
        return Error(ErrorKind::BadData,
                     QStringLiteral("The feature pipeline has format %1; this program reads format %2.")
                         .arg(format)
                         .arg(kFormat),
                     QStringLiteral("Use the program that wrote it, or a newer one."));
    EMBER_TRY(pipeline.stream, signal::streamSpecFromJson(stream));
    EMBER_CHECK(addUses(pipeline, stages, blocks));
    return pipeline;
}

Result<Pipeline> pipelineFromText(const QByteArray& text, const signal::StreamSpec& stream, int windowRows, int hopRows)
{
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(text, &error);
    if (document.isObject())
        return pipelineFromJson(document.object());
    if (!document.isArray())
        return Error(ErrorKind::BadData,
                     QStringLiteral("The feature pipeline is not JSON: %1 at byte %2.")
                         .arg(error.errorString())
                         .arg(error.offset),
                     QStringLiteral("It is a list of blocks or a whole pipeline; docs/features.md describes both."));
    QJsonArray stages;
    QJsonArray blocks;
    const QJsonArray items = document.array();
    for (const QJsonValue& item : items)
        (item.toObject().contains(kStage) ? stages : blocks).append(item);
    Pipeline pipeline{stream, windowRows, hopRows, {}, {}};
    EMBER_CHECK(addUses(pipeline, stages, blocks));
    return pipeline;
}

QString pipelineHash(const Pipeline& pipeline)
{
    const QByteArray text = canonicalJson(toJson(pipeline));
    return QString::fromLatin1(QCryptographicHash::hash(text, QCryptographicHash::Sha256).toHex());
}

} // namespace ember::features
