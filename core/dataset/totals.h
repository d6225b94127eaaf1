// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/dataset/label_table.h"

#include <QStringList>

#include <vector>

namespace ember::dataset {

class Project;

/// How much there is of a label. Rows that two segments of the label cover count once.
struct LabelTotal
{
    QString set;
    Label label;
    qint64 segments = 0;
    qint64 rows = 0;
    double seconds = 0; ///< of recordings whose rate is known
};

/// How much was recorded of a group; without a name, of the recordings that have none.
struct GroupTotal
{
    QString name;
    qint64 recordings = 0;
    double seconds = 0;         ///< gaps included
    double labelledSeconds = 0; ///< in any set
};

/// Of the recordings that are not in the trash.
struct DatasetTotals
{
    std::vector<LabelTotal> labels;                   ///< every label there is, by set and colour
    std::vector<GroupTotal> groups;                   ///< by name
    std::vector<std::vector<RecordingId>> duplicates; ///< recordings with the same samples, two or more each
};
Result<DatasetTotals> totalsOf(const Project& project);

} // namespace ember::dataset
