// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workflow/deploy.h"
#include "core/workflow/hooks.h"

#include <QJsonObject>
#include <QStringList>

namespace ember::workflow {

/// Whole recordings, row by row, through the board and through the desktop: what begins and ends.
struct EventProof
{
    QString board;
    qint64 stretches = 0; ///< of rows without gaps
    qint64 windows = 0;
    qint64 otherWindows = 0; ///< answers that are missing, or differ from the desktop's in outputs or class
    qint64 events = 0;       ///< that began on the desktop
    qint64 otherChanges = 0; ///< beginnings and ends that only one of the two has, or has at another row
    QString firstDifference; ///< empty: none
    footprint::CostSource source = footprint::CostSource::Emulated;

    bool passed() const { return windows > 0 && otherWindows == 0 && otherChanges == 0; }
};

/// Builds the firmware, starts it on the emulated board, streams recordings of the model's project into it as its
/// sensor would, and compares. `groups` empty: all; `maxWindows` 0: all, else the first ones. Errors: Usage for a
/// deployment without events or without a project, as footprint::BoardRun::start(); Board, also where the board's
/// stream is not the model's.
Result<EventProof> proveEvents(const Deployment& deployment, const QStringList& groups, qint64 maxWindows,
                               const Hooks& hooks = {});

QJsonObject toJson(const EventProof& proof);

} // namespace ember::workflow
