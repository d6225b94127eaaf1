// SPDX-License-Identifier: MIT-0
#pragma once

#include "real.hpp"

namespace ember {
namespace runtime {

inline float physical(int8_t raw, float scale, float offset)
{
    return rounded(static_cast<float>(raw) * scale) + offset;
}
inline float physical(int16_t raw, float scale, float offset)
{
    return rounded(static_cast<float>(raw) * scale) + offset;
}
inline float physical(int32_t raw, float scale, float offset)
{
    return rounded(static_cast<float>(raw) * scale) + offset;
}
inline float physical(float raw, float scale, float offset)
{
    return rounded(raw * scale) + offset;
}

/// One channel of interleaved raw rows as floats in its physical unit: `raw * scale`, rounded, `+ offset`, rounded.
/// `first` is the channel's sample in the first row, `stride` the samples from row to row.
///
/// A signal that holds a NaN or an infinity becomes NaN throughout: then every feature of it is NaN, whatever it
/// computes, and no comparison can hide it.
template <typename Sample>
inline void loadChannel(const Sample* first, size_t rows, size_t stride, float scale, float offset, float* out)
{
    bool finite = true;
    for (size_t i = 0; i < rows; ++i) {
        out[i] = physical(first[i * stride], scale, offset);
        finite = finite && isFinite(out[i]);
    }
    for (size_t i = 0; !finite && i < rows; ++i)
        out[i] = quietNan();
}

/// Brings features to a common range: (value - offset) * factor; a factor of 0 makes 0 of whatever is finite.
inline void scaleValues(const float* offsets, const float* factors, size_t count, float* values)
{
    for (size_t i = 0; i < count; ++i)
        values[i] = (values[i] - offsets[i]) * factors[i];
}

} // namespace runtime
} // namespace ember
