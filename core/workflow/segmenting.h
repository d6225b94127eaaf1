// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/segmenters.h"
#include "core/plugin-api/trainer.h"
#include "core/workflow/hooks.h"
#include "core/workflow/label_proposals.h"

#include <QVariantMap>

namespace ember::workflow {

/// What a segmenter is for, in one sentence.
QString segmenterPurpose(dataset::SegmentMethod method);
/// Its settings as data: forms, help and checks follow from it.
QList<plugin::ParameterSpec> segmenterParameters(dataset::SegmentMethod method);
/// Errors: Usage, as learn::completeParameters.
Result<dataset::SegmenterSettings> segmenterSettings(dataset::SegmentMethod method, const QVariantMap& given);

/// The frames that a method with these settings looks at. Reads the whole recording, so it is the slow part; the rest
/// can be repeated with other settings as long as frameRowsFor() stays. Errors: as framesOf.
Result<dataset::RecordingFrames> framesFor(const dataset::Project& project, dataset::RecordingId recording,
                                           const dataset::SegmenterSettings& settings, const Hooks& hooks = {});

struct SegmentRequest
{
    dataset::SegmenterSettings settings;
    QString label;           ///< what the stretches are to be called; may be empty for looking only
    QString labelSet;        ///< empty: the default set
    QStringList recordings;  ///< names; empty: all
    bool overLabels = false; ///< also where something is labelled; otherwise what is labelled stays as it is
};

/// Stretches of all the recordings, in their order. Errors: as framesOf and segmentRecording.
Result<std::vector<LabelProposal>> proposeSegments(const dataset::Project& project, const SegmentRequest& request,
                                                   const Hooks& hooks = {});

/// The proposals of one segmented recording. `segments` are those of the label set.
std::vector<LabelProposal> proposalsOf(const dataset::Segmentation& segmentation, dataset::RecordingId recording,
                                       std::span<const dataset::Segment> segments, const QString& label,
                                       qint64 leastRows);

} // namespace ember::workflow
