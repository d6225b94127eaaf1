// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/cost_text.h"

#include "app/cli/text_table.h"
#include "core/base/quantity.h"

namespace ember::cli {
namespace {

const QString kUnknown = QStringLiteral("-");

QString count(double value)
{
    return formatCount(static_cast<qint64>(value + 0.5));
}

QString optionalCount(const footprint::OptionalCost& cost)
{
    return cost.cost ? count(cost.cost->value) : kUnknown;
}

} // namespace

QString costTable(const QStringList& headers, const std::vector<footprint::ModelCost>& costs)
{
    TextTable table(QStringList{QStringLiteral("cost")} + headers);
    const auto row = [&](const QString& name, const auto& cell) {
        QStringList cells{name};
        bool known = false;
        for (const footprint::ModelCost& cost : costs) {
            cells << cell(cost);
            known = known || cells.back() != kUnknown;
        }
        if (known)
            table.add(cells);
    };
    using footprint::ModelCost;
    row(QStringLiteral("flash, bytes"), [](const ModelCost& c) { return count(c.flashBytes.value); });
    row(QStringLiteral("  of it code"), [](const ModelCost& c) { return count(c.flashCodeBytes.value); });
    row(QStringLiteral("  of it tables"), [](const ModelCost& c) { return count(c.flashConstBytes.value); });
    row(QStringLiteral("RAM, bytes"), [](const ModelCost& c) { return count(c.ramBytes.value); });
    row(QStringLiteral("stack, bytes"), [](const ModelCost& c) { return optionalCount(c.stackBytes); });
    row(QStringLiteral("instructions, mean"), [](const ModelCost& c) { return optionalCount(c.instructions); });
    row(QStringLiteral("instructions, most"), [](const ModelCost& c) { return optionalCount(c.instructionsMax); });
    row(QStringLiteral("cycles, mean"), [](const ModelCost& c) { return optionalCount(c.cycles); });
    row(QStringLiteral("cycles, most"), [](const ModelCost& c) { return optionalCount(c.cyclesMax); });
    return table.toString();
}

QString workText(const footprint::ModelCost& cost)
{
    const auto& work = cost.work().cost;
    if (!work)
        return {};
    return cost.workUnit() == footprint::WorkUnit::Cycles ? count(work->value) + QStringLiteral(" cycles")
                                                          : count(work->value);
}

QString energyText(const footprint::EnergyUse& use, const footprint::Duty& duty)
{
    QStringList lines;
    const auto number = [](double value) { return footprint::formatReading(value); };
    if (use.milliseconds.cost)
        lines << QStringLiteral("time: %1 ms an inference (%2)")
                     .arg(number(use.milliseconds.cost->value),
                          use.assumption.isEmpty() ? footprint::costSourceName(use.milliseconds.cost->source)
                                                   : QStringLiteral("estimated, at ") + use.assumption);
    if (use.microjoules.cost)
        lines << QStringLiteral("energy: %1 µJ an inference (estimated; %2)")
                     .arg(number(use.microjoules.cost->value), use.currentSource);
    else
        lines << QStringLiteral("energy: unknown, %1").arg(use.microjoules.reason);
    if (use.averageMilliamps.cost)
        lines << QStringLiteral(
                     "current: %1 mA on average, computing %2 % of the time (estimated; the processor alone)")
                     .arg(number(use.averageMilliamps.cost->value), number(use.duty.cost->value * 100));
    else if (use.duty.cost && use.duty.cost->value > 1)
        lines << QStringLiteral("current: none, %1").arg(use.averageMilliamps.reason);
    if (use.batteryHours.cost)
        lines << QStringLiteral("battery: %1 mAh last %2 days (estimated)")
                     .arg(number(*duty.batteryMilliampHours), number(use.batteryHours.cost->value / 24));
    else if (duty.batteryMilliampHours)
        lines << QStringLiteral("battery: unknown, %1").arg(use.batteryHours.reason);
    return lines.join(QLatin1Char('\n'));
}

QString verifySentence(const footprint::VerifyReport& report)
{
    QString text = QStringLiteral("verify: %1 rows, %2 label flips, ").arg(report.rows).arg(report.labelFlips);
    const bool votes = report.outputType == signal::SampleType::Int32;
    text += report.bitExact
                ? QStringLiteral("bit exact features and %1")
                      .arg(votes ? QStringLiteral("votes") : QStringLiteral("outputs"))
                : QStringLiteral("%1 rows differ (by up to %2)").arg(report.mismatched).arg(report.maxAbsDiff);
    for (const footprint::Mismatch& mismatch : report.firstMismatches)
        text += QStringLiteral("\n  row %1: %2").arg(mismatch.row).arg(mismatch.what);
    return text;
}

} // namespace ember::cli
