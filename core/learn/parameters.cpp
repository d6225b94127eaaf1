// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/parameters.h"

#include <cmath>

namespace ember::learn {
namespace {

using plugin::ParameterSpec;
using plugin::ParameterType;

QString rangeText(const ParameterSpec& spec)
{
    if (spec.minimum.isValid() && spec.maximum.isValid())
        return QStringLiteral(" from %1 to %2").arg(spec.minimum.toString(), spec.maximum.toString());
    if (spec.minimum.isValid())
        return QStringLiteral(" of at least %1").arg(spec.minimum.toString());
    if (spec.maximum.isValid())
        return QStringLiteral(" of at most %1").arg(spec.maximum.toString());
    return {};
}

QString expectation(const ParameterSpec& spec)
{
    switch (spec.type) {
    case ParameterType::Integer:
        return QStringLiteral("a whole number") + rangeText(spec);
    case ParameterType::Real:
        return QStringLiteral("a number") + rangeText(spec);
    case ParameterType::Boolean:
        return QStringLiteral("true or false");
    case ParameterType::Choice:
        return QStringLiteral("one of ") + spec.choices.join(QStringLiteral(", "));
    case ParameterType::Text:
        return QStringLiteral("text");
    }
    return {};
}

Error wrongValue(const ParameterSpec& spec, const QVariant& given)
{
    return Error(ErrorKind::Usage,
                 QStringLiteral("'%1' is %2; it must be %3.").arg(spec.key, given.toString(), expectation(spec)),
                 spec.help);
}

bool isNumber(const QVariant& value)
{
    switch (value.typeId()) {
    case QMetaType::Int:
    case QMetaType::UInt:
    case QMetaType::LongLong:
    case QMetaType::ULongLong:
    case QMetaType::Double:
    case QMetaType::Float:
    case QMetaType::QString:
        return true;
    default:
        return false;
    }
}

bool inRange(const ParameterSpec& spec, double value)
{
    return !(spec.minimum.isValid() && value < spec.minimum.toDouble()) &&
           !(spec.maximum.isValid() && value > spec.maximum.toDouble());
}

Result<QVariant> readInteger(const ParameterSpec& spec, const QVariant& given)
{
    bool ok = isNumber(given);
    qint64 value = 0;
    if (ok && (given.typeId() == QMetaType::Double || given.typeId() == QMetaType::Float)) {
        const double real = given.toDouble();
        ok = std::abs(real) < 9e15 && real == std::floor(real);
        value = ok ? static_cast<qint64>(real) : 0;
    } else if (ok) {
        value = given.toLongLong(&ok);
    }
    if (!ok || !inRange(spec, static_cast<double>(value)))
        return wrongValue(spec, given);
    return QVariant(value);
}

Result<QVariant> readReal(const ParameterSpec& spec, const QVariant& given)
{
    bool ok = isNumber(given);
    const double value = ok ? given.toDouble(&ok) : 0;
    if (!ok || !std::isfinite(value) || !inRange(spec, value))
        return wrongValue(spec, given);
    return QVariant(value);
}

Result<QVariant> readBoolean(const ParameterSpec& spec, const QVariant& given)
{
    if (given.typeId() == QMetaType::Bool)
        return given;
    const QString word = given.toString().toLower();
    for (const char* yes : {"true", "yes", "on", "1"}) {
        if (word == QLatin1String(yes))
            return QVariant(true);
    }
    for (const char* no : {"false", "no", "off", "0"}) {
        if (word == QLatin1String(no))
            return QVariant(false);
    }
    return wrongValue(spec, given);
}

Result<QVariant> readValue(const ParameterSpec& spec, const QVariant& given)
{
    switch (spec.type) {
    case ParameterType::Integer:
        return readInteger(spec, given);
    case ParameterType::Real:
        return readReal(spec, given);
    case ParameterType::Boolean:
        return readBoolean(spec, given);
    case ParameterType::Choice:
        if (!spec.choices.contains(given.toString()))
            return wrongValue(spec, given);
        return QVariant(given.toString());
    case ParameterType::Text:
        if (!given.canConvert<QString>())
            return wrongValue(spec, given);
        return QVariant(given.toString());
    }
    return wrongValue(spec, given);
}

Status checkKeys(const QList<ParameterSpec>& specs, const QVariantMap& given)
{
    QStringList valid;
    for (const ParameterSpec& spec : specs)
        valid << spec.key;
    for (auto entry = given.cbegin(); entry != given.cend(); ++entry) {
        if (!valid.contains(entry.key()))
            return Error(ErrorKind::Usage, QStringLiteral("There is no parameter '%1'.").arg(entry.key()),
                         valid.isEmpty() ? QStringLiteral("This trainer has no parameters.")
                                         : QStringLiteral("There are: %1.").arg(valid.join(QStringLiteral(", "))));
    }
    return {};
}

} // namespace

Result<QVariantMap> completeParameters(const QList<ParameterSpec>& specs, const QVariantMap& given)
{
    EMBER_CHECK(checkKeys(specs, given));
    QVariantMap complete;
    for (const ParameterSpec& spec : specs) {
        EMBER_TRY(const QVariant value, readValue(spec, given.value(spec.key, spec.defaultValue)));
        complete.insert(spec.key, value);
    }
    return complete;
}

QJsonObject parametersToJson(const QVariantMap& parameters)
{
    return QJsonObject::fromVariantMap(parameters);
}

} // namespace ember::learn
