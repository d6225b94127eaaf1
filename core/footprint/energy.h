// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/footprint/cost.h"

#include <QJsonObject>
#include <QString>

#include <optional>

namespace ember::device {
struct Board;
}

namespace ember::footprint {

/// How a model is used in the field.
struct Duty
{
    std::optional<double> inferencesPerSecond;  ///< absent: nobody said
    std::optional<double> batteryMilliampHours; ///< of what feeds the board
};

/// How many cycles an instruction takes on a core whose emulator counts instructions: an assumption and no count.
struct CoreSpeed
{
    double cyclesPerInstruction = 1;
    QString assumption; ///< "1.4 cycles an instruction on Cortex-M4F"
};
CoreSpeed coreSpeed(const device::Board& board);

/// Time and energy of the processor alone, of what runs the model: sensors, radio, regulators and lamps come on top.
/// Figures are "estimated" unless cycles were counted, and all that has a current in it is, for the current is a data
/// sheet's.
struct EnergyUse
{
    OptionalCost milliseconds; ///< of one inference
    QString assumption;        ///< what is taken for granted about cycles; empty where they were counted
    OptionalCost microjoules;  ///< of one inference
    OptionalCost duty;         ///< share of the time in which the processor computes; above 1 it cannot keep up
    OptionalCost averageMilliamps;
    OptionalCost batteryHours;
    QString currentSource; ///< of the board's figures, as its file says
};

/// Energy = U I t, with t = cycles / clock; the average current is that of computing and of sleep, each for its share
/// of the time; a battery lasts capacity / current, without self-discharge and cut-off. What is not known is absent
/// with its reason.
EnergyUse energyUse(const ModelCost& cost, const device::Board& board, const Duty& duty = {});

/// inference_ms, cycles_assumption, energy_uj, duty, average_ma, battery_hours, current_source, source; what is absent
/// is null and has its reason beside it.
QJsonObject toJson(const EnergyUse& use);

/// "0.034", "3.41", "128", "12,345": three digits that tell, for people.
QString formatReading(double value);

} // namespace ember::footprint
