// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/deploy/cost_facts.h"

#include "core/base/quantity.h"
#include "core/footprint/energy.h"
#include "core/workflow/deploy.h"

#include <QCoreApplication>

#include <cmath>

namespace ember::gui {
namespace {

QString costText(const char* text)
{
    return QCoreApplication::translate("CostFacts", text);
}

void addWorkFacts(std::vector<Fact>& facts, const footprint::ModelCost& cost)
{
    facts.push_back({costText("Source"), footprint::costSourceName(cost.source)});
    facts.push_back({costText("Code"), formatBytes(std::llround(cost.flashCodeBytes.value))});
    facts.push_back({costText("Constants"), formatBytes(std::llround(cost.flashConstBytes.value))});
    if (cost.stackBytes.cost)
        facts.push_back({costText("Stack"), formatBytes(std::llround(cost.stackBytes.cost->value))});
    for (const footprint::StageCost& stage : cost.stages) {
        const QString unit = costText(stage.unit == footprint::WorkUnit::Cycles ? "%1 cycles" : "%1 instr.");
        facts.push_back({stage.name, unit.arg(formatCount(std::llround(stage.work.value)))});
    }
}

void addEnergyFacts(std::vector<Fact>& facts, const footprint::EnergyUse& use)
{
    using footprint::formatReading;
    if (!use.assumption.isEmpty())
        facts.push_back({costText("Time assumes"), use.assumption, "muted"});
    if (use.duty.cost) {
        const double share = use.duty.cost->value;
        facts.push_back({costText("Computes"), costText("%1 % of the time").arg(formatReading(share * 100)),
                         share > 1 ? "bad" : ""});
    }
    if (use.averageMilliamps.cost) {
        const QString current = formatReading(use.averageMilliamps.cost->value);
        facts.push_back({costText("Average current"), costText("%1 mA, estimated").arg(current)});
    } else {
        facts.push_back({costText("Average current"), use.averageMilliamps.reason, "muted"});
    }
    if (use.batteryHours.cost) {
        const QString days = formatReading(use.batteryHours.cost->value / 24);
        facts.push_back({costText("Battery lasts"), costText("%1 days, estimated").arg(days)});
    }
}

} // namespace

std::vector<Fact> costFacts(const footprint::ModelCost& cost, const workflow::Deployment* deployment,
                            double batteryMilliampHours)
{
    std::vector<Fact> facts;
    addWorkFacts(facts, cost);
    if (!deployment)
        return facts;
    footprint::Duty duty;
    if (batteryMilliampHours > 0)
        duty.batteryMilliampHours = batteryMilliampHours;
    addEnergyFacts(facts, workflow::energyOf(*deployment, cost, duty));
    return facts;
}

} // namespace ember::gui
