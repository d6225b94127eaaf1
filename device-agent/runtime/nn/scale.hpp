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

/// The same for sums: |x| < 2^30.
inline int32_t doubledHighWordOfSum(int32_t x, int32_t m)
{
#if defined(__ARM_FEATURE_DSP) && defined(__thumb2__)
    int32_t y;
    __asm__("smmulr %0, %1, %2" : "=r"(y) : "r"(x * 2), "r"(m));
    return y;
#else
    return doubledHighWord(x, m);
#endif
}

/// floor((x * m + 2^30) / 2^(31 + right)) for 0 < x < 2^29 and m >= 0; for other sums, nothing above 0. right >= 1.
inline int32_t positiveHighWord(int32_t x, int32_t m, int right)
{
#if defined(__ARM_ARCH_6M__) || defined(__AVR__)
    if (x <= 0)
        return 0;
    const uint32_t xLow = static_cast<uint32_t>(x) & 0xFFFFu;
    const uint32_t mLow = static_cast<uint32_t>(m) & 0xFFFFu;
    const uint32_t xHigh = static_cast<uint32_t>(x) >> 16;
    const uint32_t mHigh = static_cast<uint32_t>(m) >> 16;
    // Below 2^31 + 2^29 + 2^17.
    const uint32_t middle = xLow * mHigh + xHigh * mLow + ((xLow * mLow) >> 16) + 0x4000u;
    return static_cast<int32_t>(((xHigh * mHigh * 2u) + (middle >> 15)) >> right);
#elif defined(__ARM_FEATURE_DSP)
    return doubledHighWordOfSum(x, m) >> right;
#else
    // The high word alone is there without a shift.
    return static_cast<int32_t>((static_cast<int64_t>(x) * m + (static_cast<int64_t>(1) << 30)) >> 32) >> (right - 1);
#endif
}

/// x / 2^exponent, rounded half away from zero; 1 <= exponent <= 30, |x| < 2^30.
inline int32_t shiftedRight(int32_t x, int exponent)
{
    return (x + (static_cast<int32_t>(1) << (exponent - 1)) + (x >> 31)) >> exponent;
}

/// x times m * 2^(-31 - right). `right` may be negative; |x| < 2^30, also when it is shifted to the left.
inline int32_t scaled(int32_t x, int32_t m, int right)
{
    if (right > 0)
        return shiftedRight(doubledHighWordOfSum(x, m), right);
    return doubledHighWordOfSum(static_cast<int32_t>(static_cast<uint32_t>(x) << -right), m);
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

/// For multipliers below a half: right >= 1.
struct DownScale
{
    static int8_t stored(int32_t sum, int32_t m, int right, const Range& range)
    {
        return clamped(shiftedRight(doubledHighWordOfSum(sum, m), right) + range.zero, range);
    }
};

/// For outputs that end at their zero point (least = zero). Both roundings are one then: of negative sums, where they
/// differ, nothing is left. `right` is the shift less 1, which must be 1 at least.
struct ReluScale
{
    static int8_t stored(int32_t sum, int32_t m, int right, const Range& range)
    {
        int32_t value = (positiveHighWord(sum, m, right) + 1) >> 1;
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
        int32_t value = positiveHighWord(sum, m, right);
#if defined(__thumb2__)
        value -= 255; // + 1, and - 2 * 128
        __asm__("ssat %0, #8, %1, asr #1" : "=r"(value) : "r"(value));
        return static_cast<int8_t>(value);
#else
        value = (value + 1) >> 1;
        value = value < 0 ? 0 : value;
        value = value > 255 ? 255 : value;
        return static_cast<int8_t>(value - 128);
#endif
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
