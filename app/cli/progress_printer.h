// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/progress.h"

#include <QElapsedTimer>
#include <QMutex>
#include <QString>

namespace ember::cli {

/// Prints progress on standard error: one line that rewrites itself on a terminal, a line per step elsewhere. Any
/// thread.
class ProgressPrinter
{
public:
    explicit ProgressPrinter(bool quiet);
    ~ProgressPrinter();

    void show(const Progress& progress);
    /// Ends the line that is being rewritten, so that other output starts on its own.
    void finish();

private:
    QMutex m_mutex;
    QElapsedTimer m_sinceLast;
    QString m_lastStep;
    bool m_terminal = false;
    bool m_quiet = false;
    bool m_lineOpen = false;
};

} // namespace ember::cli
