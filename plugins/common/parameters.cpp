// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/parameters.h"

namespace ember::common {

using plugin::ParameterSpec;
using plugin::ParameterType;

namespace {

ParameterSpec spec(const char* key, ParameterType type, const QVariant& byDefault, const char* name, const char* help)
{
    ParameterSpec spec;
    spec.key = QString::fromLatin1(key);
    spec.type = type;
    spec.defaultValue = byDefault;
    spec.name = QString::fromLatin1(name);
    spec.help = QString::fromLatin1(help);
    return spec;
}

} // namespace

ParameterSpec integerParameter(const char* key, int byDefault, int minimum, int maximum, const char* name,
                               const char* help)
{
    ParameterSpec made = spec(key, ParameterType::Integer, byDefault, name, help);
    made.minimum = minimum;
    made.maximum = maximum;
    return made;
}

ParameterSpec realParameter(const char* key, double byDefault, double minimum, double maximum, const char* name,
                            const char* help)
{
    ParameterSpec made = spec(key, ParameterType::Real, byDefault, name, help);
    made.minimum = minimum;
    made.maximum = maximum;
    return made;
}

ParameterSpec booleanParameter(const char* key, bool byDefault, const char* name, const char* help)
{
    return spec(key, ParameterType::Boolean, byDefault, name, help);
}

ParameterSpec choiceParameter(const char* key, const QStringList& choices, const char* name, const char* help)
{
    ParameterSpec made = spec(key, ParameterType::Choice, choices.value(0), name, help);
    made.choices = choices;
    return made;
}

ParameterSpec standardiseParameter(bool byDefault)
{
    return booleanParameter("standardise", byDefault, "Standardise",
                            "Brings every feature to mean 0 and variance 1 first; without it, features of large "
                            "numbers outweigh the others.");
}

ParameterSpec contaminationParameter()
{
    return realParameter("contamination", 0.05, 0.0, 0.5, "Contamination",
                         "Share of the training rows that lie beyond the threshold; more finds more anomalies and "
                         "raises more false alarms.");
}

ParameterSpec classWeightParameter()
{
    return choiceParameter("class-weight", {QStringLiteral("none"), QStringLiteral("balanced")}, "Class weights",
                           "balanced makes rare classes count as much as common ones; it finds more of them and "
                           "mistakes more of the common ones.");
}

double real(const QVariantMap& parameters, const char* key)
{
    return parameters.value(QString::fromLatin1(key)).toDouble();
}

int integer(const QVariantMap& parameters, const char* key)
{
    return parameters.value(QString::fromLatin1(key)).toInt();
}

bool boolean(const QVariantMap& parameters, const char* key)
{
    return parameters.value(QString::fromLatin1(key)).toBool();
}

QString choice(const QVariantMap& parameters, const char* key)
{
    return parameters.value(QString::fromLatin1(key)).toString();
}

} // namespace ember::common
