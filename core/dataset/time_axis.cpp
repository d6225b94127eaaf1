// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/time_axis.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace ember::dataset {
namespace {

// Operating systems deliver sensor rows in bursts up to some 100 ms late without losing any.
constexpr double kShortestGapSeconds = 1.0;
constexpr double kGapSteps = 5.0;
constexpr double kMaxRateHz = 1e9;
constexpr double kEqualSteps = 0.02;
constexpr double kNominalTolerance = 0.005;
constexpr qint64 kMostMissingRows = qint64{1} << 40;

// To a multiple of a power of ten, as the nearest double to the decimal fraction.
double roundTo(double value, double unit)
{
    return unit < 1 ? std::round(value / unit) / std::round(1 / unit) : std::round(value / unit) * unit;
}

double median(std::vector<double> values)
{
    if (values.empty())
        return 0;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

} // namespace

qint64 TimeAxis::missingRows(double stepSeconds) const
{
    if (rateHz <= 0 || stepSeconds <= gapSeconds)
        return 0;
    const double rows = stepSeconds * rateHz;
    return rows > static_cast<double>(kMostMissingRows) ? kMostMissingRows
                                                        : std::max<qint64>(std::llround(rows) - 1, 0);
}

double TimeAxis::nominalRateHz() const
{
    if (rateHz <= 0)
        return 0;
    const double decade = std::pow(10.0, std::floor(std::log10(rateHz)));
    if (!regular) {
        // Coarse to fine, as sensor makers round: 100, 105, 102.5, 101 ...
        for (const double step : {0.1, 0.05, 0.025, 0.01, 0.005}) {
            const double round = std::round(rateHz / (step * decade)) * step * decade;
            if (std::abs(round - rateHz) <= kNominalTolerance * rateHz)
                return roundTo(round, decade * 1e-5);
        }
    }
    return roundTo(rateHz, decade * 1e-5);
}

TimeAxis fitTimeAxis(std::span<const double> stepSeconds)
{
    std::vector<double> forward;
    std::copy_if(stepSeconds.begin(), stepSeconds.end(), std::back_inserter(forward), [](double s) { return s > 0; });
    const double typical = median(forward);
    if (!(typical > 0))
        return {};
    TimeAxis axis;
    axis.gapSeconds = std::max(kShortestGapSeconds, kGapSteps * typical);
    double seconds = 0;
    qint64 steps = 0;
    for (const double step : stepSeconds) {
        if (step >= 0 && step <= axis.gapSeconds) {
            seconds += step;
            ++steps;
        }
    }
    if (!(seconds > 0))
        return {};
    axis.rateHz = static_cast<double>(steps) / seconds;
    if (axis.rateHz > kMaxRateHz)
        return {};
    const double mean = 1.0 / axis.rateHz;
    const auto equal = std::count_if(stepSeconds.begin(), stepSeconds.end(),
                                     [mean](double s) { return std::abs(s - mean) <= kEqualSteps * mean; });
    axis.regular = static_cast<double>(equal) >= 0.95 * static_cast<double>(steps);
    return axis;
}

} // namespace ember::dataset
