// SPDX-License-Identifier: MIT-0
#pragma once

#include "real.hpp"

namespace ember {
namespace runtime {

/// One level of the discrete wavelet transform with orthonormal filters (Daubechies 1988), the signal repeated beyond
/// its ends: rows / 2 approximations go to `approximation`, the sum of squared details times `scale` to `energy`. An
/// odd last row is left out. `low` holds `taps` coefficients; the high-pass is the same backwards with every other sign
/// changed. Needs rows >= taps.
inline void waveletLevel(const float* x, size_t rows, const float* low, size_t taps, float scale, float* approximation,
                         float* energy)
{
    const size_t half = rows / 2;
    float total = 0.0f;
    for (size_t i = 0; i < half; ++i) {
        float sum = 0.0f;
        float difference = 0.0f;
        for (size_t k = 0; k < taps; ++k) {
            const size_t at = 2 * i + k;
            const float value = x[at < 2 * half ? at : at - 2 * half];
            sum += rounded(low[k] * value);
            const float other = rounded(low[taps - 1 - k] * value);
            difference += (k & 1u) != 0 ? -other : other;
        }
        approximation[i] = sum;
        total += rounded(difference * difference);
    }
    *energy = total * scale;
}

/// The sum of squares times `scale`.
inline void scaledEnergy(const float* x, size_t count, float scale, float* out)
{
    *out = blockSum(count, [x](size_t i) { return rounded(x[i] * x[i]); }) * scale;
}

} // namespace runtime
} // namespace ember
