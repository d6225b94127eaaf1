// SPDX-License-Identifier: MIT-0
#pragma once

#include "real.hpp"

// Repetition in a signal: autocorrelation, and the power at single frequencies.

namespace ember {
namespace runtime {

/// r[l] = sum of d[i] d[i + l] / sum of d[i]^2 for l = 0 ... lags, d being deviations from the mean: the biased
/// estimate, between -1 and 1. All zero for a constant signal. Needs lags < rows.
inline void autocorrelation(const float* x, size_t rows, size_t lags, float* r)
{
    const Centre centre = centreOf(x, rows);
    const float total = rounded(varianceAbout(centre, x, rows) * real(rows));
    for (size_t lag = 0; lag <= lags; ++lag) {
        const float sum = blockSum(rows - lag, [&centre, x, lag](size_t i) {
            return rounded(centre.deviation(x[i]) * centre.deviation(x[i + lag]));
        });
        r[lag] = total == 0.0f ? 0.0f : sum / total;
    }
}

/// Length (in units of `step`) and height of the strongest repetition: the highest local maximum of r behind the first
/// lag at which it is not positive. Zeros when there is none.
inline void strongestPeriod(const float* r, size_t lags, float step, float* out)
{
    const float doubt = r[0] - r[0];
    size_t lag = 1;
    while (lag < lags && r[lag] > 0.0f)
        ++lag;
    size_t best = 0;
    for (; lag + 1 <= lags; ++lag) {
        const bool peak = r[lag] > r[lag - 1] && r[lag] >= r[lag + 1];
        if (peak && r[lag] > 0.0f && (best == 0 || r[lag] > r[best]))
            best = lag;
    }
    out[0] = rounded(real(best) * step) + doubt;
    out[1] = (best == 0 ? 0.0f : r[best]) + doubt;
}

/// Every `step`-th value, beginning with x[step].
inline void everyNth(const float* x, size_t step, size_t count, float* out)
{
    for (size_t i = 0; i < count; ++i)
        out[i] = x[(i + 1) * step];
}

/// Mean square of the part of a signal at one frequency w (radians per row), its mean taken out: 2 |X(w)|^2 / rows^2.
/// Goertzel's recurrence in Reinsch's form, which stays exact near 0 and half the rate (Stoer and Bulirsch, 2.3):
/// for cos w >= 0 `sign` is 1 and `factor` 2 cos w - 2; else -1 and 2 cos w + 2.
inline void goertzel(const float* x, size_t rows, float factor, float sign, float* out)
{
    const Centre centre = centreOf(x, rows);
    float u = 0.0f;
    float d = 0.0f;
    for (size_t i = 0; i < rows; ++i) {
        d = (rounded(factor * u) + rounded(sign * d)) + centre.deviation(x[i]);
        u = d + rounded(sign * u);
    }
    const float before = sign * (u - d);
    const float square = rounded(d * d) - rounded(rounded(factor * u) * before);
    const float inverse = 1.0f / real(rows);
    *out = rounded(greater(square, 0.0f) * inverse) * (2.0f * inverse);
}

} // namespace runtime
} // namespace ember
