// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/edits.h"
#include "core/dataset/label_agreement.h"
#include "core/dataset/project.h"

#include <vector>

namespace ember::workflow {

/// Which labels are copied from one label set to another.
struct LabelCopyRequest
{
    QString from;                             ///< label set; empty: the default set
    QString to;                               ///< label set; made when there is none of that name
    QStringList recordings;                   ///< names; empty: all
    dataset::RecordingId recording;           ///< when valid: this one alone, whatever the names are
    std::vector<dataset::SegmentId> segments; ///< only these; empty: all
    bool overLabels = false; ///< what the other set says of these rows is cut back; otherwise it stays as it is
};

/// One edit that can be taken back as a whole, with all that it makes.
struct LabelCopy
{
    dataset::Edit edit;
    qint64 segments = 0; ///< that it makes
};

/// Copies segments; labels that the other set has not are made with the same name and, when it is free there, the same
/// colour. Errors: NotFound (no such set or recording), Usage (a set onto itself, no name, nothing left to copy).
Result<LabelCopy> copyLabels(const dataset::Project& project, const LabelCopyRequest& request);

/// Copies segments of the set to the recordings that were made at the same time, moved by when their rows began; what
/// lies outside of them is cut off. Of several that say something of the same rows the first one counts. `to` is not
/// looked at: the set stays. Errors: as copyLabels(); Usage when nothing was recorded at the same time, a rate is
/// unknown, or with `overLabels` two of the recordings would get each other's labels.
Result<LabelCopy> copyLabelsToStreams(const dataset::Project& project, const LabelCopyRequest& request);

struct LabelComparison
{
    /// Of one recording, in order.
    struct Place
    {
        dataset::RecordingId recording;
        dataset::Disagreement what;
    };
    std::vector<Place> places;
    dataset::LabelAgreement agreement;
};

/// Where two label sets differ, recording by recording; of stretches of at least `leastSeconds`, or all where the rate
/// is unknown. An empty name is the default set. Errors: NotFound, Usage (one set twice).
Result<LabelComparison> compareLabelSets(const dataset::Project& project, const QString& first, const QString& second,
                                         const QStringList& recordings = {}, double leastSeconds = 0);

} // namespace ember::workflow
