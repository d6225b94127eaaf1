// SPDX-License-Identifier: GPL-3.0-or-later
// What makes a process a worker: a protected channel to its parent, an end when the parent is gone, and a clear exit
// when memory runs out. Private to this folder.
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"

#include <QByteArray>
#include <QElapsedTimer>

#include <mutex>

namespace ember::learn {

/// Keeps standard output for the worker's own lines. From its construction on, whatever else is printed (by plugins, by
/// libraries) goes to standard error, so that it cannot be taken for a report.
class ReportChannel
{
public:
    ReportChannel();
    ~ReportChannel();
    ReportChannel(const ReportChannel&) = delete;
    ReportChannel& operator=(const ReportChannel&) = delete;

    void write(const QByteArray& bytes);

    /// Reports progress as lines of JSON, not more often than anyone can look at. Any thread.
    ProgressSink progressSink();

private:
    void reportProgress(const Progress& progress);

    int m_descriptor = -1;
    std::mutex m_mutex;
    QElapsedTimer m_sinceReport;
};

/// Ends the process with kOutOfMemoryExitCode and a line on standard error when `new` finds no memory.
void exitWhenOutOfMemory();

/// Starts a thread that waits for standard input to close: then it cancels the source, and ends the process if it is
/// still there some seconds later.
void endWithParent(const CancelSource& source);

} // namespace ember::learn
