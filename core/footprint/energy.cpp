// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/footprint/energy.h"

#include "core/base/quantity.h"
#include "core/device/board.h"

#include <algorithm>
#include <cmath>

namespace ember::footprint {
namespace {

// Single-issue cores take one cycle for most instructions, two to three for loads and taken branches, more for
// divisions and floats (the timing tables of Arm's reference manuals); in loops over arrays, as all our kernels are,
// that makes the figures below. Wait states of the flash are not in them.
struct Core
{
    const char* cpu; ///< beginning of its name
    double cyclesPerInstruction;
};
constexpr Core kCores[] = {
    {"Cortex-M0", 1.5}, {"Cortex-M33", 1.3}, {"Cortex-M3", 1.4}, {"Cortex-M4", 1.4}, {"Cortex-M7", 1.0}, // two at once
};
constexpr double kOtherCore = 1.5;

/// The cycles of an inference; `assumed` of a count of instructions.
OptionalCost cyclesOf(const ModelCost& cost, const CoreSpeed& speed, bool& assumed)
{
    assumed = !cost.cycles.cost;
    if (!assumed)
        return cost.cycles;
    if (!cost.instructions.cost)
        return OptionalCost::none(QStringLiteral("neither cycles nor instructions are known: profile the model"));
    return OptionalCost::of(cost.instructions.cost->value * speed.cyclesPerInstruction, CostSource::Estimated);
}

OptionalCost averageCurrent(const device::Board& board, const EnergyUse& use)
{
    if (!use.duty.cost)
        return OptionalCost::none(use.duty.reason);
    if (!board.activeMilliamps)
        return OptionalCost::none(QStringLiteral("the board file has no supply current"));
    const double share = use.duty.cost->value;
    if (share > 1)
        return OptionalCost::none(QStringLiteral("an inference takes longer than the time until the next one"));
    if (!board.sleepMicroamps && share < 1)
        return OptionalCost::none(QStringLiteral("the board file has no sleep current"));
    const double asleep = board.sleepMicroamps.value_or(0) * 1e-3;
    return OptionalCost::of(share * *board.activeMilliamps + (1 - share) * asleep, CostSource::Estimated);
}

OptionalCost batteryLife(const OptionalCost& milliamps, const Duty& duty)
{
    if (!duty.batteryMilliampHours)
        return OptionalCost::none(QStringLiteral("no battery capacity was given"));
    if (!milliamps.cost)
        return milliamps;
    return OptionalCost::of(*duty.batteryMilliampHours / milliamps.cost->value, CostSource::Estimated);
}

} // namespace

CoreSpeed coreSpeed(const device::Board& board)
{
    const auto* known = std::find_if(std::begin(kCores), std::end(kCores), [&board](const Core& core) {
        return board.cpu.startsWith(QLatin1String(core.cpu));
    });
    CoreSpeed speed;
    speed.cyclesPerInstruction = known == std::end(kCores) ? kOtherCore : known->cyclesPerInstruction;
    speed.assumption =
        QStringLiteral("%1 cycles an instruction on %2").arg(QString::number(speed.cyclesPerInstruction), board.cpu);
    return speed;
}

EnergyUse energyUse(const ModelCost& cost, const device::Board& board, const Duty& duty)
{
    EnergyUse use;
    use.currentSource = board.currentSource;
    const CoreSpeed speed = coreSpeed(board);
    bool assumed = false;
    const OptionalCost cycles = cyclesOf(cost, speed, assumed);
    if (assumed && cycles.cost)
        use.assumption = speed.assumption;
    if (!cycles.cost || board.clockHz <= 0) {
        const QString reason = cycles.cost ? QStringLiteral("the board file has no clock") : cycles.reason;
        use.milliseconds = use.microjoules = use.duty = use.averageMilliamps = use.batteryHours =
            OptionalCost::none(reason);
        return use;
    }
    const double seconds = cycles.cost->value / static_cast<double>(board.clockHz);
    use.milliseconds = OptionalCost::of(seconds * 1e3, cycles.cost->source);
    use.microjoules =
        board.activeMilliamps && board.supplyVolts
            ? OptionalCost::of(seconds * *board.activeMilliamps * *board.supplyVolts * 1e3, CostSource::Estimated)
            : OptionalCost::none(QStringLiteral("the board file has no supply current"));
    use.duty = duty.inferencesPerSecond ? OptionalCost::of(seconds * *duty.inferencesPerSecond, cycles.cost->source)
                                        : OptionalCost::none(QStringLiteral("nobody said how often the model runs"));
    use.averageMilliamps = averageCurrent(board, use);
    use.batteryHours = batteryLife(use.averageMilliamps, duty);
    return use;
}

QJsonObject toJson(const EnergyUse& use)
{
    QJsonObject json;
    insertCost(json, QStringLiteral("inference_ms"), use.milliseconds);
    insertCost(json, QStringLiteral("energy_uj"), use.microjoules);
    insertCost(json, QStringLiteral("duty"), use.duty);
    insertCost(json, QStringLiteral("average_ma"), use.averageMilliamps);
    insertCost(json, QStringLiteral("battery_hours"), use.batteryHours);
    if (use.milliseconds.cost)
        json.insert(QStringLiteral("inference_ms_source"), costSourceName(use.milliseconds.cost->source));
    json.insert(QStringLiteral("cycles_assumption"), use.assumption);
    json.insert(QStringLiteral("current_source"), use.currentSource);
    json.insert(QStringLiteral("source"), costSourceName(CostSource::Estimated));
    return json;
}

QString formatReading(double value)
{
    const double size = std::abs(value);
    if (size >= 1000)
        return formatCount(std::llround(value));
    constexpr int kMostDecimals = 9;
    const int decimals = size > 0 ? 2 - static_cast<int>(std::floor(std::log10(size))) : 0;
    return QString::number(value, 'f', std::clamp(decimals, 0, kMostDecimals));
}

} // namespace ember::footprint
