// SPDX-License-Identifier: MIT-0
#pragma once

#include "real.hpp"

namespace ember {
namespace runtime {

// Which statistics to compute. They are written in the order of these bits.
constexpr uint32_t kMean = 1u << 0;
constexpr uint32_t kStandardDeviation = 1u << 1; ///< of the population: divided by the number of samples
constexpr uint32_t kRms = 1u << 2;               ///< root of the mean square
constexpr uint32_t kMinimum = 1u << 3;
constexpr uint32_t kMaximum = 1u << 4;
constexpr uint32_t kRange = 1u << 5;           ///< maximum - minimum
constexpr uint32_t kSkewness = 1u << 6;        ///< third standardised moment; 0 for a constant signal
constexpr uint32_t kKurtosis = 1u << 7;        ///< fourth standardised moment less 3; 0 for a constant signal
constexpr uint32_t kMeanCrossings = 1u << 8;   ///< changes between "above the mean" and "not above", per step
constexpr uint32_t kEnergy = 1u << 9;          ///< mean square
constexpr uint32_t kMeanAbsolute = 1u << 10;   ///< mean of |x|
constexpr uint32_t kMeanDifference = 1u << 11; ///< mean of |x[i] - x[i - 1]|: jerk, line length
constexpr uint32_t kTrend = 1u << 12;          ///< rise over the window of the straight line that fits best
constexpr uint32_t kZeroCrossings = 1u << 13;  ///< changes between "above zero" and "not above", per step
constexpr uint32_t kCrest = 1u << 14;          ///< largest magnitude over the rms; 0 for silence
constexpr unsigned kStatisticCount = 15;

namespace detail {

/// Mean of z^3 and of z^4 for z = deviation / standard deviation.
inline float standardisedMoment(const Centre& centre, float deviation, bool fourth, const float* x, size_t rows)
{
    if (deviation == 0.0f)
        return 0.0f;
    const float inverse = 1.0f / deviation;
    const float sum = blockSum(rows, [&centre, inverse, fourth, x](size_t i) {
        const float z = rounded(centre.deviation(x[i]) * inverse);
        const float square = rounded(z * z);
        return rounded(square * (fourth ? square : z));
    });
    const float moment = sum / real(rows);
    return fourth ? moment - 3.0f : moment;
}

inline float meanCrossings(const Centre& centre, const float* x, size_t rows)
{
    size_t crossings = 0;
    bool above = centre.deviation(x[0]) > 0.0f;
    for (size_t i = 1; i < rows; ++i) {
        const bool now = centre.deviation(x[i]) > 0.0f;
        crossings += now != above ? 1 : 0;
        above = now;
    }
    // The difference is zero, or NaN for a signal of NaNs, which has no crossings to count.
    return real(crossings) / real(rows - 1) + (centre.shift - centre.shift);
}

struct Extremes
{
    float least;
    float most;
};

inline Extremes extremesOf(const float* x, size_t rows)
{
    Extremes found = {x[0], x[0]};
    for (size_t i = 1; i < rows; ++i) {
        found.least = lesser(found.least, x[i]);
        found.most = greater(found.most, x[i]);
    }
    return found;
}

inline float meanSquare(const float* x, size_t rows)
{
    return blockSum(rows, [x](size_t i) { return rounded(x[i] * x[i]); }) / real(rows);
}

inline float meanAbsolute(const float* x, size_t rows)
{
    return blockSum(rows, [x](size_t i) { return absolute(x[i]); }) / real(rows);
}

inline float meanDifference(const float* x, size_t rows)
{
    return blockSum(rows - 1, [x](size_t i) { return absolute(x[i + 1] - x[i]); }) / real(rows - 1);
}

/// Slope of the least-squares line, sum((i - middle) d[i]) / sum((i - middle)^2), times the rows - 1 steps of the
/// window. The sum of squares is rows (rows^2 - 1) / 12.
inline float trend(const Centre& centre, const float* x, size_t rows)
{
    const float middle = 0.5f * real(rows - 1);
    const float sum =
        blockSum(rows, [&centre, middle, x](size_t i) { return rounded((real(i) - middle) * centre.deviation(x[i])); });
    return sum * 12.0f / (real(rows) * real(rows + 1));
}

inline float zeroCrossings(const float* x, size_t rows)
{
    size_t crossings = 0;
    for (size_t i = 1; i < rows; ++i)
        crossings += (x[i] > 0.0f) != (x[i - 1] > 0.0f) ? 1 : 0;
    return real(crossings) / real(rows - 1) + (x[0] - x[0]);
}

inline float crest(float meanSquare, const Extremes& extremes)
{
    const float most = greater(absolute(extremes.least), absolute(extremes.most));
    return meanSquare == 0.0f ? 0.0f : most / squareRoot(meanSquare);
}

} // namespace detail

/// The chosen statistics of one signal of at least two samples. The value of each does not depend on the others chosen.
/// Inlined, so that a constant choice leaves only the code that it needs.
__attribute__((always_inline)) inline void statistics(uint32_t chosen, const float* x, size_t rows, float* out)
{
    constexpr uint32_t needsCentre = kMean | kStandardDeviation | kSkewness | kKurtosis | kMeanCrossings | kTrend;
    Centre centre = {0.0f, 0.0f};
    if ((chosen & needsCentre) != 0)
        centre = centreOf(x, rows);
    float deviation = 0.0f;
    if ((chosen & (kStandardDeviation | kSkewness | kKurtosis)) != 0)
        deviation = squareRoot(varianceAbout(centre, x, rows));
    float square = 0.0f;
    if ((chosen & (kRms | kEnergy | kCrest)) != 0)
        square = detail::meanSquare(x, rows);
    detail::Extremes extremes = {0.0f, 0.0f};
    if ((chosen & (kMinimum | kMaximum | kRange | kCrest)) != 0)
        extremes = detail::extremesOf(x, rows);

    if ((chosen & kMean) != 0)
        *out++ = centre.mean();
    if ((chosen & kStandardDeviation) != 0)
        *out++ = deviation;
    if ((chosen & kRms) != 0)
        *out++ = squareRoot(square);
    if ((chosen & kMinimum) != 0)
        *out++ = extremes.least;
    if ((chosen & kMaximum) != 0)
        *out++ = extremes.most;
    if ((chosen & kRange) != 0)
        *out++ = extremes.most - extremes.least;
    if ((chosen & kSkewness) != 0)
        *out++ = detail::standardisedMoment(centre, deviation, false, x, rows);
    if ((chosen & kKurtosis) != 0)
        *out++ = detail::standardisedMoment(centre, deviation, true, x, rows);
    if ((chosen & kMeanCrossings) != 0)
        *out++ = detail::meanCrossings(centre, x, rows);
    if ((chosen & kEnergy) != 0)
        *out++ = square;
    if ((chosen & kMeanAbsolute) != 0)
        *out++ = detail::meanAbsolute(x, rows);
    if ((chosen & kMeanDifference) != 0)
        *out++ = detail::meanDifference(x, rows);
    if ((chosen & kTrend) != 0)
        *out++ = detail::trend(centre, x, rows);
    if ((chosen & kZeroCrossings) != 0)
        *out++ = detail::zeroCrossings(x, rows);
    if ((chosen & kCrest) != 0)
        *out++ = detail::crest(square, extremes);
}

/// The same with a choice that is known to the compiler: one function in the firmware however often it is called.
template <uint32_t Chosen>
__attribute__((noinline)) void statistics(const float* x, size_t rows, float* out)
{
    statistics(Chosen, x, rows, out);
}

} // namespace runtime
} // namespace ember
