// SPDX-License-Identifier: MIT-0
#pragma once

#include "real.hpp"

namespace ember {
namespace runtime {

/// Angle of the vector (x, y) in degrees, -180 to 180, within 2e-5; 0 for the null vector.
inline float angleOf(float y, float x)
{
    const float ax = absolute(x);
    const float ay = absolute(y);
    const float longer = greater(ax, ay);
    if (longer == 0.0f)
        return 0.0f;
    float t = lesser(ax, ay) / longer;
    // Above tan(pi / 8), by atan t = pi / 4 + atan((t - 1) / (t + 1)), so that |t| < 0.4143.
    const bool steep = t > 0.41421356f;
    if (steep)
        t = (t - 1.0f) / (t + 1.0f);
    const float square = rounded(t * t);
    float series = 1.0f / 15.0f;
    series = 1.0f / 13.0f - rounded(series * square);
    series = 1.0f / 11.0f - rounded(series * square);
    series = 1.0f / 9.0f - rounded(series * square);
    series = 1.0f / 7.0f - rounded(series * square);
    series = 1.0f / 5.0f - rounded(series * square);
    series = 1.0f / 3.0f - rounded(series * square);
    series = 1.0f - rounded(series * square);
    float angle = rounded(rounded(t * series) * 57.2957795f);
    if (steep)
        angle = 45.0f + angle;
    if (ay > ax)
        angle = 90.0f - angle;
    if (x < 0.0f)
        angle = 180.0f - angle;
    return y < 0.0f ? -angle : angle;
}

/// How a body is turned, from the mean acceleration of its axes x, y, z, in degrees: roll about x (-180 to 180), pitch
/// about y (-90 to 90), and the inclination of z from the vertical (0 to 180).
inline void tilt(const float* means, float* out)
{
    const float xx = rounded(means[0] * means[0]);
    const float yy = rounded(means[1] * means[1]);
    const float zz = rounded(means[2] * means[2]);
    out[0] = angleOf(means[1], means[2]);
    out[1] = angleOf(-means[0], squareRoot(yy + zz));
    out[2] = angleOf(squareRoot(xx + yy), means[2]);
}

} // namespace runtime
} // namespace ember
