// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/canonical_json.h"

#include <QJsonArray>
#include <QJsonObject>

#include <algorithm>
#include <cmath>

namespace ember::features {
namespace {

QByteArray quoted(const QString& text)
{
    QByteArray out = "\"";
    for (char c : text.toUtf8()) {
        if (c == '"' || c == '\\')
            out += '\\';
        if (static_cast<unsigned char>(c) < 0x20)
            out += "\\u" + QByteArray::number(static_cast<unsigned char>(c), 16).rightJustified(4, '0');
        else
            out += c;
    }
    return out + '"';
}

QByteArray number(double value)
{
    constexpr double kExact = 9007199254740992.0;
    if (value == std::floor(value) && std::abs(value) <= kExact)
        return QByteArray::number(static_cast<qint64>(value));
    return QByteArray::number(value, 'g', 17);
}

QByteArray arrayText(const QJsonArray& array)
{
    QByteArrayList items;
    for (const QJsonValue& item : array)
        items << canonicalJson(item);
    return '[' + items.join(',') + ']';
}

QByteArray objectText(const QJsonObject& object)
{
    QStringList keys = object.keys();
    std::sort(keys.begin(), keys.end());
    QByteArrayList items;
    for (const QString& key : std::as_const(keys))
        items << quoted(key) + ':' + canonicalJson(object.value(key));
    return '{' + items.join(',') + '}';
}

} // namespace

QByteArray canonicalJson(const QJsonValue& value)
{
    switch (value.type()) {
    case QJsonValue::Bool:
        return value.toBool() ? "true" : "false";
    case QJsonValue::Double:
        return number(value.toDouble());
    case QJsonValue::String:
        return quoted(value.toString());
    case QJsonValue::Array:
        return arrayText(value.toArray());
    case QJsonValue::Object:
        return objectText(value.toObject());
    case QJsonValue::Null:
    case QJsonValue::Undefined:
        break;
    }
    return "null";
}

} // namespace ember::features
