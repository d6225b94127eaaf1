// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/frames.h"

#include <optional>
#include <span>
#include <vector>

namespace ember::dataset {

// Where something happens in a recording, by rules a person can follow. Everything works on the frames of one stretch
// without a gap, so nothing that is found crosses a gap. Pure functions.

/// The threshold that parts the logarithms of the values into two kinds with the least spread inside them (Otsu 1979).
/// Values that are not positive do not count. Nothing when fewer than two differ.
std::optional<double> otsuThreshold(std::span<const float> values);

/// What an active stretch must be. Rows.
struct ActivityRules
{
    double on = 0;        ///< begins in a frame with at least so much
    double off = 0;       ///< ends in the first frame with less; at most `on`
    qint64 mergeRows = 0; ///< stretches that lie closer become one
    qint64 leastRows = 0; ///< shorter ones do not count
    qint64 padRows = 0;   ///< added on both sides in the end, up to the run's ends and halfway to the next one
};
std::vector<RowInterval> activeStretches(const FrameRun& run, std::span<const float> activity,
                                         const ActivityRules& rules);

/// Frames at which the kind of signal changes: first frames of the parts, 0 among them. The parts have the least sum of
/// squared distances from their own mean and log deviation of each channel (in units of the frame-to-frame noise) plus
/// `strength` (2 d + 1) log(frames) for each; d channels. Exact: PELT (Killick, Fearnhead, Eckley 2012), whose pruning
/// waits as long as the shortest part. A part has at least `leastFrames` frames.
std::vector<std::size_t> changePoints(const FrameRun& run, double strength, std::size_t leastFrames);

/// The same on numbers of `dimensions` columns that are used as they are, with `penalty` for each part; the core of
/// changePoints(). Longer than kMostChangeFrames rows takes time that grows with the square.
std::vector<std::size_t> leastSquaresParts(std::span<const double> values, std::size_t dimensions, double penalty,
                                           std::size_t leastRows);
constexpr qint64 kMostChangeFrames = 8192;

/// Frames with a local maximum of at least `height` that stands `prominence` above the higher of its two valleys and is
/// the highest within `distance` frames, in order. Of a level top the middle counts.
std::vector<std::size_t> peaksOf(std::span<const float> activity, double height, double prominence,
                                 std::size_t distance);

/// Whole windows of `rows` rows every `hop` rows from the beginning of the stretch on.
std::vector<RowInterval> fixedWindows(RowInterval run, qint64 rows, qint64 hop);

enum class SegmentMethod
{
    Variance,
    Energy,
    Peaks,
    ChangePoints,
    FixedWindows,
};
constexpr SegmentMethod kSegmentMethods[] = {SegmentMethod::Variance, SegmentMethod::Energy, SegmentMethod::Peaks,
                                             SegmentMethod::ChangePoints, SegmentMethod::FixedWindows};
/// "variance", "energy", "peaks", "change-points", "fixed-windows".
QString segmentMethodName(SegmentMethod method);
/// Error Usage names those there are.
Result<SegmentMethod> segmentMethodFromName(const QString& name);

/// All that the methods take; each uses what concerns it. Seconds.
struct SegmenterSettings
{
    SegmentMethod method = SegmentMethod::Variance;
    double frame = 0.1;      ///< length of a frame
    double threshold = 0;    ///< of activity, in the channels' unit; 0: found by otsuThreshold()
    double release = 0.6;    ///< the threshold at which a stretch ends, as a share of the other
    double merge = 0.5;      ///< stretches closer than this become one
    double least = 0.5;      ///< shorter stretches do not count
    double pad = 0.1;        ///< added on both sides
    double strength = 3;     ///< of a change: higher finds fewer
    double length = 1;       ///< of a window, around a peak or fixed
    double every = 1;        ///< from one fixed window to the next, from one peak to the next at least
    double prominence = 0.5; ///< of a peak, as a share of its height
};

/// How many rows a frame has: what the settings say at its rate, at least 2, and more where the method could not take
/// that many frames of so long a recording.
qint64 frameRowsFor(const SegmenterSettings& settings, const Recording& recording);

/// What is left of a stretch beside something labelled counts only from so many rows on: the least length, or where
/// all stretches have one length, that.
qint64 leastRowsFor(const SegmenterSettings& settings, double rateHz);

struct Segmentation
{
    std::vector<RowInterval> stretches;       ///< in order, apart from each other or touching
    std::vector<std::vector<float>> activity; ///< of each run's frames; empty for methods that look at something else
    std::optional<double> on;                 ///< the thresholds that were used
    std::optional<double> off;
};

/// Errors: Usage (a length of nothing, a release above one).
Result<Segmentation> segmentRecording(const RecordingFrames& frames, const SegmenterSettings& settings);

} // namespace ember::dataset
