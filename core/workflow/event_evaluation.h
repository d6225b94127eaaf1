// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/codegen/options.h"
#include "core/learn/events.h"
#include "core/workflow/hooks.h"

#include <QJsonObject>
#include <QStringList>

#include <optional>
#include <vector>

namespace ember::workflow {

struct EventRequest
{
    QString model;      ///< "project.ember#3": the recordings are those of its project
    QStringList groups; ///< empty: those that were held out when it was trained
    QString labelSet;   ///< empty: the default set
    QString background; ///< label that is no event; empty: "normal", "idle", "background", "silence", "none" or nothing
    double hopSeconds = 0;                        ///< from one window to the next; 0: as it was trained
    std::optional<learn::EventSettings> settings; ///< not given: chosen, see EventReport::tuned
    double falseAlarmsPerHour = -1;               ///< a limit for what is chosen; below zero: none
    codegen::Vote vote = codegen::Vote::Soft;     ///< of forests, as the code will
    bool save = false; ///< stores the settings with the model's run, for the code that is generated from it
};

struct EventReport
{
    learn::EventScores total;
    struct ClassRow
    {
        QString label;
        learn::EventScores scores;
    };
    std::vector<ClassRow> classes;
    double hours = 0;
    double rateHz = 0;
    qint64 recordings = 0;
    QStringList groups;
    learn::EventSettings settings; ///< for use: chosen on all recordings, or as given
    QString background;            ///< class that is no event; empty: none
    bool asOnBoards = false;       ///< answers are those of the generated code; otherwise no board runs the model
    bool tuned = false;            ///< every recording was scored with settings chosen on recordings of the other half
    QStringList notes;

    double falseAlarmsPerHour() const;
    std::optional<double> latencySeconds(double quantile) const; ///< nothing where nothing was found
};

/// Runs a classifier or detector of a project over whole recordings, window by window as a board does, and compares the
/// events that come out with the labelled segments. Errors: NotFound, Usage (trained on all groups and none named, no
/// labels there), Unsupported for models that make no classes.
///
/// Answers, shares, means and thresholds are computed in the whole numbers of the generated code where there is code
/// for the model, so what is said here is what a board says to the same rows.
Result<EventReport> evaluateEvents(const EventRequest& request, const Hooks& hooks = {});

QJsonObject toJson(const EventReport& report);

} // namespace ember::workflow
