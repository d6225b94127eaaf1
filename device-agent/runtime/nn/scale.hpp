// SPDX-License-Identifier: MIT-0
#pragma once

#include "../flash_data.hpp"

// From 32-bit sums to 8-bit outputs, as TensorFlow Lite Micro rounds: a product with a fixed-point multiplier in two
// roundings (Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
// Inference", CVPR 2018). Right shifts of negative numbers are arithmetic on every compiler that this is made for.

namespace ember {
namespace runtime {
namespace nn {

/// floor((x * m + 2^30) / 2^31): the rounded high word of 2 * x * m. Not for x = m = -2^31.
inline int32_t doubledHighWord(int32_t x, int32_t m)
{
#if defined(__ARM_ARCH_6M__) || defined(__AVR__)
    // These multiply 32 by 32 bits to 32; the compiler's 64-bit product would be twice as long.
    const uint32_t xLow = static_cast<uint32_t>(x) & 0xFFFFu;
    const uint32_t mLow = static_cast<uint32_t>(m) & 0xFFFFu;
    const int32_t xHigh = x >> 16;
    const int32_t mHigh = m >> 16;
    const int32_t low = static_cast<int32_t>((xLow * mLow) >> 16) + 0x4000;
    const int32_t middle = static_cast<int32_t>(xLow) * mHigh + low;
    const int32_t other = xHigh * static_cast<int32_t>(mLow);
    const int32_t carry = ((middle & 0x7FFF) + (other & 0x7FFF)) >> 15;
    return static_cast<int32_t>(static_cast<uint32_t>(xHigh * mHigh) << 1) + (middle >> 15) + (other >> 15) + carry;
#else
    return static_cast<int32_t>((static_cast<int64_t>(x) * m + (static_cast<int64_t>(1) << 30)) >> 31);
#endif
}

/// floor((x * m + 2^30) / 2^32).
inline int32_t highWord(int32_t x, int32_t m)
{
#if defined(__ARM_ARCH_6M__) || defined(__AVR__)
    return doubledHighWord(x, m) >> 1;
#else
    return static_cast<int32_t>((static_cast<int64_t>(x) * m + (static_cast<int64_t>(1) << 30)) >> 32);
#endif
}

/// x / 2^exponent, rounded half away from zero; 1 <= exponent <= 30, |x| < 2^30.
inline int32_t shiftedRight(int32_t x, int exponent)
{
    return (x + (static_cast<int32_t>(1) << (exponent - 1)) + (x >> 31)) >> exponent;
}

/// x times m * 2^(-31 - right). `right` may be negative.
inline int32_t scaled(int32_t x, int32_t m, int right)
{
    if (right > 0)
        return shiftedRight(doubledHighWord(x, m), right);
    return doubledHighWord(static_cast<int32_t>(static_cast<uint32_t>(x) << -right), m);
}

/// Zero point and limits of a stored output.
struct Range
{
    int16_t zero;
    int16_t least;
    int16_t most;
};

inline int8_t clamped(int32_t value, const Range& range)
{
    value = value < range.least ? range.least : value;
    return static_cast<int8_t>(value > range.most ? range.most : value);
}

/// Any multiplier and range.
struct AnyScale
{
    static int8_t stored(int32_t sum, int32_t m, int right, const Range& range)
    {
        return clamped(scaled(sum, m, right) + range.zero, range);
    }
};

/// For outputs that end at their zero point (least = zero). Both roundings are one then: of negative sums, where they
/// differ, nothing is left. `right` is the shift less 2, which must not be negative.
struct ReluScale
{
    static int8_t stored(int32_t sum, int32_t m, int right, const Range& range)
    {
        int32_t value = ((highWord(sum, m) >> right) + 1) >> 1;
        const int32_t most = range.most - range.zero;
        value = value < 0 ? 0 : value;
        value = value > most ? most : value;
        return static_cast<int8_t>(value + range.zero);
    }
};

/// The same for all of -128 to 127 with the zero point -128.
struct ByteScale
{
    static int8_t stored(int32_t sum, int32_t m, int right, const Range&)
    {
        int32_t value = (highWord(sum, m) >> right) + 1;
#if defined(__thumb2__)
        __asm__("usat %0, #8, %1, asr #1" : "=r"(value) : "r"(value));
#else
        value >>= 1;
        value = value < 0 ? 0 : value;
        value = value > 255 ? 255 : value;
#endif
        return static_cast<int8_t>(value - 128);
    }
};

inline int32_t readWord(const int32_t* at)
{
#if defined(__AVR__)
    return static_cast<int32_t>(pgm_read_dword(at));
#else
    return *at;
#endif
}

/// Constants of an output channel, in flash.
struct Channel
{
    int32_t bias;
    int32_t multiplier;
    int32_t right; ///< as the layer's scale takes it
};

template <typename Scale>
inline int8_t storedOf(int32_t sum, const Channel* channel, const Range& range)
{
    return Scale::stored(sum, readWord(&channel->multiplier), static_cast<int>(readWord(&channel->right)), range);
}

} // namespace nn
} // namespace runtime
} // namespace ember
