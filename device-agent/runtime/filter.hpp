// SPDX-License-Identifier: MIT-0
#pragma once

#include "real.hpp"

// Filters in place on a window. Each window is filtered alone, as if its first sample had always been there, so that a
// constant passes without a transient and a feature depends on nothing but its window.

namespace ember {
namespace runtime {

// What filterSignal() leaves of a signal.
constexpr uint32_t kFilterLow = 0;   ///< what is below the cut-off
constexpr uint32_t kFilterHigh = 1;  ///< what is above it
constexpr uint32_t kFilterNotch = 2; ///< all but the surroundings of it
constexpr uint32_t kFilterRest = 3;  ///< the signal less what is below it

constexpr size_t kSectionFloats = 4; ///< of a section of second order in the table
constexpr size_t kMostSections = 4;  ///< of second order
constexpr size_t kMostMedianRows = 15;

namespace detail {

/// One sample through a section of second order as a trapezoidal state-variable filter: unlike the direct form it
/// stays exact when the cut-off is far below the rate (Zavalishin 2012, chapter 4). `section` is a1, a2, a3, k with
/// a1 = 1 / (1 + g (g + k)), a2 = g a1, a3 = g a2, g = tan(pi cut-off / rate), k = 1 / Q.
inline float sectionStep(uint32_t kind, const float* section, float* state, float in)
{
    const float difference = in - state[1];
    const float band = rounded(section[0] * state[0]) + rounded(section[1] * difference);
    const float low = state[1] + (rounded(section[1] * state[0]) + rounded(section[2] * difference));
    state[0] = (band + band) - state[0];
    state[1] = (low + low) - state[1];
    if (kind == kFilterHigh)
        return (in - rounded(section[3] * band)) - low;
    if (kind == kFilterNotch)
        return in - rounded(section[3] * band);
    return low;
}

/// The same of first order; `gain` is g / (1 + g).
inline float firstOrderStep(uint32_t kind, float gain, float* state, float in)
{
    const float step = rounded(gain * (in - *state));
    const float low = step + *state;
    *state = low + step;
    return kind == kFilterHigh ? in - low : low;
}

} // namespace detail

/// A filter of `sections` sections of second order and `single` (0 or 1) of first order; `table` holds kSectionFloats
/// for each of the former and one float for the latter. At most kMostSections.
__attribute__((always_inline)) inline void filterSignal(uint32_t kind, const float* table, size_t sections,
                                                        size_t single, size_t rows, float* x)
{
    float state[2 * kMostSections + 1];
    for (size_t s = 0; s <= sections; ++s) {
        // A high-pass lets nothing of the constant through its first section.
        const float start = kind == kFilterHigh && s > 0 ? 0.0f : x[0];
        if (s < sections) {
            state[2 * s] = 0.0f;
            state[2 * s + 1] = start;
        } else {
            state[2 * s] = start;
        }
    }
    for (size_t i = 0; i < rows; ++i) {
        float value = x[i];
        for (size_t s = 0; s < sections; ++s)
            value = detail::sectionStep(kind, table + kSectionFloats * s, state + 2 * s, value);
        if (single != 0)
            value = detail::firstOrderStep(kind, table[kSectionFloats * sections], state + 2 * sections, value);
        x[i] = kind == kFilterRest ? x[i] - value : value;
    }
}

template <uint32_t Kind>
__attribute__((noinline)) void filterSignal(const float* table, size_t sections, size_t single, size_t rows, float* x)
{
    filterSignal(Kind, table, sections, single, rows, x);
}

/// Takes the mean of the window out.
inline void subtractMean(size_t rows, float* x)
{
    const Centre centre = centreOf(x, rows);
    for (size_t i = 0; i < rows; ++i)
        x[i] = centre.deviation(x[i]);
}

/// y[i] = sum of taps[j] x[i - j]. From the end, so that no copy is needed.
inline void firFilter(const float* taps, size_t count, size_t rows, float* x)
{
    for (size_t i = rows; i-- > 0;)
        x[i] = blockSum(count, [taps, x, i](size_t j) { return rounded(taps[j] * x[i > j ? i - j : 0]); });
}

/// Median of each sample and the `width` - 1 before it; `width` is odd, at most kMostMedianRows.
inline void movingMedian(size_t width, size_t rows, float* x)
{
    float sorted[kMostMedianRows];
    for (size_t i = rows; i-- > 0;) {
        for (size_t j = 0; j < width; ++j) {
            const float value = x[i > j ? i - j : 0];
            size_t at = j;
            for (; at > 0 && value < sorted[at - 1]; --at)
                sorted[at] = sorted[at - 1];
            sorted[at] = value;
        }
        x[i] = sorted[width / 2];
    }
}

/// Mean of each `factor` samples that follow each other; leaves rows / factor of them.
inline void averageGroups(size_t factor, size_t rows, float* x)
{
    for (size_t i = 0; i < rows / factor; ++i) {
        const float* from = x + i * factor;
        x[i] = blockSum(factor, [from](size_t j) { return from[j]; }) / real(factor);
    }
}

} // namespace runtime
} // namespace ember
