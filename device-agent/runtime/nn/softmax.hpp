// SPDX-License-Identifier: MIT-0
#pragma once

#include "scale.hpp"

namespace ember {
namespace runtime {
namespace nn {

/// 1 / (1 + x) for 0 <= x < 1 in Q0.31, as gemmlowp computes it: three steps of Newton's method.
inline int32_t oneOverOnePlus(int32_t x)
{
    const int32_t half = static_cast<int32_t>((static_cast<uint32_t>(x) + 0x80000000u) >> 1); // (1 + x) / 2, half up
    int32_t y = 1515870810 + doubledHighWord(half, -1010580540);
    for (uint8_t step = 0; step < 3; ++step) {
        const int32_t rest = (static_cast<int32_t>(1) << 29) - doubledHighWord(half, y);
        y += doubledHighWord(y, rest) * 4;
    }
    // Q2.29 to Q0.31 of half the value; the result saturates at 1.
    return y >= (static_cast<int32_t>(1) << 30) ? 0x7FFFFFFF : y * 2;
}

/// Rows of `size` values to steps of 1/256 from -128. `exponentials` are exp(-d * scale) in Q0.31 for the differences d
/// from the largest; what lies beyond the table is too small to count. The result may lie where x does.
inline void softmax(unsigned rows, unsigned size, const int8_t* x, const int32_t* exponentials, unsigned count,
                    int8_t* out)
{
    for (; rows != 0; --rows, x += size, out += size) {
        int32_t largest = -128;
        for (unsigned i = 0; i < size; ++i)
            largest = x[i] > largest ? x[i] : largest;
        int32_t sum = 0; // Q12.19; halved before it is rounded, which changes nothing and cannot overflow
        for (unsigned i = 0; i < size; ++i) {
            const unsigned difference = static_cast<unsigned>(largest - x[i]);
            if (difference < count)
                sum += shiftedRight(readWord(exponentials + difference) >> 1, 11);
        }
        uint8_t headroom = 0;
        uint32_t normal = static_cast<uint32_t>(sum);
        for (; (normal & 0x80000000u) == 0; normal <<= 1)
            ++headroom;
        const int32_t scale = oneOverOnePlus(static_cast<int32_t>(normal & 0x7FFFFFFFu));
        const int exponent = headroom < 4 ? 31 : 12 - headroom + 23;
        for (unsigned i = 0; i < size; ++i) {
            const unsigned difference = static_cast<unsigned>(largest - x[i]);
            int32_t value = -128;
            if (difference < count)
                value += shiftedRight(doubledHighWord(scale, readWord(exponentials + difference)) >> 1, exponent - 1);
            out[i] = static_cast<int8_t>(value > 127 ? 127 : value);
        }
    }
}

} // namespace nn
} // namespace runtime
} // namespace ember
