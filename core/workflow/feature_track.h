// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workflow/feature_set.h"

#include <vector>

namespace ember::workflow {

/// A feature of the windows of one recording that follow each other: drawn over time.
struct FeatureTrack
{
    QString name;
    double windowSeconds = 0;
    /// Values `hopRows` apart; each is of the window around its row.
    struct Piece
    {
        qint64 firstRow = 0; ///< the middle of the first window
        qint64 hopRows = 1;
        std::vector<float> values;
    };
    std::vector<Piece> pieces;
};

/// The features that a request's pipeline gives for a recording, by name and in their order. The label set and the
/// share of the request are not looked at. Errors: NotFound, as presetPipeline and pipelineFromText.
Result<QStringList> featureNamesFor(const dataset::Project& project, dataset::RecordingId recording,
                                    const FeatureRequest& request);

/// More windows than this are not computed for a track: the hop is made longer instead.
constexpr qint64 kMostTrackWindows = 4'000;

/// One feature of all windows of a recording, labelled or not. Errors: as featureNamesFor; Usage for a name that is not
/// among them or a recording shorter than a window; Cancelled.
Result<FeatureTrack> featureTrack(const dataset::Project& project, dataset::RecordingId recording,
                                  const FeatureRequest& request, const QString& feature, const Hooks& hooks = {});

} // namespace ember::workflow
