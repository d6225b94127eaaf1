// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QString>
#include <QtGlobal>

#include <optional>
#include <vector>

namespace ember::footprint {

/// Where a number comes from. Estimated: a formula. Emulated: the linked image and an instruction-set emulator.
/// Measured: a physical board.
enum class CostSource : quint8
{
    Estimated,
    Emulated,
    Measured
};

/// "estimated", "emulated", "measured".
QString costSourceName(CostSource source);

/// A number that says where it comes from.
struct Cost
{
    double value = 0;
    CostSource source = CostSource::Estimated;

    friend bool operator==(const Cost&, const Cost&) = default;
};

/// A cost, or the reason why there is none.
struct OptionalCost
{
    std::optional<Cost> cost;
    QString reason; ///< empty when there is a cost

    static OptionalCost of(double value, CostSource source) { return {Cost{value, source}, {}}; }
    static OptionalCost none(QString why) { return {std::nullopt, std::move(why)}; }
};

/// What a CPU's work is counted in.
enum class WorkUnit : quint8
{
    Instructions, ///< QEMU counts these
    Cycles        ///< simavr counts these, and so does a physical board's timer
};

/// "instructions", "cycles".
QString workUnitName(WorkUnit unit);

/// One stage of an inference ("features", "model", or a feature block).
struct StageCost
{
    QString name;
    Cost work; ///< per inference, mean over the rows
    Cost workMax;
    WorkUnit unit = WorkUnit::Instructions;
};

/// What a model costs on a board, on top of the firmware that carries it. Bytes are of the linked image with the model
/// minus the image without it. RAM is static data; the stack of an inference is apart.
struct ModelCost
{
    Cost flashBytes;
    Cost flashCodeBytes;
    Cost flashConstBytes;
    Cost ramBytes;
    OptionalCost stackBytes;
    OptionalCost instructions; ///< per inference, mean over the rows
    OptionalCost instructionsMax;
    OptionalCost cycles; ///< the same where cycles are counted and not instructions
    OptionalCost cyclesMax;
    OptionalCost energyMicrojoules;
    std::vector<StageCost> stages;
    CostSource source = CostSource::Estimated; ///< of the bytes and instructions
    qint64 rows = 0;                           ///< inputs behind the means; 0 for an estimate

    /// Of an inference, in what is known: cycles, or else instructions.
    const OptionalCost& work() const { return cycles.cost ? cycles : instructions; }
    WorkUnit workUnit() const { return cycles.cost ? WorkUnit::Cycles : WorkUnit::Instructions; }
};

/// Puts the number under `key`; null where there is none, with its reason as KEY_reason.
void insertCost(QJsonObject& json, const QString& key, const OptionalCost& cost);

/// The fields of the command line: flash_bytes, ram_bytes, instructions, cycles, energy_uj, stages, source, ...;
/// what is absent is null and has its reason beside it ("energy_uj_reason").
QJsonObject toJson(const ModelCost& cost);

/// The reverse, of what a project stored; nothing when it is no such object.
std::optional<ModelCost> costFromJson(const QJsonObject& json);

} // namespace ember::footprint
