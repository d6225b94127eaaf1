// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/dataset/label_table.h"
#include "core/dataset/recording.h"

#include <QStringList>

#include <vector>

namespace ember::dataset {

class Project;

/// The group that a recording stands in: its own, or it alone, as "recording: NAME".
QString groupNameOf(const Recording& recording);

/// How recordings are cut.
struct WindowSpec
{
    qint64 rows = 0;
    qint64 hop = 0;
    LabelSetId labelSet;   ///< invalid: windows without labels, none left out
    double minShare = 0.6; ///< of a window's rows that its label must cover, (0, 1]
};

/// One stretch of rows without a gap.
struct Window
{
    RecordingId recording;
    qint64 begin = 0;
    qint32 label = -1;  ///< index into WindowSet::classNames; -1 without a label set
    qint32 group = 0;   ///< index into WindowSet::groupNames
    float share = 0.0f; ///< of the rows that the label covers

    friend bool operator==(const Window&, const Window&) = default;
};

/// Windows in an order that depends on the content only: by group, recording name, content hash, first row.
struct WindowSet
{
    signal::StreamSpec stream; ///< of the first recording; all others have the same layout
    WindowSpec spec;
    std::vector<Window> windows;
    QStringList classNames; ///< labels that have windows, by colour index
    QStringList groupNames; ///< as groupNameOf() says
    qint64 mixed = 0;       ///< left out: no label covers enough
    qint64 unlabelled = 0;  ///< left out: no label at all
    qint64 acrossGaps = 0;  ///< left out: rows are missing
};

/// Cuts the recordings (all that are not trashed when the list is empty). Where segments overlap, the label that covers
/// most of the window wins, the smaller colour index on a tie. Errors: Usage (nothing to cut, length or hop not
/// positive, streams that do not fit together: says which).
Result<WindowSet> makeWindows(const Project& project, const WindowSpec& spec,
                              const std::vector<RecordingId>& recordings = {});

} // namespace ember::dataset
