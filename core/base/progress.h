// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <functional>

namespace ember {

/// One report from long work.
struct Progress
{
    QString step;         ///< what is being done now, in the user's words ("Building firmware")
    double fraction = -1; ///< 0..1, or negative when unknown
    QString detail;       ///< optional second line: a figure, a file name
};

/// Receives reports on the thread that does the work; must be quick and must not throw. May be empty.
using ProgressSink = std::function<void(const Progress&)>;

inline void report(const ProgressSink& sink, const QString& step, double fraction = -1, const QString& detail = {})
{
    if (sink)
        sink(Progress{step, fraction, detail});
}

} // namespace ember
