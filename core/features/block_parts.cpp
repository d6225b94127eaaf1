// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/block_parts.h"

#include "device-agent/runtime/statistics.hpp"

#include <QJsonArray>

#include <array>

namespace ember::features {
namespace {

struct StatisticName
{
    quint32 bit;
    const char* key;
};

constexpr std::array<StatisticName, runtime::kStatisticCount> kStatistics = {{
    {runtime::kMean, "mean"},
    {runtime::kStandardDeviation, "std"},
    {runtime::kRms, "rms"},
    {runtime::kMinimum, "min"},
    {runtime::kMaximum, "max"},
    {runtime::kRange, "range"},
    {runtime::kSkewness, "skewness"},
    {runtime::kKurtosis, "kurtosis"},
    {runtime::kMeanCrossings, "mean-crossings"},
    {runtime::kEnergy, "energy"},
    {runtime::kMeanAbsolute, "mean-absolute"},
    {runtime::kMeanDifference, "mean-difference"},
    {runtime::kTrend, "trend"},
    {runtime::kZeroCrossings, "zero-crossings"},
    {runtime::kCrest, "crest"},
}};

constexpr bool inOrderOfBits()
{
    for (std::size_t i = 0; i < kStatistics.size(); ++i) {
        if (kStatistics[i].bit != 1u << i)
            return false;
    }
    return true;
}
static_assert(inOrderOfBits(), "choiceMask() counts on it");

QString joinedNames(const BlockUse& use, const Pipeline& pipeline)
{
    QStringList names;
    for (int channel : use.channels)
        names << channelName(pipeline, channel);
    return names.join(QLatin1Char(','));
}

} // namespace

QStringList statisticKeys()
{
    QStringList keys;
    for (const StatisticName& statistic : kStatistics)
        keys << QString::fromLatin1(statistic.key);
    return keys;
}

BlockParameter statisticsParameter(const QStringList& chosenByDefault)
{
    BlockParameter parameter;
    parameter.key = QStringLiteral("statistics");
    parameter.type = BlockParameter::Type::ChoiceSet;
    parameter.defaultValue = QJsonArray::fromStringList(chosenByDefault);
    parameter.choices = statisticKeys();
    parameter.name = QStringLiteral("Statistics");
    parameter.help = QStringLiteral("Which figures to compute of each signal; each is one feature.");
    return parameter;
}

quint32 choiceMask(const QJsonValue& chosen, const QStringList& choices)
{
    quint32 mask = 0;
    const QJsonArray items = chosen.toArray();
    for (const QJsonValue& item : items)
        mask |= 1u << choices.indexOf(item.toString());
    return mask;
}

QStringList chosenKeys(const BlockUse& use, const QString& parameter)
{
    QStringList keys;
    const QJsonArray items = use.parameters.value(parameter).toArray();
    for (const QJsonValue& item : items)
        keys << item.toString();
    return keys;
}

Status requireChoice(const BlockUse& use, const QString& parameter)
{
    if (use.parameters.value(parameter).toArray().isEmpty())
        return Error(
            ErrorKind::Usage,
            QStringLiteral("Feature block '%1' has nothing to compute: '%2' is empty.").arg(use.block, parameter),
            QStringLiteral("Choose at least one entry, or remove the block."));
    return {};
}

BlockParameter integerParameter(const QString& key, int value, int minimum, int maximum, const char* name,
                                const char* help)
{
    BlockParameter parameter;
    parameter.key = key;
    parameter.type = BlockParameter::Type::Integer;
    parameter.defaultValue = value;
    parameter.minimum = minimum;
    parameter.maximum = maximum;
    parameter.name = QString::fromLatin1(name);
    parameter.help = QString::fromLatin1(help);
    return parameter;
}

BlockParameter realParameter(const QString& key, double value, double minimum, double maximum, const char* unit,
                             const char* name, const char* help)
{
    BlockParameter parameter = integerParameter(key, 0, 0, 0, name, help);
    parameter.type = BlockParameter::Type::Real;
    parameter.defaultValue = value;
    parameter.minimum = minimum;
    parameter.maximum = maximum;
    parameter.unit = QString::fromLatin1(unit);
    return parameter;
}

BlockParameter choiceParameter(const QString& key, const QStringList& choices, const char* name, const char* help)
{
    BlockParameter parameter;
    parameter.key = key;
    parameter.type = BlockParameter::Type::Choice;
    parameter.defaultValue = choices.front();
    parameter.choices = choices;
    parameter.name = QString::fromLatin1(name);
    parameter.help = QString::fromLatin1(help);
    return parameter;
}

Status requireBelowNyquist(const BlockUse& use, const QString& parameter, const Pipeline& pipeline)
{
    const double rate = pipeline.stream.rateHz;
    if (rate <= 0)
        return Error(ErrorKind::Usage,
                     QStringLiteral("'%1' needs the rate of the stream, which is not known.").arg(use.block),
                     QStringLiteral("Import or record with the rate."));
    if (const double frequency = use.parameters.value(parameter).toDouble(); 2 * frequency >= rate)
        return Error(ErrorKind::Usage,
                     QStringLiteral("'%1' of '%2' is %3 Hz, but at %4 Hz only frequencies below %5 Hz exist.")
                         .arg(parameter, use.block)
                         .arg(frequency)
                         .arg(rate)
                         .arg(rate / 2),
                     QStringLiteral("Choose a lower frequency."));
    return {};
}

QString lengthName(const BlockUse& use, const Pipeline& pipeline)
{
    return QStringLiteral("length(%1)").arg(joinedNames(use, pipeline));
}

QString absoluteSumName(const BlockUse& use, const Pipeline& pipeline)
{
    return QStringLiteral("sum|%1|").arg(joinedNames(use, pipeline));
}

const QString& channelName(const Pipeline& pipeline, int channel)
{
    return pipeline.stream.channels[static_cast<std::size_t>(channel)].name;
}

} // namespace ember::features
