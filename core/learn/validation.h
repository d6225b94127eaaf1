// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/split.h"
#include "core/learn/interval.h"
#include "core/learn/job_runner.h"
#include "core/learn/metrics.h"

namespace ember::learn {

/// Checks indices, and that no row or group is on both sides. Errors: Usage naming the group.
Status validate(const dataset::Fold& fold, const Matrix& matrix);

/// How well predictions of rows that were never trained on agree with the truth.
struct ValidationReport
{
    Metrics metrics; ///< over all tested rows together
    Interval accuracy95;
    Interval macroF195;
    std::vector<Interval> classF195; ///< one per class
    std::vector<qsizetype> rows;     ///< the rows that were tested, in ascending order
    std::vector<qint32> predicted;   ///< for each of them
    struct FoldScore
    {
        QStringList testGroups; ///< empty when the fold does not name them
        qint64 testRows = 0;
        double accuracy = 0;
        double macroF1 = 0;
        double seconds = 0;
    };
    std::vector<FoldScore> folds;
    struct GroupScore
    {
        QString group;
        qint64 rows = 0;
        double accuracy = 0;
        double macroF1 = 0;
    };
    std::vector<GroupScore> groups; ///< empty when the matrix has none
};

/// Trains once per fold, each in its own worker process, and scores the held-out rows with the reference evaluator.
/// A row that is tested by several folds counts once, with the last prediction. Errors: the first fold's that fails,
/// with its number in the trail. Blocks; any thread.
Result<ValidationReport> crossValidate(const TrainingRequest& request, const Matrix& matrix,
                                       const std::vector<dataset::Fold>& folds, const RunnerOptions& options = {},
                                       const ProgressSink& progress = {}, const CancelToken& cancel = {});

/// The report for predictions that are already there (an evaluation on a table, a board's answers).
/// `rows[i]` of the matrix was predicted as `predicted[i]`.
Result<ValidationReport> scorePredictions(const Matrix& matrix, std::vector<qsizetype> rows,
                                          std::vector<qint32> predicted);

} // namespace ember::learn
