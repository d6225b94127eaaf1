// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/signal/acquisition.h"

#include "core/signal/json.h"

#include <QCborArray>
#include <QCborMap>
#include <QCborValue>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMessageAuthenticationCode>
#include <QtEndian>

#include <cmath>

namespace ember::signal {
namespace {

constexpr qsizetype kSignatureDigits = 64;
constexpr qsizetype kMostTextBytes = 256;

Error bad(const QString& what)
{
    return Error(ErrorKind::BadData, QStringLiteral("The acquisition file is damaged: %1.").arg(what),
                 QStringLiteral("Export it again; version v1 of the data acquisition format is read."));
}

/// JSON read as CBOR values, so that both forms take one way. `end` is told where the CBOR ends.
Result<QCborMap> rootOf(const QByteArray& bytes, qsizetype& end)
{
    end = bytes.size();
    const QByteArray start = bytes.left(64).trimmed();
    if (start.startsWith('{')) {
        QJsonParseError problem;
        const QJsonDocument json = QJsonDocument::fromJson(bytes, &problem);
        if (!json.isObject())
            return bad(QStringLiteral("no JSON object (%1 at byte %2)").arg(problem.errorString()).arg(problem.offset));
        return QCborMap::fromJsonObject(json.object());
    }
    QCborParserError problem;
    const QCborValue value = QCborValue::fromCbor(bytes, &problem);
    if (problem.error != QCborError::NoError || !value.isMap())
        return bad(QStringLiteral("no CBOR map (%1 at byte %2)").arg(problem.errorString()).arg(problem.offset));
    end = problem.offset;
    return value.toMap();
}

Result<double> number(const QCborValue& value, const QString& what)
{
    const double result = value.isInteger() ? static_cast<double>(value.toInteger()) : value.toDouble(std::nan(""));
    if (!value.isInteger() && !value.isDouble())
        return bad(QStringLiteral("%1 is not a number").arg(what));
    if (!std::isfinite(result) || !std::isfinite(static_cast<float>(result)))
        return bad(QStringLiteral("%1 is not finite").arg(what));
    return result;
}

QString text(const QCborMap& map, const char* key)
{
    return map.value(QLatin1String(key)).toString().left(kMostTextBytes);
}

Result<std::vector<Acquisition::Sensor>> sensorsOf(const QCborArray& array)
{
    std::vector<Acquisition::Sensor> sensors;
    if (array.isEmpty() || array.size() > kMaxStreamChannels)
        return bad(
            QStringLiteral("payload.sensors has %1 entries, not 1 to %2").arg(array.size()).arg(kMaxStreamChannels));
    for (const QCborValue& entry : array) {
        const QCborMap map = entry.toMap();
        const QString name = text(map, "name");
        if (name.isEmpty())
            return bad(QStringLiteral("sensor %1 has no name").arg(sensors.size()));
        sensors.push_back({name, text(map, "units")});
    }
    return sensors;
}

/// Rows of one number per sensor; a single sensor may come as plain numbers.
Status readValues(const QCborArray& rows, Acquisition& into)
{
    const auto width = static_cast<qsizetype>(into.sensors.size());
    into.values.reserve(static_cast<std::size_t>(rows.size() * width));
    for (qsizetype row = 0; row < rows.size(); ++row) {
        const QCborValue value = rows.at(row);
        const QCborArray columns = value.isArray() ? value.toArray() : QCborArray{value};
        if (columns.size() != width)
            return bad(QStringLiteral("row %1 has %2 values for %3 sensors").arg(row).arg(columns.size()).arg(width));
        for (const QCborValue& column : columns) {
            EMBER_TRY(const double v, number(column, QStringLiteral("a value of row %1").arg(row)));
            into.values.push_back(static_cast<float>(v));
        }
    }
    if (into.values.empty())
        return bad(QStringLiteral("payload.values is empty"));
    return {};
}

/// Firmware for microphones writes its samples behind the CBOR, whose only value says so.
bool isReference(const QCborArray& rows)
{
    return rows.size() == 1 && rows.at(0).toString().startsWith(QLatin1String("Ref-BINARY-i16"));
}

Status readInt16(const QByteArray& bytes, Acquisition& into)
{
    const auto width = static_cast<qsizetype>(into.sensors.size());
    const qsizetype rows = bytes.size() / (2 * width);
    if (rows == 0)
        return bad(QStringLiteral("no samples stand behind it"));
    into.values.reserve(static_cast<std::size_t>(rows * width));
    for (qsizetype i = 0; i < rows * width; ++i)
        into.values.push_back(qFromLittleEndian<qint16>(bytes.constData() + 2 * i));
    return {};
}

QCborMap mapOf(const Acquisition& acquisition, bool isSigned)
{
    QCborArray sensors;
    for (const Acquisition::Sensor& sensor : acquisition.sensors) {
        const QString units = sensor.units.isEmpty() ? QStringLiteral("N/A") : sensor.units;
        sensors.append(QCborMap{{QStringLiteral("name"), sensor.name}, {QStringLiteral("units"), units}});
    }
    QCborArray rows;
    const std::size_t width = acquisition.sensors.size();
    for (std::size_t row = 0; row < acquisition.rows(); ++row) {
        QCborArray columns;
        for (std::size_t c = 0; c < width; ++c)
            columns.append(static_cast<double>(acquisition.values[row * width + c]));
        rows.append(columns);
    }
    QCborMap payload{{QStringLiteral("device_type"), acquisition.deviceType},
                     {QStringLiteral("interval_ms"), acquisition.intervalMs},
                     {QStringLiteral("sensors"), sensors},
                     {QStringLiteral("values"), rows}};
    if (!acquisition.deviceName.isEmpty())
        payload.insert(QStringLiteral("device_name"), acquisition.deviceName);
    const QString algorithm = isSigned ? QStringLiteral("HS256") : QStringLiteral("none");
    return {{QStringLiteral("protected"),
             QCborMap{{QStringLiteral("ver"), QStringLiteral("v1")}, {QStringLiteral("alg"), algorithm}}},
            {QStringLiteral("signature"), QString(kSignatureDigits, QLatin1Char('0'))},
            {QStringLiteral("payload"), payload}};
}

} // namespace

bool looksLikeAcquisition(const QByteArray& head)
{
    const bool json = head.left(64).trimmed().startsWith('{');
    // A CBOR map: major type 5.
    const bool cbor = !head.isEmpty() && (static_cast<uchar>(head[0]) & 0xE0) == 0xA0;
    if (!json && !cbor)
        return false;
    // Keys come in any order, and of a long file the values may be all that is in the head: one of the three root keys
    // has to come first, and a short file has to have all of them.
    constexpr qsizetype kFirstKey = 64;
    constexpr qsizetype kShortFile = 16 * 1024;
    int first = 0;
    int found = 0;
    for (const char* key : {"protected", "signature", "payload"}) {
        const qsizetype at = head.indexOf(key);
        first += at >= 0 && at < kFirstKey ? 1 : 0;
        found += at >= 0 ? 1 : 0;
    }
    return first > 0 && (found == 3 || head.size() > kShortFile);
}

Result<Acquisition> parseAcquisition(const QByteArray& bytes)
{
    qsizetype end = 0;
    EMBER_TRY(const QCborMap root, rootOf(bytes, end));
    const QCborMap shield = root.value(QStringLiteral("protected")).toMap();
    const QString version = text(shield, "ver");
    if (version != QLatin1String("v1"))
        return bad(QStringLiteral("protected.ver is '%1', not 'v1'").arg(version));
    const QCborMap payload = root.value(QStringLiteral("payload")).toMap();
    Acquisition acquisition;
    acquisition.algorithm = text(shield, "alg");
    acquisition.signature = text(root, "signature").toLatin1();
    acquisition.deviceName = text(payload, "device_name");
    acquisition.deviceType = text(payload, "device_type");
    EMBER_TRY(acquisition.intervalMs,
              number(payload.value(QStringLiteral("interval_ms")), QStringLiteral("payload.interval_ms")));
    if (acquisition.intervalMs < 0)
        return bad(QStringLiteral("payload.interval_ms is negative"));
    EMBER_TRY(acquisition.sensors, sensorsOf(payload.value(QStringLiteral("sensors")).toArray()));
    const QCborArray values = payload.value(QStringLiteral("values")).toArray();
    EMBER_CHECK(isReference(values) ? readInt16(bytes.mid(end), acquisition) : readValues(values, acquisition));
    return acquisition;
}

Result<QByteArray> signatureOf(const QByteArray& bytes, const QByteArray& signature, const QByteArray& key)
{
    const qsizetype at = signature.size() == kSignatureDigits ? bytes.indexOf(signature) : -1;
    if (at < 0)
        return bad(QStringLiteral("it carries no signature of %1 digits").arg(kSignatureDigits));
    QByteArray plain = bytes;
    plain.replace(at, kSignatureDigits, QByteArray(kSignatureDigits, '0'));
    return QMessageAuthenticationCode::hash(plain, key, QCryptographicHash::Sha256).toHex();
}

QByteArray writeAcquisition(const Acquisition& acquisition, AcquisitionEncoding encoding, const QByteArray& key)
{
    const QCborMap root = mapOf(acquisition, !key.isEmpty());
    QByteArray bytes = encoding == AcquisitionEncoding::Cbor
                           ? root.toCborValue().toCbor()
                           : QJsonDocument(root.toJsonObject()).toJson(QJsonDocument::Compact);
    if (key.isEmpty())
        return bytes;
    const QByteArray zeros(kSignatureDigits, '0');
    const QByteArray signature = QMessageAuthenticationCode::hash(bytes, key, QCryptographicHash::Sha256).toHex();
    return bytes.replace(bytes.indexOf(zeros), kSignatureDigits, signature);
}

} // namespace ember::signal
