// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/learn/job_runner.h"

namespace ember::learn {

/// "local", "slurm"
QStringList executorNames();

/// How workers are started by one of executorNames(). local: as processes of this machine. slurm: each as a job step of
/// its own by srun(1), which waits in the queue of the cluster, on one CPU; what else it shall ask for is said in
/// Slurm's own environment variables (SLURM_PARTITION, SLURM_ACCOUNT ...). The program and the jobs' folder must be at
/// the same path on every node; $EMBERLAB_STATE moves the latter. Errors: Usage (no such executor), MissingTool, Io.
Result<RunnerOptions> runnerFor(const QString& executor);

} // namespace ember::learn
