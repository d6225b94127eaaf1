// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/score_curves_json.h"

#include "core/model/graph_builder.h"

#include <QJsonArray>

#include <cmath>

namespace ember::workflow {
namespace {

constexpr std::size_t kMostPoints = 101; // finer than any screen shows, and a few kilobytes for a class

QJsonObject curveJson(const learn::ThresholdCurve& curve, const QString& label)
{
    QJsonArray thresholds, falsePositives, truePositives, precisions;
    for (const learn::ThresholdPoint& point : learn::thinned(curve.points, kMostPoints)) {
        // The first threshold is above every score, and JSON has no infinity.
        thresholds.append(std::isfinite(point.threshold) ? QJsonValue(point.threshold) : QJsonValue());
        falsePositives.append(point.falsePositiveRate);
        truePositives.append(point.truePositiveRate);
        precisions.append(point.precision);
    }
    return {{QStringLiteral("label"), label},
            {QStringLiteral("positives"), curve.positives},
            {QStringLiteral("negatives"), curve.negatives},
            {QStringLiteral("roc_auc"), curve.rocAuc},
            {QStringLiteral("average_precision"), curve.averagePrecision},
            {QStringLiteral("equal_error_rate"), curve.equalErrorRate},
            {QStringLiteral("thresholds"), thresholds},
            {QStringLiteral("false_positive_rate"), falsePositives},
            {QStringLiteral("true_positive_rate"), truePositives},
            {QStringLiteral("precision"), precisions}};
}

QJsonObject calibrationJson(const learn::Calibration& calibration)
{
    QJsonArray bins;
    for (const learn::Calibration::Bin& bin : calibration.bins) {
        if (bin.rows > 0)
            bins.append(QJsonObject{{QStringLiteral("confidence"), bin.confidence},
                                    {QStringLiteral("accuracy"), bin.accuracy},
                                    {QStringLiteral("rows"), bin.rows}});
    }
    return {{QStringLiteral("ece"), calibration.expectedError},
            {QStringLiteral("brier"), calibration.brier},
            {QStringLiteral("bins"), bins}};
}

} // namespace

void addCurves(const learn::ScoreCurves& curves, const QStringList& classNames, QJsonObject& json)
{
    const bool detects = classNames == model::anomalyClasses();
    QJsonArray classes;
    for (const learn::ScoreCurves::OfClass& of : curves.classes) {
        if (!detects || of.label == 1)
            classes.append(curveJson(of.curve, classNames.value(of.label)));
    }
    json.insert(QStringLiteral("curves"), classes);
    json.insert(QStringLiteral("calibration"),
                curves.calibration ? QJsonValue(calibrationJson(*curves.calibration)) : QJsonValue());
}

learn::ScoreCurves curvesOf(const learn::ValidationReport& report, const learn::Matrix& matrix)
{
    if (report.task == plugin::Task::Regression || static_cast<qsizetype>(report.targets) != matrix.classNames.size())
        return {};
    std::vector<qint32> truth;
    for (const qsizetype row : report.rows)
        truth.push_back(matrix.labels[static_cast<std::size_t>(row)]);
    return learn::scoreCurvesOf(report.scores, report.targets, truth);
}

} // namespace ember::workflow
