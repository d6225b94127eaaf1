// SPDX-License-Identifier: MIT-0
#pragma once

#include "lanes.hpp"
#include "scale.hpp"

namespace ember {
namespace runtime {
namespace nn {

/// sum w x for one channel's row of signed weights, four at a time.
inline int32_t dotRow(const int8_t* x, const uint8_t* w, unsigned count, int32_t sum)
{
    unsigned i = 0;
#if defined(EMBER_NN_DSP)
    for (; i + 4 <= count; i += 4) {
        const uint32_t cells = loadWord(x + i);
        const uint32_t weights = loadWord(w + i);
        sum = addBoth(signedEven(cells), signedEven(weights), sum);
        sum = addBoth(signedOdd(cells), signedOdd(weights), sum);
    }
#endif
    for (; i < count; ++i)
        sum += static_cast<int8_t>(readFlash8(w + i)) * static_cast<int32_t>(x[i]);
    return sum;
}

/// Rows of `in` values to rows of `out`. Weights: a row of signed bytes for each output. The zero point of x is in the
/// bias.
template <typename Scale>
inline void dense(unsigned rows, unsigned in, unsigned outputs, const int8_t* x, const uint8_t* weights,
                  const Channel* channels, Range range, int8_t* y)
{
    for (; rows != 0; --rows, x += in) {
        const uint8_t* w = weights;
        for (unsigned channel = 0; channel < outputs; ++channel, w += in)
            *y++ = storedOf<Scale>(dotRow(x, w, in, readWord(&channels[channel].bias)), channels + channel, range);
    }
}

} // namespace nn
} // namespace runtime
} // namespace ember
