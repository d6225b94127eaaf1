// SPDX-License-Identifier: MIT-0
#pragma once

#include "real.hpp"

namespace ember {
namespace runtime {

/// Pearson's correlation of two signals, between -1 and 1; 0 when one of them is constant.
inline void correlation(const float* x, const float* y, size_t rows, float* out)
{
    const Centre a = centreOf(x, rows);
    const Centre b = centreOf(y, rows);
    const float sum =
        blockSum(rows, [&a, &b, x, y](size_t i) { return rounded(a.deviation(x[i]) * b.deviation(y[i])); });
    const float deviations = squareRoot(varianceAbout(a, x, rows)) * squareRoot(varianceAbout(b, y, rows));
    const float r = deviations == 0.0f ? 0.0f : sum / real(rows) / deviations;
    *out = lesser(greater(r, -1.0f), 1.0f);
}

} // namespace runtime
} // namespace ember
