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
