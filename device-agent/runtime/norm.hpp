// SPDX-License-Identifier: MIT-0
#pragma once

#include "real.hpp"

// One signal out of several, channel by channel so that a single temporary is enough: clearSignal, then addSquares of
// each and squareRoots at the end for the length of a vector, or addAbsolutes of each for the sum of absolute values,
// whose mean is the signal magnitude area.

namespace ember {
namespace runtime {

inline void clearSignal(size_t rows, float* out)
{
    for (size_t i = 0; i < rows; ++i)
        out[i] = 0.0f;
}

inline void addSquares(const float* x, size_t rows, float* sum)
{
    for (size_t i = 0; i < rows; ++i)
        sum[i] += rounded(x[i] * x[i]);
}

inline void addAbsolutes(const float* x, size_t rows, float* sum)
{
    for (size_t i = 0; i < rows; ++i)
        sum[i] += absolute(x[i]);
}

inline void squareRoots(size_t rows, float* x)
{
    for (size_t i = 0; i < rows; ++i)
        x[i] = squareRoot(x[i]);
}

} // namespace runtime
} // namespace ember
