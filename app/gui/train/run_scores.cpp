// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/train/run_scores.h"

#include <QJsonArray>

namespace ember::gui {
namespace {

struct Bounds
{
    double low = 0;
    double high = 1;
};

Bounds readBounds(const QJsonObject& json, const QString& key, Bounds otherwise)
{
    const QJsonArray pair = json.value(key).toArray();
    return pair.size() == 2 ? Bounds{pair[0].toDouble(), pair[1].toDouble()} : otherwise;
}

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
    const Bounds f1 = readBounds(json, QStringLiteral("interval95"), {scores.f1, scores.f1});
    scores.f1Low = f1.low;
    scores.f1High = f1.high;
    const Bounds accuracy = readBounds(json, QStringLiteral("accuracy_interval95"), {scores.accuracy, scores.accuracy});
    scores.accuracyLow = accuracy.low;
    scores.accuracyHigh = accuracy.high;
    for (const QJsonValue& value : json.value(QStringLiteral("per_class")).toArray()) {
        const QJsonObject row = value.toObject();
        const Bounds classF1 = readBounds(row, QStringLiteral("f1_interval95"), {});
        scores.classes.push_back(
            {row.value(QStringLiteral("label")).toString(), row.value(QStringLiteral("precision")).toDouble(),
             row.value(QStringLiteral("recall")).toDouble(), row.value(QStringLiteral("f1")).toDouble(), classF1.low,
             classF1.high, row.value(QStringLiteral("support")).toInteger()});
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

} // namespace ember::gui
