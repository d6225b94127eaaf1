// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/executor.h"

#include "core/base/resources.h"

#include <QStandardPaths>

namespace ember::learn {
namespace {

const QString kLocal = QStringLiteral("local");
const QString kSlurm = QStringLiteral("slurm");
constexpr int kQueueMs = 7 * 24 * 3'600'000; // a job may wait long before its own time begins

Result<RunnerOptions> slurmRunner()
{
    const QString srun = QStandardPaths::findExecutable(QStringLiteral("srun"));
    if (srun.isEmpty())
        return Error(ErrorKind::MissingTool, QStringLiteral("There is no 'srun' on this machine."),
                     QStringLiteral("Install Slurm's client (Debian: slurm-client) and join it to a cluster, or leave "
                                    "--executor out."));
    RunnerOptions options;
    EMBER_TRY(options.jobsFolder, stateDirectory(QStringLiteral("jobs")));
    options.launcher = {srun,
                        QStringLiteral("--quiet"),
                        QStringLiteral("--job-name=emberlab"),
                        QStringLiteral("--ntasks=1"),
                        QStringLiteral("--cpus-per-task=1"),
                        QStringLiteral("--unbuffered"),
                        QStringLiteral("--time=%1").arg(options.timeLimitMs / 60'000)};
    options.timeLimitMs = kQueueMs;
    return options;
}

} // namespace

QStringList executorNames()
{
    return {kLocal, kSlurm};
}

Result<RunnerOptions> runnerFor(const QString& executor)
{
    if (executor == kLocal)
        return RunnerOptions();
    if (executor == kSlurm)
        return slurmRunner();
    return Error(ErrorKind::Usage, QStringLiteral("There is no executor '%1'.").arg(executor),
                 QStringLiteral("There are %1.").arg(executorNames().join(QStringLiteral(", "))));
}

} // namespace ember::learn
