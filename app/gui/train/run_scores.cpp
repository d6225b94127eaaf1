// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/train/run_scores.h"

#include "app/gui/widgets/format.h"

#include <QCoreApplication>
#include <QJsonArray>

#include <cmath>

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

QString boundsText(const Bounds& bounds)
{
    return QCoreApplication::translate("RunScores", "95 %: %1 – %2")
        .arg(formatScore(bounds.low), formatScore(bounds.high));
}

std::vector<RunScores::Headline> classHeadlines(const RunScores& scores)
{
    return {
        {QCoreApplication::translate("RunScores", "Macro F1"), scores.f1, boundsText({scores.f1Low, scores.f1High})},
        {QCoreApplication::translate("RunScores", "Accuracy"), scores.accuracy,
         boundsText({scores.accuracyLow, scores.accuracyHigh})},
        {QCoreApplication::translate("RunScores", "MCC"), scores.mcc,
         QCoreApplication::translate("RunScores", "balanced accuracy %1").arg(formatScore(scores.balancedAccuracy))}};
}

std::vector<RunScores::Headline> anomalyHeadlines(const QJsonObject& json)
{
    const double area = json.value(QStringLiteral("roc_auc")).toDouble(std::nan(""));
    const QString bounds = std::isnan(area)
                               ? QCoreApplication::translate("RunScores", "only one kind was tested")
                               : boundsText(readBounds(json, QStringLiteral("roc_auc_interval95"), {area, area}));
    return {{QCoreApplication::translate("RunScores", "ROC AUC"), area, bounds},
            {QCoreApplication::translate("RunScores", "False alarms"),
             json.value(QStringLiteral("false_alarm_rate")).toDouble(std::nan("")),
             QCoreApplication::translate("RunScores", "of the normal windows")},
            {QCoreApplication::translate("RunScores", "Found"),
             json.value(QStringLiteral("detection_rate")).toDouble(std::nan("")),
             QCoreApplication::translate("RunScores", "of the anomalies")}};
}

std::vector<RunScores::Headline> regressionHeadlines(const QJsonObject& json)
{
    const double r2 = json.value(QStringLiteral("r2")).toDouble();
    return {{QCoreApplication::translate("RunScores", "R2"), r2,
             boundsText(readBounds(json, QStringLiteral("r2_interval95"), {r2, r2}))},
            {QCoreApplication::translate("RunScores", "RMSE"), json.value(QStringLiteral("rmse")).toDouble(),
             QCoreApplication::translate("RunScores", "in the unit of the labels")},
            {QCoreApplication::translate("RunScores", "Mean error"), json.value(QStringLiteral("mae")).toDouble(),
             QCoreApplication::translate("RunScores", "in the unit of the labels")}};
}

std::vector<double> readNumbers(const QJsonObject& json, const QString& key)
{
    std::vector<double> numbers;
    for (const QJsonValue& value : json.value(key).toArray())
        numbers.push_back(value.toDouble());
    return numbers;
}

void readCurves(const QJsonObject& json, RunScores& scores)
{
    for (const QJsonValue& value : json.value(QStringLiteral("curves")).toArray()) {
        const QJsonObject of = value.toObject();
        RunScores::Curve curve{of.value(QStringLiteral("label")).toString(),
                               of.value(QStringLiteral("roc_auc")).toDouble(),
                               of.value(QStringLiteral("average_precision")).toDouble(),
                               of.value(QStringLiteral("equal_error_rate")).toDouble(),
                               readNumbers(of, QStringLiteral("false_positive_rate")),
                               readNumbers(of, QStringLiteral("true_positive_rate")),
                               readNumbers(of, QStringLiteral("precision"))};
        const std::size_t points = curve.falsePositives.size();
        if (curve.truePositives.size() == points && curve.precision.size() == points)
            scores.curves.push_back(std::move(curve));
    }
    const QJsonObject calibration = json.value(QStringLiteral("calibration")).toObject();
    scores.calibrationError = calibration.value(QStringLiteral("ece")).toDouble();
    scores.brier = calibration.value(QStringLiteral("brier")).toDouble();
    for (const QJsonValue& value : calibration.value(QStringLiteral("bins")).toArray()) {
        const QJsonObject bin = value.toObject();
        scores.shareBins.push_back(
            {bin.value(QStringLiteral("confidence")).toDouble(), bin.value(QStringLiteral("accuracy")).toDouble()});
    }
}

} // namespace

RunScores readScores(const QJsonObject& json)
{
    RunScores scores;
    for (const QJsonValue& note : json.value(QStringLiteral("notes")).toArray())
        scores.notes << note.toString();
    if (json.contains(QStringLiteral("r2"))) {
        scores.isValid = true;
        scores.headlines = regressionHeadlines(json);
        return scores;
    }
    if (!json.contains(QStringLiteral("f1")))
        return scores;
    scores.isValid = scores.hasF1 = true;
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
    readCurves(json, scores);
    const bool detects = json.value(QStringLiteral("task")).toString() == QStringLiteral("anomaly");
    scores.headlines = detects ? anomalyHeadlines(json) : classHeadlines(scores);
    return scores;
}

} // namespace ember::gui
