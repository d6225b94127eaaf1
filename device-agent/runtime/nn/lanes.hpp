// SPDX-License-Identifier: MIT-0
#pragma once

#include "../flash_data.hpp"

#include <stddef.h>

// Instructions on packed bytes and halfwords of Cortex-M4, M7 and M33, one function each.

#if defined(__ARM_FEATURE_DSP) && defined(__thumb2__)
#define EMBER_NN_DSP 1
// Sums stay in registers only when what adds to them is part of the loop.
#define EMBER_NN_INLINE __attribute__((always_inline)) inline
#else
#define EMBER_NN_INLINE inline
#endif

#if defined(EMBER_NN_DSP)

namespace ember {
namespace runtime {
namespace nn {

inline uint32_t loadWord(const void* at)
{
    uint32_t word;
    __builtin_memcpy(&word, at, sizeof word);
    return word;
}

inline void storeWord(void* at, uint32_t word)
{
    __builtin_memcpy(at, &word, sizeof word);
}

#define EMBER_NN_WIDEN(name, instruction)                                                                              \
    inline uint32_t name(uint32_t x)                                                                                   \
    {                                                                                                                  \
        uint32_t y;                                                                                                    \
        __asm__(instruction : "=r"(y) : "r"(x));                                                                       \
        return y;                                                                                                      \
    }
EMBER_NN_WIDEN(unsignedEven, "uxtb16 %0, %1")
EMBER_NN_WIDEN(unsignedOdd, "uxtb16 %0, %1, ror #8")
EMBER_NN_WIDEN(signedEven, "sxtb16 %0, %1")
EMBER_NN_WIDEN(signedOdd, "sxtb16 %0, %1, ror #8")
#undef EMBER_NN_WIDEN

#define EMBER_NN_ADD(name, instruction)                                                                                \
    inline int32_t name(uint32_t a, uint32_t b, int32_t sum)                                                           \
    {                                                                                                                  \
        __asm__(instruction " %0, %1, %2, %0" : "+r"(sum) : "r"(a), "r"(b));                                           \
        return sum;                                                                                                    \
    }
EMBER_NN_ADD(addBoth, "smlad")
EMBER_NN_ADD(addLow, "smlabb")
EMBER_NN_ADD(addHigh, "smlatt")
EMBER_NN_ADD(addBytes, "usada8")
#undef EMBER_NN_ADD

} // namespace nn
} // namespace runtime
} // namespace ember
#endif
