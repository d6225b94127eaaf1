// SPDX-License-Identifier: MIT-0
#pragma once

#include "real.hpp"

namespace ember {
namespace runtime {

// What is taken away from the samples of a window.
constexpr uint32_t kRawAsIs = 0;
constexpr uint32_t kRawCentred = 1;  ///< less the mean of the window
constexpr uint32_t kRawStandard = 2; ///< and divided by its standard deviation; 0 where nothing varies

/// The samples themselves: the mean of every `factor` rows, `stride` floats from one to the next. Rows that do not
/// fill a last group are left out. Inlined, so that a constant choice leaves only the code that it needs.
__attribute__((always_inline)) inline void rawSamples(uint32_t choice, const float* x, size_t rows, size_t factor,
                                                      size_t stride, float* out)
{
    Centre centre = {0.0f, 0.0f};
    float scale = 1.0f;
    if (choice != kRawAsIs)
        centre = centreOf(x, rows);
    if (choice == kRawStandard) {
        const float deviation = squareRoot(varianceAbout(centre, x, rows));
        scale = deviation == 0.0f ? 0.0f : 1.0f / deviation;
    }
    for (size_t first = 0; first + factor <= rows; first += factor) {
        float sum = x[first];
        for (size_t i = 1; i < factor; ++i)
            sum += x[first + i];
        float value = factor == 1 ? sum : sum / real(factor);
        if (choice != kRawAsIs)
            value = centre.deviation(value);
        if (choice == kRawStandard)
            value *= scale;
        *out = value;
        out += stride;
    }
}

/// The same with a choice that is known to the compiler: one function in the firmware however often it is called.
template <uint32_t Chosen>
__attribute__((noinline)) void rawSamples(const float* x, size_t rows, size_t factor, size_t stride, float* out)
{
    rawSamples(Chosen, x, rows, factor, stride, out);
}

} // namespace runtime
} // namespace ember
