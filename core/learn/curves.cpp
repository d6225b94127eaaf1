// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/curves.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace ember::learn {
namespace {

constexpr double kShareSlack = 1e-3; // of shares that add up to one: float sums, and the steps of 8 bits
constexpr double kByteSlack = 0.1;   // int8 softmax: each class may be half a step of 1/256 off

double equalErrorRateOf(const std::vector<ThresholdPoint>& points)
{
    for (std::size_t i = 1; i < points.size(); ++i) {
        const double before = 1 - points[i - 1].truePositiveRate - points[i - 1].falsePositiveRate;
        const double after = 1 - points[i].truePositiveRate - points[i].falsePositiveRate;
        if (after > 0)
            continue;
        const double part = before / (before - after); // before > 0 >= after
        return points[i - 1].falsePositiveRate + part * (points[i].falsePositiveRate - points[i - 1].falsePositiveRate);
    }
    return 0;
}

} // namespace

std::optional<ThresholdCurve> thresholdCurve(std::span<const double> scores, const std::vector<bool>& positive)
{
    ThresholdCurve curve;
    curve.positives = std::count(positive.begin(), positive.end(), true);
    curve.negatives = static_cast<qint64>(positive.size()) - curve.positives;
    if (curve.positives == 0 || curve.negatives == 0)
        return std::nullopt;
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&scores](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
    curve.points.push_back({std::numeric_limits<double>::infinity(), 0, 0, 1});
    double hits = 0, alarms = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        (positive[order[i]] ? hits : alarms) += 1;
        const double score = scores[order[i]];
        if (i + 1 < order.size() && !(scores[order[i + 1]] < score))
            continue; // rows of one score cannot be told apart
        const ThresholdPoint last = curve.points.back();
        const ThresholdPoint next{score, alarms / static_cast<double>(curve.negatives),
                                  hits / static_cast<double>(curve.positives), hits / (hits + alarms)};
        curve.rocAuc +=
            (next.falsePositiveRate - last.falsePositiveRate) * (next.truePositiveRate + last.truePositiveRate) / 2;
        curve.averagePrecision += (next.truePositiveRate - last.truePositiveRate) * next.precision;
        curve.points.push_back(next);
    }
    curve.equalErrorRate = equalErrorRateOf(curve.points);
    return curve;
}

std::vector<ThresholdPoint> thinned(const std::vector<ThresholdPoint>& points, std::size_t most)
{
    if (points.size() <= most)
        return points;
    std::vector<ThresholdPoint> kept;
    for (std::size_t i = 0; i < most; ++i)
        kept.push_back(points[i * (points.size() - 1) / (most - 1)]);
    return kept;
}

std::optional<Calibration> calibrationOf(std::span<const float> shares, std::size_t classes,
                                         std::span<const qint32> truth, int bins)
{
    if (classes == 0 || truth.empty() || shares.size() != truth.size() * classes)
        return std::nullopt;
    Calibration result;
    result.bins.resize(static_cast<std::size_t>(bins));
    const auto rows = static_cast<double>(truth.size());
    for (std::size_t row = 0; row < truth.size(); ++row) {
        const std::span<const float> of = shares.subspan(row * classes, classes);
        const double sum = std::accumulate(of.begin(), of.end(), 0.0);
        const double slack = std::max(kShareSlack, std::min(kByteSlack, static_cast<double>(classes) / 512));
        if (*std::min_element(of.begin(), of.end()) < 0 || !(std::abs(sum - 1) <= slack))
            return std::nullopt;
        for (std::size_t c = 0; c < classes; ++c) {
            const double off = static_cast<double>(of[c]) - (static_cast<qint32>(c) == truth[row] ? 1 : 0);
            result.brier += off * off / rows;
        }
        const auto winner = std::max_element(of.begin(), of.end());
        const double confidence = static_cast<double>(*winner);
        const int bin = std::clamp(static_cast<int>(confidence * bins), 0, bins - 1);
        Calibration::Bin& into = result.bins[static_cast<std::size_t>(bin)];
        into.confidence += confidence;
        into.accuracy += winner - of.begin() == truth[row] ? 1 : 0;
        ++into.rows;
    }
    for (Calibration::Bin& bin : result.bins) {
        if (bin.rows == 0)
            continue;
        result.expectedError += std::abs(bin.confidence - bin.accuracy) / rows;
        bin.confidence /= static_cast<double>(bin.rows);
        bin.accuracy /= static_cast<double>(bin.rows);
    }
    return result;
}

ScoreCurves scoreCurvesOf(std::span<const float> scores, std::size_t classes, std::span<const qint32> truth)
{
    ScoreCurves result;
    if (classes == 0 || scores.size() != truth.size() * classes)
        return result;
    for (std::size_t c = 0; c < classes; ++c) {
        std::vector<double> own;
        std::vector<bool> positive;
        for (std::size_t row = 0; row < truth.size(); ++row) {
            const auto score = static_cast<double>(scores[row * classes + c]);
            own.push_back(std::isnan(score) ? -std::numeric_limits<double>::infinity() : score); // NaN has no order
            positive.push_back(truth[row] == static_cast<qint32>(c));
        }
        if (auto curve = thresholdCurve(own, positive))
            result.classes.push_back({static_cast<qint32>(c), std::move(*curve)});
    }
    result.calibration = calibrationOf(scores, classes, truth);
    return result;
}

} // namespace ember::learn
