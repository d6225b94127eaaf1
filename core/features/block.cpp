// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/block.h"

#include "core/features/blocks.h"

#include <QJsonArray>

#include <algorithm>
#include <array>
#include <cmath>

namespace ember::features {
namespace {

QStringList keysOf(const BlockInfo& info)
{
    QStringList keys;
    for (const BlockParameter& parameter : info.parameters)
        keys << parameter.key;
    return keys;
}

Error refused(const BlockInfo& info, const BlockParameter& parameter, const QString& wanted)
{
    return Error(ErrorKind::Usage,
                 QStringLiteral("Parameter '%1' of feature block '%2' takes %3.").arg(parameter.key, info.id, wanted),
                 parameter.help);
}

Result<QJsonValue> checkedReal(const BlockInfo& info, const BlockParameter& parameter, const QJsonValue& value)
{
    const double number = value.toDouble(std::nan(""));
    if (!(number >= parameter.minimum && number <= parameter.maximum))
        return refused(info, parameter,
                       QStringLiteral("a number from %1 to %2").arg(parameter.minimum).arg(parameter.maximum));
    return QJsonValue(number);
}

Result<QJsonValue> checkedInteger(const BlockInfo& info, const BlockParameter& parameter, const QJsonValue& value)
{
    const double number = value.toDouble(std::nan(""));
    if (!(number >= parameter.minimum && number <= parameter.maximum) || number != std::floor(number))
        return refused(info, parameter,
                       QStringLiteral("a whole number from %1 to %2").arg(parameter.minimum).arg(parameter.maximum));
    return QJsonValue(static_cast<int>(number));
}

Result<QJsonValue> checkedSet(const BlockInfo& info, const BlockParameter& parameter, const QJsonValue& value)
{
    const QString wanted = QStringLiteral("a list of %1").arg(parameter.choices.join(QStringLiteral(", ")));
    if (!value.isArray())
        return refused(info, parameter, wanted);
    QStringList chosen;
    const QJsonArray items = value.toArray();
    for (const QJsonValue& item : items) {
        if (!parameter.choices.contains(item.toString()))
            return refused(info, parameter, wanted);
        chosen << item.toString();
    }
    // In the order of the choices and each once, so that equal sets are equal values.
    QJsonArray ordered;
    for (const QString& choice : parameter.choices) {
        if (chosen.contains(choice))
            ordered.append(choice);
    }
    return QJsonValue(ordered);
}

Result<QJsonValue> checkedValue(const BlockInfo& info, const BlockParameter& parameter, const QJsonValue& value)
{
    switch (parameter.type) {
    case BlockParameter::Type::Integer:
        return checkedInteger(info, parameter, value);
    case BlockParameter::Type::Real:
        return checkedReal(info, parameter, value);
    case BlockParameter::Type::ChoiceSet:
        return checkedSet(info, parameter, value);
    case BlockParameter::Type::Choice:
        break;
    }
    if (!parameter.choices.contains(value.toString()))
        return refused(info, parameter, QStringLiteral("one of %1").arg(parameter.choices.join(QStringLiteral(", "))));
    return value;
}

} // namespace

Status Block::check(const BlockUse&, const Pipeline&) const
{
    return {};
}

std::vector<int> Block::shape(const BlockUse&, const Pipeline&) const
{
    return {};
}

std::span<const Block* const> allBlocks()
{
    static const StatisticsBlock statistics;
    static const SpectrumBlock spectrum;
    static const MagnitudeBlock magnitude;
    static const CorrelationBlock correlation;
    static const AudioBlock audio;
    static const QuantilesBlock quantiles;
    static const HistogramBlock histogram;
    static const AutocorrelationBlock autocorrelation;
    static const TonesBlock tones;
    static const WaveletBlock wavelet;
    static const TiltBlock tilt;
    static const RawBlock raw;
    static const std::array<const Block*, 12> all = {&statistics, &spectrum,  &magnitude, &correlation,
                                                     &audio,      &quantiles, &histogram, &autocorrelation,
                                                     &tones,      &wavelet,   &tilt,      &raw};
    return all;
}

const Block* findBlock(const QString& id)
{
    for (const Block* block : allBlocks()) {
        if (block->info().id == id)
            return block;
    }
    return nullptr;
}

Result<BlockUse> makeUse(const QString& block, std::vector<int> channels, const QJsonObject& parameters)
{
    const Block* found = findBlock(block);
    if (!found) {
        QStringList ids;
        for (const Block* each : allBlocks())
            ids << each->info().id;
        return Error(ErrorKind::NotFound, QStringLiteral("There is no feature block '%1'.").arg(block),
                     QStringLiteral("The blocks are %1.").arg(ids.join(QStringLiteral(", "))));
    }
    return completeUse(found->info(), std::move(channels), parameters);
}

Result<BlockUse> completeUse(const BlockInfo& info, std::vector<int> channels, const QJsonObject& parameters)
{
    const QStringList keys = keysOf(info);
    for (auto it = parameters.begin(); it != parameters.end(); ++it) {
        if (!keys.contains(it.key()))
            return Error(ErrorKind::Usage,
                         QStringLiteral("Feature block '%1' has no parameter '%2'.").arg(info.id, it.key()),
                         keys.isEmpty() ? QStringLiteral("It has none.")
                                        : QStringLiteral("It has %1.").arg(keys.join(QStringLiteral(", "))));
    }
    BlockUse use{info.id, {}, std::move(channels)};
    for (const BlockParameter& parameter : info.parameters) {
        const QJsonValue given = parameters.value(parameter.key);
        EMBER_TRY(const QJsonValue value,
                  checkedValue(info, parameter, given.isUndefined() ? parameter.defaultValue : given));
        use.parameters.insert(parameter.key, value);
    }
    return use;
}

} // namespace ember::features
