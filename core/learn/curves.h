// SPDX-License-Identifier: GPL-3.0-or-later
// What scores say beyond the winner: every threshold one could set, and whether shares are to be believed.
#pragma once

#include <QtGlobal>

#include <optional>
#include <span>
#include <vector>

namespace ember::learn {

/// What comes of calling positive all that scores `threshold` or more.
struct ThresholdPoint
{
    double threshold = 0;
    double falsePositiveRate = 0; ///< of the negative rows
    double truePositiveRate = 0;  ///< of the positive rows: recall
    double precision = 1;         ///< of what was called positive; 1 where nothing was
};

/// ROC (false against true positives), precision against recall, and DET (false positives against misses) in one.
struct ThresholdCurve
{
    std::vector<ThresholdPoint> points; ///< from nothing called positive to everything
    qint64 positives = 0;
    qint64 negatives = 0;
    double rocAuc = 0;           ///< by trapezoids, which counts ties half
    double averagePrecision = 0; ///< sum of precision times the step in recall, as scikit-learn computes it
    double equalErrorRate = 0;   ///< where false positives are as frequent as misses, between points by a straight line
};

/// Nothing when one kind does not occur. One entry per row each.
std::optional<ThresholdCurve> thresholdCurve(std::span<const double> scores, const std::vector<bool>& positive);

/// At most `most` (two or more) of the points, the first and the last among them, even along the curve.
std::vector<ThresholdPoint> thinned(const std::vector<ThresholdPoint>& points, std::size_t most);

/// Whether a share of 0.8 is right eight times in ten.
struct Calibration
{
    struct Bin
    {
        double confidence = 0; ///< mean share of the winner
        double accuracy = 0;   ///< how often it was right
        qint64 rows = 0;
    };
    std::vector<Bin> bins;    ///< equally wide in confidence; those without rows too
    double expectedError = 0; ///< ECE: mean distance of confidence and accuracy, by rows (Guo et al. 2017)
    double brier = 0;         ///< mean over rows of the sum over classes of (share - truth)^2 (Brier 1950): 0 to 2
};

/// `shares`: rows x classes. Nothing when they are no shares: below zero, or not one together.
std::optional<Calibration> calibrationOf(std::span<const float> shares, std::size_t classes,
                                         std::span<const qint32> truth, int bins = 10);

/// Each class against all others, and the calibration, of scores rows x classes. Classes that do not occur, or alone,
/// have no curve.
struct ScoreCurves
{
    struct OfClass
    {
        qint32 label = 0;
        ThresholdCurve curve;
    };
    std::vector<OfClass> classes;
    std::optional<Calibration> calibration;
};
ScoreCurves scoreCurvesOf(std::span<const float> scores, std::size_t classes, std::span<const qint32> truth);

} // namespace ember::learn
