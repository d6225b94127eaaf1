// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/footprint/cost.h"
#include "core/footprint/verify.h"
#include "core/workflow/hooks.h"
#include "core/workflow/training.h"

#include <QJsonObject>

namespace ember::workflow {

struct DemoRequest
{
    QString project; ///< path of the project to make; empty: a temporary one that is removed at the end
    QString board = QStringLiteral("mps2-an386");
    QString trainer = QStringLiteral("trees.random-forest");
    quint64 seed = 1;
    double speed = 20; ///< how much faster than real time the recordings are played to the board
    QString outputDir; ///< sources and model are left there; empty: not kept
};

struct DemoReport
{
    QString board;
    QString project;
    qint64 recordings = 0;
    qint64 recordedSamples = 0;
    qint64 lostSamples = 0;
    TrainOutcome training;
    footprint::ModelCost estimate;
    footprint::ModelCost profile;
    footprint::VerifyReport verify;
    double seconds = 0;
};

/// The whole loop on an emulated board: plays the demo recordings to its sensor, records them back over the link,
/// labels them, holds two subjects out, trains, generates, builds, flashes, profiles and verifies.
Result<DemoReport> runDemo(const DemoRequest& request, const Hooks& hooks = {});

/// Only the recordings: a labelled project to look at. Returns what was recorded in all.
struct DemoRecordings
{
    qint64 recordings = 0;
    qint64 samples = 0;
    qint64 lost = 0;
};
Result<DemoRecordings> recordDemoProject(const QString& project, const QString& board, double speed,
                                         const Hooks& hooks = {});

/// The path of a project that holds the demo recordings with their labels, in the program's state folder; made from the
/// demo files when it is not there, as an emulated board's sensor would give them.
Result<QString> demoProject();

QJsonObject toJson(const DemoReport& report);

} // namespace ember::workflow
