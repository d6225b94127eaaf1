// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/run_table.h"
#include "core/learn/interval.h"
#include "core/learn/significance.h"
#include "core/workflow/hooks.h"

#include <optional>
#include <vector>

namespace ember::workflow {

/// A run beside the best one on the same rows.
struct PairedDifference
{
    learn::McNemar test;            ///< first: the best run; second: this one
    double f1 = 0;                  ///< best minus this
    learn::Interval f1Difference95; ///< by drawing whole groups
};

struct ComparedRun
{
    dataset::Run run;
    double f1 = 0;
    bool isBest = false;
    std::optional<PairedDifference> againstBest;
    QString reason; ///< why it is not compared with the best; empty when it is, or is the best
};

struct CompareRequest
{
    QString project;
    std::vector<dataset::RunId> runs; ///< empty: all that finished
    bool intervals = true;            ///< the bootstrap takes a moment for large data sets
};

/// Runs by F1, the best first, each compared with it where both tested the same windows of the same data. Errors:
/// NotFound for a run, Usage for one that has no scores, as Project::open.
Result<std::vector<ComparedRun>> compareRuns(const CompareRequest& request, const Hooks& hooks = {});

} // namespace ember::workflow
