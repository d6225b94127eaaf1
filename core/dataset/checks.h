// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/dataset/ids.h"

#include <QString>

#include <vector>

namespace ember::dataset {

class Project;

enum class Severity
{
    Info,
    Warning,
    Error
};
QString severityName(Severity severity); ///< "info", "warning", "error"

/// Something about the data that a model would learn or suffer from.
struct Finding
{
    Severity severity = Severity::Warning;
    QString code;          ///< "clipping", "stuck-channel", ...: see docs/checks.md
    QString message;       ///< with figures, and what to do where that is not obvious
    RecordingId recording; ///< invalid: about the whole project
    QString recordingName;
    qint64 beginRow = 0; ///< the first place, to look at; an empty interval where there is none
    qint64 endRow = 0;
};

/// Looks through all recordings that are not in the trash: samples (clipping, stuck channels, gaps, rate, units),
/// labels (overlaps, short and missing segments, imbalance, groups without a class), and the recordings beside each
/// other (duplicates, layouts that do not fit). The worst come first. Errors: Io, Cancelled.
Result<std::vector<Finding>> checkProject(const Project& project, const ProgressSink& progress = {},
                                          const CancelToken& cancel = {});

} // namespace ember::dataset
