// SPDX-License-Identifier: MIT-0
#pragma once

#include "real.hpp"

namespace ember {
namespace runtime {

// Elementary functions of models, under the rules of real.hpp: the same bits everywhere, and no libm.

/// e^x within 3e-7 of the true value, relatively; 0 below -87.3, where the result would be subnormal, and infinity
/// above 88.7.
inline float exponential(float x)
{
    if (isNan(x))
        return quietNan();
    if (x < -87.3f)
        return 0.0f;
    if (x > 88.7f)
        return fromBits(0x7F800000u);
    // x = n ln 2 + r, |r| < 0.35; ln 2 in two parts, of which the first times n is exact.
    const float scaled = rounded(x * 1.44269504f);
    const int32_t n = static_cast<int32_t>(scaled < 0.0f ? scaled - 0.5f : scaled + 0.5f);
    const float count = static_cast<float>(n);
    const float r = (x - rounded(count * 0.693359375f)) + rounded(count * 2.12194440e-4f);
    // The series of e^r; the first term left out is below 2e-7.
    float series = 1.0f / 720.0f;
    series = rounded(series * r) + 1.0f / 120.0f;
    series = rounded(series * r) + 1.0f / 24.0f;
    series = rounded(series * r) + 1.0f / 6.0f;
    series = rounded(series * r) + 0.5f;
    series = rounded(series * r) + 1.0f;
    series = rounded(series * r) + 1.0f;
    // In two steps, because 2^128 is no float. Both are exact.
    const int32_t half = n / 2;
    series = series * fromBits(static_cast<uint32_t>(half + 127) << 23);
    return rounded(series * fromBits(static_cast<uint32_t>(n - half + 127) << 23));
}

/// Natural logarithm; see log2Of().
inline float logarithm(float x)
{
    return rounded(log2Of(x) * 0.693147181f);
}

inline float logisticOf(float x)
{
    return 1.0f / (1.0f + exponential(-x));
}

/// Within 1e-6, relatively.
inline float hyperbolicTangent(float x)
{
    const float square = rounded(x * x);
    if (square < 0.01f) { // the quotient below would cancel: x - x^3/3 + 2 x^5/15 - 17 x^7/315
        float series = 2.0f / 15.0f - rounded(square * (17.0f / 315.0f));
        series = rounded(square * series) - 1.0f / 3.0f;
        return x + rounded(x * rounded(square * series));
    }
    return 1.0f - 2.0f / (exponential(x + x) + 1.0f);
}

} // namespace runtime
} // namespace ember
