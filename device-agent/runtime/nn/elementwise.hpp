// SPDX-License-Identifier: MIT-0
#pragma once

#include "scale.hpp"

#include <stddef.h>

namespace ember {
namespace runtime {
namespace nn {

/// Zero points and multipliers of two values and their result; shifts are to the right.
struct PairScale
{
    int16_t zeroA, zeroB;
    int32_t multiplierA, multiplierB, multiplier;
    int8_t rightA, rightB, right;
};

// Scales and ranges are values: what is reached through a reference might be what a store of a byte changes.

/// Sums (Sign 1) or differences (-1). The result may lie where either value does.
template <int Sign>
inline void add(const int8_t* a, const int8_t* b, size_t count, PairScale scale, Range range, int8_t* out)
{
    for (size_t i = 0; i < count; ++i) {
        const int32_t left = static_cast<int32_t>(a[i] - scale.zeroA) * (static_cast<int32_t>(1) << 20);
        const int32_t right = static_cast<int32_t>(b[i] - scale.zeroB) * (static_cast<int32_t>(1) << 20);
        const int32_t sum =
            scaled(left, scale.multiplierA, scale.rightA) + Sign * scaled(right, scale.multiplierB, scale.rightB);
        out[i] = clamped(scaled(sum, scale.multiplier, scale.right) + range.zero, range);
    }
}

/// Products. The result may lie where either value does.
inline void multiply(const int8_t* a, const int8_t* b, size_t count, PairScale scale, Range range, int8_t* out)
{
    for (size_t i = 0; i < count; ++i) {
        const int32_t product = static_cast<int32_t>(a[i] - scale.zeroA) * (b[i] - scale.zeroB);
        out[i] = clamped(scaled(product, scale.multiplier, scale.right) + range.zero, range);
    }
}

/// Any function of one value: a table of 256 results in flash, that of -128 first. The result may lie where x does.
inline void lookUp(const int8_t* x, size_t count, const uint8_t* table, int8_t* out)
{
    for (size_t i = 0; i < count; ++i)
        out[i] = static_cast<int8_t>(readFlash8(table + static_cast<uint8_t>(static_cast<uint8_t>(x[i]) ^ 0x80u)));
}

/// The index of the largest, the first of equals.
inline uint16_t winnerOf(const int8_t* values, uint16_t count)
{
    uint16_t best = 0;
    for (uint16_t i = 1; i < count; ++i)
        best = values[i] > values[best] ? i : best;
    return best;
}

} // namespace nn
} // namespace runtime
} // namespace ember
