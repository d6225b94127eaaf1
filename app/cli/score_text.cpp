// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/score_text.h"

#include "app/cli/text_table.h"

namespace ember::cli {

QString percent(double share)
{
    return QStringLiteral("%1 %").arg(share * 100, 0, 'f', 1);
}

QString confusionText(const learn::Confusion& confusion, const QStringList& labels)
{
    TextTable table(QStringList{QStringLiteral("true \\ predicted")} + labels);
    for (int truth = 0; truth < confusion.classes(); ++truth) {
        QStringList row{labels.value(truth)};
        for (int predicted = 0; predicted < confusion.classes(); ++predicted)
            row << QString::number(confusion.count(truth, predicted));
        table.add(row);
    }
    return table.toString();
}

QString curvesText(const learn::ScoreCurves& curves, const QStringList& labels)
{
    if (curves.classes.empty())
        return {};
    TextTable table({QStringLiteral("against the others"), QStringLiteral("ROC AUC"),
                     QStringLiteral("average precision"), QStringLiteral("equal error")});
    for (const learn::ScoreCurves::OfClass& of : curves.classes)
        table.add({labels.value(of.label), QString::number(of.curve.rocAuc, 'f', 4),
                   QString::number(of.curve.averagePrecision, 'f', 4), percent(of.curve.equalErrorRate)});
    QString text = table.toString();
    if (curves.calibration)
        text += QStringLiteral("\ncalibration: shares are off by %1 on average (ECE), Brier score %2")
                    .arg(percent(curves.calibration->expectedError))
                    .arg(curves.calibration->brier, 0, 'f', 4);
    return text;
}

QJsonObject scoresJson(const workflow::TableScores& scores)
{
    QJsonObject json{{QStringLiteral("task"), workflow::taskName(scores.task)}};
    if (scores.task == plugin::Task::Regression) {
        json.insert(QStringLiteral("r2"), scores.regression.r2);
        json.insert(QStringLiteral("rmse"), scores.regression.rmse);
        json.insert(QStringLiteral("mae"), scores.regression.mae);
        return json;
    }
    if (scores.task == plugin::Task::Anomaly)
        json.insert(QStringLiteral("anomalies"), scores.anomalyShare);
    if (scores.metrics.confusion.classes() > 0) {
        json.insert(QStringLiteral("accuracy"), scores.metrics.accuracy);
        json.insert(QStringLiteral("f1"), scores.metrics.macroF1);
    }
    if (scores.rocAuc)
        json.insert(QStringLiteral("roc_auc"), *scores.rocAuc);
    return json;
}

QString scoresText(const workflow::TableScores& scores)
{
    const auto number = [](double value) { return QString::number(value, 'f', 4); };
    if (scores.task == plugin::Task::Regression)
        return QStringLiteral("R2 %1, RMSE %2, mean error %3")
            .arg(number(scores.regression.r2), QString::number(scores.regression.rmse, 'g', 4),
                 QString::number(scores.regression.mae, 'g', 4));
    QStringList parts;
    if (scores.task == plugin::Task::Anomaly)
        parts << QStringLiteral("%1 anomalies").arg(percent(scores.anomalyShare));
    if (scores.metrics.confusion.classes() > 0)
        parts << QStringLiteral("accuracy %1, F1 %2")
                     .arg(percent(scores.metrics.accuracy), number(scores.metrics.macroF1));
    if (scores.rocAuc)
        parts << QStringLiteral("ROC AUC %1").arg(number(*scores.rocAuc));
    return parts.join(QStringLiteral(", "));
}

} // namespace ember::cli
