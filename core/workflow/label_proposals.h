// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/edits.h"
#include "core/dataset/project.h"

#include <QString>

#include <vector>

namespace ember::workflow {

/// A label that somebody has to look at before it counts: from a segmenter, a model, or what is labelled already.
struct LabelProposal
{
    dataset::RecordingId recording;
    qint64 begin = 0;
    qint64 end = 0;          ///< one past the last row
    QString label;           ///< empty: whoever accepts it says which
    double confidence = 1.0; ///< (0, 1]
    QString current;         ///< the label that these rows have now; empty: none

    friend bool operator==(const LabelProposal&, const LabelProposal&) = default;
};

/// One edit that makes a segment of each proposal in the label set of that name (empty: the default set); labels that
/// do not exist are made. Rows that somebody has labelled stay as they are, unless the proposal says what they are
/// labelled now or `overLabels` is set; then that is cut back. Proposals of one recording do not overlap. Errors: Usage
/// when nothing is left to label, or for a proposal without a label.
Result<dataset::Edit> acceptProposals(const dataset::Project& project, const std::vector<LabelProposal>& proposals,
                                      const QString& labelSet = {}, bool overLabels = false);

/// The recordings of these names, or all that are not trashed when there are none. Errors: as RecordingTable::find.
Result<std::vector<dataset::Recording>> namedRecordings(const dataset::Project& project, const QStringList& names);

/// The segments of a recording that are of the label set of that name (empty: the default set); none without the set.
Result<std::vector<dataset::Segment>> segmentsOfSet(const dataset::Project& project, dataset::RecordingId recording,
                                                    const QString& labelSet);

} // namespace ember::workflow
