// SPDX-License-Identifier: MIT-0
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace ember {
namespace runtime {
namespace nn {

/// Copies rows of `bytes`; rows begin `fromStep` and `toStep` apart.
inline void moveRows(const int8_t* from, size_t fromStep, unsigned rows, size_t bytes, int8_t* to, size_t toStep)
{
    for (; rows != 0; --rows, from += fromStep, to += toStep)
        __builtin_memcpy(to, from, bytes);
}

} // namespace nn
} // namespace runtime
} // namespace ember
