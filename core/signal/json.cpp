// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/signal/json.h"

#include <QJsonArray>

#include <algorithm>
#include <array>
#include <cmath>

namespace ember::signal {
namespace {

constexpr std::array kSampleTypes = {SampleType::Int8, SampleType::Int16, SampleType::Int32, SampleType::Float32};

Error badKey(const QString& key, const QString& what)
{
    return Error(ErrorKind::BadData, QStringLiteral("The stream description's '%1' %2.").arg(key, what));
}

Result<double> finiteNumber(const QJsonObject& json, const QString& key, double fallback)
{
    const QJsonValue value = json.value(key);
    if (value.isUndefined())
        return fallback;
    if (!value.isDouble() || !std::isfinite(value.toDouble()))
        return badKey(key, QStringLiteral("is not a number"));
    return value.toDouble();
}

Result<Channel> channelFromJson(const QJsonValue& json)
{
    if (!json.isObject())
        return badKey(QStringLiteral("channels"), QStringLiteral("holds something that is not a channel"));
    const QJsonObject object = json.toObject();
    Channel channel;
    channel.name = object.value(QStringLiteral("name")).toString();
    channel.unit = object.value(QStringLiteral("unit")).toString();
    EMBER_TRY(channel.scale, finiteNumber(object, QStringLiteral("scale"), 1.0));
    EMBER_TRY(channel.offset, finiteNumber(object, QStringLiteral("offset"), 0.0));
    return channel;
}

qint64 countOf(const QJsonObject& json, const char* key)
{
    return json.value(QLatin1String(key)).toInteger(0);
}

} // namespace

Result<SampleType> sampleTypeFromName(const QString& name)
{
    for (const SampleType type : kSampleTypes) {
        if (sampleTypeName(type) == name)
            return type;
    }
    return Error(ErrorKind::BadData, QStringLiteral("'%1' is not a sample type.").arg(name),
                 QStringLiteral("Sample types are int8, int16, int32 and float32."));
}

QJsonObject toJson(const StreamSpec& spec)
{
    QJsonArray channels;
    for (const Channel& channel : spec.channels) {
        channels.append(QJsonObject{{QStringLiteral("name"), channel.name},
                                    {QStringLiteral("unit"), channel.unit},
                                    {QStringLiteral("scale"), channel.scale},
                                    {QStringLiteral("offset"), channel.offset}});
    }
    return {{QStringLiteral("name"), spec.name},
            {QStringLiteral("type"), sampleTypeName(spec.type)},
            {QStringLiteral("rate_hz"), spec.rateHz},
            {QStringLiteral("channels"), channels}};
}

Result<StreamSpec> streamSpecFromJson(const QJsonObject& json)
{
    StreamSpec spec;
    spec.name = json.value(QStringLiteral("name")).toString();
    EMBER_TRY(spec.type, sampleTypeFromName(json.value(QStringLiteral("type")).toString()));
    EMBER_TRY(spec.rateHz, finiteNumber(json, QStringLiteral("rate_hz"), 0.0));
    if (spec.rateHz < 0)
        return badKey(QStringLiteral("rate_hz"), QStringLiteral("is negative"));
    const QJsonArray channels = json.value(QStringLiteral("channels")).toArray();
    if (channels.isEmpty() || channels.size() > kMaxStreamChannels)
        return badKey(
            QStringLiteral("channels"),
            QStringLiteral("has %1 entries; 1 to %2 are allowed").arg(channels.size()).arg(kMaxStreamChannels));
    for (const QJsonValue& entry : channels) {
        EMBER_TRY(Channel channel, channelFromJson(entry));
        spec.channels.push_back(std::move(channel));
    }
    return spec;
}

namespace {

QJsonObject toJson(const ArrivalHistogram& arrivals)
{
    QJsonArray upper, blocks;
    for (const double ms : ArrivalHistogram::kUpperMs)
        upper.append(ms);
    for (const qint64 count : arrivals.blocks)
        blocks.append(count);
    return {{QStringLiteral("upper_ms"), upper}, {QStringLiteral("blocks"), blocks}};
}

// With other classes than ours the counts mean nothing.
ArrivalHistogram arrivalsFromJson(const QJsonObject& json)
{
    ArrivalHistogram arrivals;
    const QJsonArray blocks = json.value(QLatin1String("blocks")).toArray();
    if (json.value(QLatin1String("upper_ms")) != toJson(arrivals).value(QLatin1String("upper_ms")) ||
        blocks.size() != static_cast<qsizetype>(arrivals.blocks.size()))
        return arrivals;
    for (qsizetype i = 0; i < blocks.size(); ++i)
        arrivals.blocks[static_cast<std::size_t>(i)] = std::max<qint64>(0, blocks[i].toInteger());
    return arrivals;
}

} // namespace

QJsonObject toJson(const Ledger& ledger)
{
    QJsonObject json{{QStringLiteral("bytes"), ledger.bytes},
                     {QStringLiteral("frames"), ledger.frames},
                     {QStringLiteral("crc_errors"), ledger.crcErrors},
                     {QStringLiteral("device_drops"), ledger.deviceDrops},
                     {QStringLiteral("link_gaps"), ledger.linkGaps},
                     {QStringLiteral("sees_loss"), ledger.seesLoss},
                     {QStringLiteral("drift_ppm"), ledger.driftPpm},
                     {QStringLiteral("measured_rate_hz"), ledger.measuredRateHz},
                     {QStringLiteral("reconnects"), ledger.reconnects},
                     {QStringLiteral("bad_lines"), ledger.badLines},
                     {QStringLiteral("text_lines"), ledger.textLines},
                     {QStringLiteral("skipped_bytes"), ledger.skippedBytes},
                     {QStringLiteral("held_values"), ledger.heldValues},
                     {QStringLiteral("restarts"), ledger.restarts},
                     {QStringLiteral("jitter_ms"), ledger.jitterMs},
                     {QStringLiteral("jitter_histogram"), toJson(ledger.arrivals)}};
    if (ledger.wasInterrupted()) {
        json.insert(QStringLiteral("interrupted_at_row"), ledger.interruptedAtRow);
        json.insert(QStringLiteral("unknown_tail_ms"), ledger.unknownTailMs);
    }
    return json;
}

Ledger ledgerFromJson(const QJsonObject& json)
{
    Ledger ledger;
    ledger.bytes = countOf(json, "bytes");
    ledger.frames = countOf(json, "frames");
    ledger.crcErrors = countOf(json, "crc_errors");
    ledger.deviceDrops = countOf(json, "device_drops");
    ledger.linkGaps = countOf(json, "link_gaps");
    ledger.seesLoss = json.value(QStringLiteral("sees_loss")).toBool(true);
    ledger.driftPpm = json.value(QStringLiteral("drift_ppm")).toDouble();
    ledger.measuredRateHz = json.value(QStringLiteral("measured_rate_hz")).toDouble();
    ledger.reconnects = countOf(json, "reconnects");
    ledger.badLines = countOf(json, "bad_lines");
    ledger.textLines = countOf(json, "text_lines");
    ledger.skippedBytes = countOf(json, "skipped_bytes");
    ledger.heldValues = countOf(json, "held_values");
    ledger.restarts = countOf(json, "restarts");
    ledger.jitterMs = json.value(QStringLiteral("jitter_ms")).toDouble();
    ledger.arrivals = arrivalsFromJson(json.value(QStringLiteral("jitter_histogram")).toObject());
    ledger.interruptedAtRow = json.value(QLatin1String("interrupted_at_row")).toInteger(-1);
    ledger.unknownTailMs = countOf(json, "unknown_tail_ms");
    return ledger;
}

} // namespace ember::signal
