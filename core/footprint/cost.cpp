// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/footprint/cost.h"

#include <QJsonArray>

#include <cmath>

namespace ember::footprint {
namespace {

// An emulated count times the current of a data sheet is an estimate, so energy has a source of its own.
const QString kEnergySource = QStringLiteral("energy_uj_source");

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

std::optional<CostSource> costSourceFromName(const QString& name)
{
    for (const CostSource source : {CostSource::Estimated, CostSource::Emulated, CostSource::Measured}) {
        if (costSourceName(source) == name)
            return source;
    }
    return std::nullopt;
}

OptionalCost optionalCostFrom(const QJsonObject& json, const QString& key, CostSource source)
{
    const QJsonValue value = json.value(key);
    return value.isDouble() ? OptionalCost::of(value.toDouble(), source)
                            : OptionalCost::none(json.value(key + QStringLiteral("_reason")).toString());
}

std::vector<StageCost> stagesFrom(const QJsonArray& array)
{
    std::vector<StageCost> stages;
    for (const QJsonValue& value : array) {
        const QJsonObject json = value.toObject();
        const auto source = costSourceFromName(json.value(QStringLiteral("source")).toString());
        StageCost stage;
        stage.name = json.value(QStringLiteral("name")).toString();
        stage.unit = json.contains(workUnitName(WorkUnit::Cycles)) ? WorkUnit::Cycles : WorkUnit::Instructions;
        const QString unit = workUnitName(stage.unit);
        stage.work = {json.value(unit).toDouble(), source.value_or(CostSource::Estimated)};
        stage.workMax = {json.value(unit + QStringLiteral("_max")).toDouble(), stage.work.source};
        stages.push_back(std::move(stage));
    }
    return stages;
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

void insertCost(QJsonObject& json, const QString& key, const OptionalCost& cost)
{
    json.insert(key, cost.cost ? QJsonValue(cost.cost->value) : QJsonValue(QJsonValue::Null));
    if (!cost.cost && !cost.reason.isEmpty())
        json.insert(key + QStringLiteral("_reason"), cost.reason);
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
    insertCost(json, QStringLiteral("stack_bytes"), cost.stackBytes);
    insertCost(json, QStringLiteral("instructions"), cost.instructions);
    insertCost(json, QStringLiteral("instructions_max"), cost.instructionsMax);
    insertCost(json, QStringLiteral("cycles"), cost.cycles);
    insertCost(json, QStringLiteral("cycles_max"), cost.cyclesMax);
    insertCost(json, QStringLiteral("energy_uj"), cost.energyMicrojoules);
    if (cost.energyMicrojoules.cost)
        json.insert(kEnergySource, costSourceName(cost.energyMicrojoules.cost->source));
    return json;
}

std::optional<ModelCost> costFromJson(const QJsonObject& json)
{
    const auto source = costSourceFromName(json.value(QStringLiteral("source")).toString());
    if (!source || !json.value(QStringLiteral("flash_bytes")).isDouble())
        return std::nullopt;
    const auto bytes = [&](const QString& key) { return Cost{json.value(key).toDouble(), *source}; };
    const auto optional = [&](const QString& key) { return optionalCostFrom(json, key, *source); };
    ModelCost cost;
    cost.source = *source;
    cost.flashBytes = bytes(QStringLiteral("flash_bytes"));
    cost.flashCodeBytes = bytes(QStringLiteral("flash_code_bytes"));
    cost.flashConstBytes = bytes(QStringLiteral("flash_const_bytes"));
    cost.ramBytes = bytes(QStringLiteral("ram_bytes"));
    cost.stackBytes = optional(QStringLiteral("stack_bytes"));
    cost.instructions = optional(QStringLiteral("instructions"));
    cost.instructionsMax = optional(QStringLiteral("instructions_max"));
    cost.cycles = optional(QStringLiteral("cycles"));
    cost.cyclesMax = optional(QStringLiteral("cycles_max"));
    cost.energyMicrojoules =
        optionalCostFrom(json, QStringLiteral("energy_uj"),
                         costSourceFromName(json.value(kEnergySource).toString()).value_or(CostSource::Estimated));
    cost.stages = stagesFrom(json.value(QStringLiteral("stages")).toArray());
    cost.rows = json.value(QStringLiteral("rows")).toInteger();
    return cost;
}

} // namespace ember::footprint
