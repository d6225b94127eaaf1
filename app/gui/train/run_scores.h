// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/confusion_plot.h"

#include <QJsonObject>
#include <QString>

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

    bool isValid = false;
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
};

RunScores readScores(const QJsonObject& json);

} // namespace ember::gui
