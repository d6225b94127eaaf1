// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/train/run_scores.h"

#include <QJsonArray>

#include <algorithm>
#include <cmath>

namespace ember::gui {
namespace {

constexpr double kTwoSided95 = 1.959963985;

ConfusionTable readConfusion(const QJsonObject& json)
{
    ConfusionTable table;
    for (const QJsonValue& name : json.value(QStringLiteral("labels")).toArray())
        table.classNames << name.toString();
    const QJsonArray rows = json.value(QStringLiteral("confusion")).toArray();
    if (rows.size() != table.classNames.size())
        return {};
    for (const QJsonValue& row : rows) {
        const QJsonArray cells = row.toArray();
        if (cells.size() != rows.size())
            return {};
        for (const QJsonValue& cell : cells)
            table.counts.push_back(cell.toInteger());
    }
    return table;
}

} // namespace

RunScores readScores(const QJsonObject& json)
{
    RunScores scores;
    if (!json.contains(QStringLiteral("f1")))
        return scores;
    scores.isValid = true;
    scores.f1 = json.value(QStringLiteral("f1")).toDouble();
    scores.accuracy = json.value(QStringLiteral("accuracy")).toDouble();
    scores.balancedAccuracy = json.value(QStringLiteral("balanced_accuracy")).toDouble();
    scores.mcc = json.value(QStringLiteral("mcc")).toDouble();
    const auto bounds = [&json](const QString& key, double value) {
        const QJsonArray pair = json.value(key).toArray();
        return pair.size() == 2 ? Bounds{pair[0].toDouble(), pair[1].toDouble()} : Bounds{value, value};
    };
    const Bounds f1 = bounds(QStringLiteral("interval95"), scores.f1);
    scores.f1Low = f1.low;
    scores.f1High = f1.high;
    const Bounds accuracy = bounds(QStringLiteral("accuracy_interval95"), scores.accuracy);
    scores.accuracyLow = accuracy.low;
    scores.accuracyHigh = accuracy.high;
    for (const QJsonValue& value : json.value(QStringLiteral("per_class")).toArray()) {
        const QJsonObject row = value.toObject();
        scores.classes.push_back(
            {row.value(QStringLiteral("label")).toString(), row.value(QStringLiteral("precision")).toDouble(),
             row.value(QStringLiteral("recall")).toDouble(), row.value(QStringLiteral("f1")).toDouble(),
             row.value(QStringLiteral("support")).toInteger()});
    }
    for (const QJsonValue& value : json.value(QStringLiteral("per_group")).toArray()) {
        const QJsonObject row = value.toObject();
        scores.groups.push_back(
            {row.value(QStringLiteral("group")).toString(), row.value(QStringLiteral("rows")).toInteger(),
             row.value(QStringLiteral("accuracy")).toDouble(), row.value(QStringLiteral("f1")).toDouble()});
    }
    scores.confusion = readConfusion(json);
    return scores;
}

Bounds wilsonInterval(double hits, double total)
{
    if (total <= 0)
        return {};
    const double z2 = kTwoSided95 * kTwoSided95;
    const double p = hits / total;
    const double centre = (p + z2 / (2 * total)) / (1 + z2 / total);
    const double half = kTwoSided95 / (1 + z2 / total) * std::sqrt(p * (1 - p) / total + z2 / (4 * total * total));
    return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

} // namespace ember::gui
