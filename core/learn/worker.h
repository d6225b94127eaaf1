// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

namespace ember::learn {

/// What `emberlab worker ...` does, to be called from main() with the arguments after "worker":
///     JOB [--supervised]          trains the job in the folder JOB
///     --describe-plugin PATH      describes one plugin as a line of JSON
/// Progress goes to standard output as JSON lines, whatever plugin code prints goes to standard error. With
/// --supervised, closing standard input asks the training to stop, and ends the process if it does not.
/// Returns the exit code: 0 when it worked, 1 when it failed and result.json says why, 2 for bad usage.
/// Needs a QCoreApplication; takes over standard output of the process.
int workerMain(const QStringList& arguments);

/// Exit code of a worker that ran out of memory.
constexpr int kOutOfMemoryExitCode = 77;

} // namespace ember::learn
