// SPDX-License-Identifier: MIT-0
#pragma once

#include "real.hpp"

// What depends on the order or the distribution of samples: quantiles and histograms.

namespace ember {
namespace runtime {

namespace detail {

inline void siftDown(float* heap, size_t root, size_t count)
{
    const float value = heap[root];
    for (;;) {
        size_t child = 2 * root + 1;
        if (child >= count)
            break;
        if (child + 1 < count && heap[child + 1] > heap[child])
            ++child;
        if (!(heap[child] > value))
            break;
        heap[root] = heap[child];
        root = child;
    }
    heap[root] = value;
}

inline float between(const float* sorted, size_t index, float part)
{
    const float low = sorted[index];
    return part == 0.0f ? low : low + rounded(part * (sorted[index + 1] - low));
}

} // namespace detail

/// The samples in ascending order, by heap sort: no recursion, and no input that makes it slow.
inline void sortedCopy(const float* x, size_t rows, float* out)
{
    for (size_t i = 0; i < rows; ++i)
        out[i] = x[i];
    for (size_t root = rows / 2; root-- > 0;)
        detail::siftDown(out, root, rows);
    for (size_t end = rows; end-- > 1;) {
        const float most = out[0];
        out[0] = out[end];
        out[end] = most;
        detail::siftDown(out, 0, end);
    }
}

/// A quantile of sorted samples: `part` of the way from sorted[index] to the next.
inline void quantile(const float* sorted, size_t index, float part, float* out)
{
    *out = detail::between(sorted, index, part);
}

/// The distance of two quantiles.
inline void quantileRange(const float* sorted, size_t lowIndex, float lowPart, size_t highIndex, float highPart,
                          float* out)
{
    *out = detail::between(sorted, highIndex, highPart) - detail::between(sorted, lowIndex, lowPart);
}

/// Shares of the samples in `bins` classes from `low` on, of width 1 / `perUnit`; those below and above count in the
/// first and the last.
inline void histogram(const float* x, size_t rows, float low, float perUnit, size_t bins, float* out)
{
    // Zero, or NaN for a signal of NaNs.
    const float doubt = x[0] - x[0];
    for (size_t b = 0; b < bins; ++b)
        out[b] = 0.0f;
    for (size_t i = 0; i < rows; ++i) {
        const float at = (x[i] - low) * perUnit;
        const float last = real(bins - 1);
        const size_t bin = !(at > 0.0f) ? 0 : at >= last ? bins - 1 : static_cast<size_t>(at);
        out[bin] += 1.0f;
    }
    for (size_t b = 0; b < bins; ++b)
        out[b] = out[b] / real(rows) + doubt;
}

} // namespace runtime
} // namespace ember
