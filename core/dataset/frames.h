// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/dataset/recording.h"
#include "core/dataset/recording_reader.h"

#include <span>
#include <vector>

namespace ember::dataset {

class Project;

/// Mean and deviation of each channel over frames of equal length that follow each other in a stretch without a gap.
/// The last frame also takes the rows that would be too few for one of their own. Physical units.
struct FrameRun
{
    RowInterval rows;
    qint64 frameRows = 1;
    std::size_t channels = 0;
    std::vector<float> mean;      ///< frames x channels
    std::vector<float> deviation; ///< frames x channels, of the population

    std::size_t frames() const { return channels == 0 ? 0 : mean.size() / channels; }
    qint64 beginOf(std::size_t frame) const { return rows.begin + static_cast<qint64>(frame) * frameRows; }
    qint64 endOf(std::size_t frame) const { return frame + 1 >= frames() ? rows.end : beginOf(frame + 1); }
};

/// All of a recording in frames: what segmenters look at instead of the samples.
struct RecordingFrames
{
    double rateHz = 0;
    qint64 frameRows = 1;
    std::vector<FrameRun> runs;
    /// What a value of a channel is divided by before channels are put together: 1 where all have one unit, and
    /// otherwise the channel's own deviation over the recording.
    std::vector<double> scales;

    std::size_t frames() const;
};

/// The most frames that a recording is cut into; longer ones get longer frames.
constexpr qint64 kMostFrames = 1 << 21;

/// Reads the recording once. Values that are not finite do not count. Errors: Usage (frames of no rows, or more than
/// kMostFrames; nothing recorded), Io, Cancelled.
Result<RecordingFrames> framesOf(const Project& project, RecordingId recording, qint64 frameRows,
                                 const ProgressSink& progress = {}, const CancelToken& cancel = {});

/// The same for the rows of `within` alone. A range beyond the recording is cut; no rows there: no runs.
Result<RecordingFrames> framesOf(const Project& project, RecordingId recording, RowInterval within, qint64 frameRows,
                                 const ProgressSink& progress = {}, const CancelToken& cancel = {});

/// Which part of a signal counts as activity.
enum class ActivityMeasure
{
    Energy,   ///< root mean square: of a signal around zero, such as sound
    Variance, ///< deviation within the frame: what lies still counts nothing, whatever it weighs
};

/// One number for each frame: the root of the mean over the channels of the measure's squares, each over its scale.
std::vector<float> activityOf(const FrameRun& run, std::span<const double> scales, ActivityMeasure measure);

} // namespace ember::dataset
