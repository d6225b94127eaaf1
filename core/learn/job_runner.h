// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/learn/job.h"

namespace ember::learn {

/// How a worker process is started and what it may use.
struct RunnerOptions
{
    QString program;                                    ///< empty: this program
    QStringList arguments = {QStringLiteral("worker")}; ///< put before the job's folder
    /// A program that starts the worker in its place, with its arguments; see executor.h. It hands standard input,
    /// output and the exit code through, and says 128 + N for a worker that signal N ended, as shells do. Empty: none.
    QStringList launcher;
    QString jobsFolder; ///< where jobs of trainInWorker() lie while they run; empty: among the temporary files
    int timeLimitMs = 3'600'000;
    qint64 memoryLimitBytes = 8LL * 1024 * 1024 * 1024; ///< of address space; 0: none
    int cancelGraceMs = 2'000;                          ///< how long a cancelled worker may take to stop by itself
    int retries = 2; ///< how often a worker is started again that somebody else killed (SIGKILL, SIGTERM)
};

/// Runs the job in a worker process and waits for it. A worker that crashes, hangs, runs out of memory, prints garbage
/// or leaves a broken model is an error with the reason as message and the end of its log as hint; the caller goes on.
/// Errors: Cancelled, MissingTool (no such worker program), Usage (unknown parameter ...), Failed. Blocks; any thread.
Result<JobResult> runJob(const QString& folder, const RunnerOptions& options = {}, const ProgressSink& progress = {},
                         const CancelToken& cancel = {});

/// Writes the job to a temporary folder, runs it there and removes it.
Result<JobResult> trainInWorker(const TrainingRequest& request, const Matrix& matrix, const RunnerOptions& options = {},
                                const ProgressSink& progress = {}, const CancelToken& cancel = {});

} // namespace ember::learn
