// SPDX-License-Identifier: MIT-0
#pragma once

#include <stddef.h>

namespace ember {
namespace runtime {
namespace detail {

/// Puts the values, a power of two of them, into the order of their indices with the bits reversed.
template <typename Value>
inline void reverseBits(Value* z, size_t count)
{
    size_t reversed = 0;
    for (size_t i = 1; i < count; ++i) {
        size_t bit = count >> 1;
        for (; (reversed & bit) != 0; bit >>= 1)
            reversed ^= bit;
        reversed |= bit;
        if (i < reversed) {
            const Value other = z[i];
            z[i] = z[reversed];
            z[reversed] = other;
        }
    }
}

} // namespace detail
} // namespace runtime
} // namespace ember
