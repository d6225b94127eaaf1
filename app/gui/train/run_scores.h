// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/confusion_plot.h"

#include <QJsonObject>
#include <QString>
#include <QStringList>

#include <vector>

namespace ember::gui {

/// The scores stored with a run, as values. Written by workflow::scoresToJson; what a damaged or older project lacks
/// reads as nothing.
struct RunScores
{
    struct ClassRow
    {
        QString name;
        double precision = 0;
        double recall = 0;
        double f1 = 0;
        double f1Low = 0; ///< 95 % interval, bootstrap over groups
        double f1High = 1;
        qint64 support = 0;
    };
    struct GroupRow
    {
        QString name;
        qint64 rows = 0;
        double accuracy = 0;
        double f1 = 0;
    };

    /// What thresholds on the scores of a class lead to, from the strictest to the loosest.
    struct Curve
    {
        QString name;
        double rocAuc = 0;
        double averagePrecision = 0;
        double equalErrorRate = 0;
        std::vector<double> falsePositives; ///< rates; one for each threshold in all three
        std::vector<double> truePositives;
        std::vector<double> precision;
    };
    struct ShareBin
    {
        double confidence = 0; ///< mean share of the winner
        double accuracy = 0;
    };

    /// A figure that a run is judged by, with what stands under it.
    struct Headline
    {
        QString title;
        double value = 0;
        QString detail;
    };

    bool isValid = false;
    std::vector<Headline> headlines; ///< three, by what was learnt: classes, numbers, anomalies
    QStringList notes;               ///< what a reader should know
    bool hasF1 = false;              ///< classes and anomalies; what follows is empty for numbers
    double f1 = 0;
    double f1Low = 0;
    double f1High = 0;
    double accuracy = 0;
    double accuracyLow = 0;
    double accuracyHigh = 0;
    double balancedAccuracy = 0;
    double mcc = 0;
    std::vector<ClassRow> classes;
    std::vector<GroupRow> groups;
    ConfusionTable confusion;
    std::vector<Curve> curves;       ///< empty: the run has no scores for each class
    std::vector<ShareBin> shareBins; ///< empty: its scores are no shares
    double calibrationError = 0;
    double brier = 0;
};

RunScores readScores(const QJsonObject& json);

} // namespace ember::gui
