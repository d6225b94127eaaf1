// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/footprint/cost.h"

#include <QJsonArray>

#include <cmath>

namespace ember::footprint {
namespace {

void insert(QJsonObject& json, const QString& key, const OptionalCost& cost)
{
    json.insert(key, cost.cost ? QJsonValue(cost.cost->value) : QJsonValue(QJsonValue::Null));
    if (!cost.cost && !cost.reason.isEmpty())
        json.insert(key + QStringLiteral("_reason"), cost.reason);
}

QJsonArray stagesJson(const std::vector<StageCost>& stages)
{
    QJsonArray array;
    for (const StageCost& stage : stages) {
        const QString unit = workUnitName(stage.unit);
        array.append(QJsonObject{{QStringLiteral("name"), stage.name},
                                 {unit, stage.work.value},
                                 {unit + QStringLiteral("_max"), stage.workMax.value},
                                 {QStringLiteral("source"), costSourceName(stage.work.source)}});
    }
    return array;
}

} // namespace

QString costSourceName(CostSource source)
{
    switch (source) {
    case CostSource::Estimated:
        return QStringLiteral("estimated");
    case CostSource::Emulated:
        return QStringLiteral("emulated");
    case CostSource::Measured:
        return QStringLiteral("measured");
    }
    return {};
}

QString workUnitName(WorkUnit unit)
{
    return unit == WorkUnit::Cycles ? QStringLiteral("cycles") : QStringLiteral("instructions");
}

QJsonObject toJson(const ModelCost& cost)
{
    QJsonObject json{{QStringLiteral("flash_bytes"), std::round(cost.flashBytes.value)},
                     {QStringLiteral("flash_code_bytes"), std::round(cost.flashCodeBytes.value)},
                     {QStringLiteral("flash_const_bytes"), std::round(cost.flashConstBytes.value)},
                     {QStringLiteral("ram_bytes"), std::round(cost.ramBytes.value)},
                     {QStringLiteral("stages"), stagesJson(cost.stages)},
                     {QStringLiteral("rows"), cost.rows},
                     {QStringLiteral("source"), costSourceName(cost.source)}};
    insert(json, QStringLiteral("stack_bytes"), cost.stackBytes);
    insert(json, QStringLiteral("instructions"), cost.instructions);
    insert(json, QStringLiteral("instructions_max"), cost.instructionsMax);
    insert(json, QStringLiteral("cycles"), cost.cycles);
    insert(json, QStringLiteral("cycles_max"), cost.cyclesMax);
    insert(json, QStringLiteral("energy_uj"), cost.energyMicrojoules);
    return json;
}

} // namespace ember::footprint
