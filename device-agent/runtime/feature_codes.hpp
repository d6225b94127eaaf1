// SPDX-License-Identifier: MIT-0
#pragma once

#include "tensor.hpp"

#include <stddef.h>

namespace ember {
namespace runtime {

// Float features as whole numbers: the one nearest to (x - offset) / scale, the even one of two, cut to the range of
// the type; zero for what is no number. As ONNX's Sub and QuantizeLinear do.

/// For magnitudes below 2^22: what is added has no bits behind the point, so the sum is rounded to a whole number.
inline float nearestEven(float x)
{
    const float magic = 12582912.0f; // 1.5 * 2^23
    return (x + magic) - magic;
}

inline int32_t featureCode(float x, float offset, float scale, int32_t most)
{
    const float steps = (x - offset) / scale;
    if (isNan(steps))
        return 0;
    const float least = static_cast<float>(-most - 1);
    if (steps >= static_cast<float>(most))
        return most;
    if (steps <= least)
        return -most - 1;
    return static_cast<int32_t>(nearestEven(steps));
}

/// `constants`: the offsets of all features, and behind them the scales.
inline void encodeFeatures(size_t count, const float* features, FlashValues constants, int8_t* codes)
{
    for (size_t i = 0; i < count; ++i)
        codes[i] = static_cast<int8_t>(featureCode(features[i], constants[i], constants[count + i], 127));
}

inline void encodeFeatures(size_t count, const float* features, FlashValues constants, int16_t* codes)
{
    for (size_t i = 0; i < count; ++i)
        codes[i] = static_cast<int16_t>(featureCode(features[i], constants[i], constants[count + i], 32767));
}

} // namespace runtime
} // namespace ember
