// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/footprint/cost.h"
#include "core/workflow/training.h"

#include <functional>
#include <optional>
#include <vector>

namespace ember::workflow {

struct TuneRequest
{
    QString project;
    QString board;        ///< whose costs count
    QStringList trainers; ///< empty: every one that classifies feature vectors
    QVariantMap fixed;    ///< parameters that are not searched, of those trainers that have them
    int trials = 20;
    int jobs = 1;                               ///< trials at once
    QString executor = QStringLiteral("local"); ///< one of learn::executorNames()
    bool halving = false; ///< all are tried on one fold first, and only the better third on all of them
    quint64 seed = 1;
    ValidationChoice validation;
    FeatureRequest features;
    qint64 maxFlashBytes = 0; ///< 0: no limit
    qint64 maxRamBytes = 0;
};

struct Trial
{
    int number = 0; ///< from 1; what is tried depends on it and the seed alone
    QString trainer;
    QVariantMap parameters;
    dataset::RunId run; ///< invalid: it never began
    double f1 = 0;
    learn::Interval f195;
    std::optional<footprint::ModelCost> cost; ///< on the board, estimated
    QString costReason;                       ///< why there is none
    std::optional<double> screeningF1;        ///< halving: on the first fold alone
    bool eliminated = false;                  ///< halving: no more than that was tried; `f1` is not known
    bool reused = false;                      ///< the project had this very run already
    bool withinBudget = false;                ///< a model without cost is within no limit
    bool onFront = false;       ///< within budget, and no other one is at once as good, as small and as fast
    std::optional<Error> error; ///< the trial failed; the others go on
};

/// Random search. Trainers take turns, each beginning with its defaults; every trial is a run of the project like any
/// other. Which trials there are, and their scores, do not depend on `jobs`. A run that the project has already (same
/// data, windows, features, trainer, parameters, seed and validation) is taken as it is, so that a search that was
/// interrupted goes on where it was. A worker that is killed costs only itself: its trial is tried again. Errors: Usage
/// (no trainer, no such trainer or executor), MissingTool (of the executor), NotFound (board), Cancelled, as
/// planFeatures: what fails before the first trial.
Result<std::vector<Trial>> tune(const TuneRequest& request, const Hooks& hooks = {});

/// After a screening: all but the better third (and what equals its last) are out.
void eliminate(std::vector<Trial>& trials);

/// Marks the trials that no other one dominates: at least as good in F1, flash, RAM and instructions, and better in
/// one.
void markFront(std::vector<Trial>& trials);

} // namespace ember::workflow
