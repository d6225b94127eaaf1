// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/block.h"
#include "core/features/canonical_json.h"
#include "core/features/pipeline.h"
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

} // namespace

Result<std::vector<BlockUse>> blocksFromJson(const QJsonArray& json, const signal::StreamSpec& stream)
{
    std::vector<BlockUse> blocks;
    for (qsizetype i = 0; i < json.size(); ++i) {
        const QString where = QStringLiteral("blocks[%1]").arg(i);
        const QJsonObject object = json[i].toObject();
        ObjectReader reader(object, where);
        const QString id = reader.text("block");
        const QJsonArray channels = reader.array("channels");
        const QJsonObject parameters =
            object.contains(QStringLiteral("parameters")) ? reader.object("parameters") : QJsonObject();
        EMBER_CHECK(reader.finish({QStringLiteral("block"), QStringLiteral("channels"), QStringLiteral("parameters")}));
        std::vector<int> indices;
        for (const QJsonValue& channel : channels) {
            EMBER_TRY(const int index, channelIndex(channel, stream, where + QStringLiteral(".channels")));
            indices.push_back(index);
        }
        auto use = makeUse(id, std::move(indices), parameters);
        if (!use)
            return Error(ErrorKind::BadData, use.error().message, use.error().hint).context(where);
        blocks.push_back(std::move(use).value());
    }
    return blocks;
}

QJsonArray blocksToJson(const std::vector<BlockUse>& blocks)
{
    QJsonArray json;
    for (const BlockUse& use : blocks) {
        QJsonArray channels;
        for (int channel : use.channels)
            channels.append(channel);
        json.append(QJsonObject{{QStringLiteral("block"), use.block},
                                {QStringLiteral("parameters"), use.parameters},
                                {QStringLiteral("channels"), channels}});
    }
    return json;
}

QJsonObject toJson(const Pipeline& pipeline)
{
    return {{QStringLiteral("format"), kFormat},
            {QStringLiteral("stream"), signal::toJson(pipeline.stream)},
            {QStringLiteral("window_rows"), pipeline.windowRows},
            {QStringLiteral("hop_rows"), pipeline.hopRows},
            {QStringLiteral("blocks"), blocksToJson(pipeline.blocks)}};
}

Result<Pipeline> pipelineFromJson(const QJsonObject& json)
{
    ObjectReader reader(json, {});
    const int format = reader.integer("format");
    const QJsonObject stream = reader.object("stream");
    const QJsonArray blocks = reader.array("blocks");
    Pipeline pipeline;
    pipeline.windowRows = reader.integer("window_rows");
    pipeline.hopRows = reader.integer("hop_rows");
    EMBER_CHECK(reader.finish({QStringLiteral("format"), QStringLiteral("stream"), QStringLiteral("window_rows"),
                               QStringLiteral("hop_rows"), QStringLiteral("blocks")}));
    if (format != kFormat)
        return Error(ErrorKind::BadData,
                     QStringLiteral("The feature pipeline has format %1; this program reads format %2.")
                         .arg(format)
                         .arg(kFormat),
                     QStringLiteral("Use the program that wrote it, or a newer one."));
    EMBER_TRY(pipeline.stream, signal::streamSpecFromJson(stream));
    EMBER_TRY(pipeline.blocks, blocksFromJson(blocks, pipeline.stream));
    if (const Status valid = validate(pipeline); !valid)
        return Error(ErrorKind::BadData, valid.error().message, valid.error().hint);
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
    Pipeline pipeline{stream, windowRows, hopRows, {}};
    EMBER_TRY(pipeline.blocks, blocksFromJson(document.array(), stream));
    if (const Status valid = validate(pipeline); !valid)
        return Error(ErrorKind::BadData, valid.error().message, valid.error().hint);
    return pipeline;
}

QString pipelineHash(const Pipeline& pipeline)
{
    const QByteArray text = canonicalJson(toJson(pipeline));
    return QString::fromLatin1(QCryptographicHash::hash(text, QCryptographicHash::Sha256).toHex());
}

} // namespace ember::features
