// SPDX-License-Identifier: MIT-0
#pragma once

#include "scale.hpp"

#include <stddef.h>

namespace ember {
namespace runtime {
namespace nn {

struct PoolShape
{
    uint16_t inHeight, inWidth, channels;
    uint16_t kernelHeight, kernelWidth;
    uint16_t strideY, strideX;
    uint16_t padTop, padLeft;
    uint16_t outHeight, outWidth;
};

/// The mean of the cells that are in the image, rounded half away from zero.
struct Average
{
    int32_t sum = 0;
    void add(int8_t x) { sum += x; }
    int32_t result(int32_t count) const { return (sum > 0 ? sum + count / 2 : sum - count / 2) / count; }
};

struct Maximum
{
    int32_t most = -128;
    void add(int8_t x) { most = x > most ? x : most; }
    int32_t result(int32_t) const { return most; }
};

inline int atLeast(int a, int b)
{
    return a > b ? a : b;
}

inline int atMost(int a, int b)
{
    return a < b ? a : b;
}

/// Pools of 8-bit channels-last images.
template <typename Kind>
inline void pool(const PoolShape& shape, const int8_t* image, const Range& range, int8_t* out)
{
    for (unsigned oy = 0; oy < shape.outHeight; ++oy) {
        const int top = static_cast<int>(oy * shape.strideY) - static_cast<int>(shape.padTop);
        const int y0 = atLeast(top, 0);
        const int y1 = atMost(top + static_cast<int>(shape.kernelHeight), static_cast<int>(shape.inHeight));
        for (unsigned ox = 0; ox < shape.outWidth; ++ox) {
            const int left = static_cast<int>(ox * shape.strideX) - static_cast<int>(shape.padLeft);
            const int x0 = atLeast(left, 0);
            const int x1 = atMost(left + static_cast<int>(shape.kernelWidth), static_cast<int>(shape.inWidth));
            for (unsigned channel = 0; channel < shape.channels; ++channel) {
                Kind kind;
                for (int y = y0; y < y1; ++y) {
                    const int8_t* at =
                        image + (static_cast<size_t>(y) * shape.inWidth + static_cast<unsigned>(x0)) * shape.channels +
                        channel;
                    for (int x = x0; x < x1; ++x, at += shape.channels)
                        kind.add(*at);
                }
                *out++ = clamped(kind.result(static_cast<int32_t>(y1 - y0) * (x1 - x0)), range);
            }
        }
    }
}

} // namespace nn
} // namespace runtime
} // namespace ember
