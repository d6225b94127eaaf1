// SPDX-License-Identifier: MIT-0
#pragma once

#include <stddef.h>
#include <stdint.h>

#if defined(__SSE__) || defined(__x86_64__)
#include <xmmintrin.h>
#endif

// Float arithmetic that gives the same bits on every computer and every board. The rules of this folder:
//
//  - float32 only, and of its operations only + - * / and the square root below: IEEE 754 fixes their results;
//  - the order of operations is written down, sums included, and depends on nothing but the number of samples;
//  - a product that is added to something goes through rounded(), so that no compiler fuses the two;
//  - no libm, no table of the platform's, no excess precision, subnormals are kept.
//
// What could break it at build time is refused here; a start-up that sets flush-to-zero in the FPU breaks it too.

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "These kernels need exact float arithmetic: build them without -ffast-math and -Ofast."
#endif
#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0 && __FLT_EVAL_METHOD__ != 16
#error "These kernels need float expressions in float precision: on 32-bit x86 build with -msse2 -mfpmath=sse."
#endif

namespace ember {
namespace runtime {

inline uint32_t bitsOf(float x)
{
    uint32_t bits;
    __builtin_memcpy(&bits, &x, sizeof bits);
    return bits;
}

inline float fromBits(uint32_t bits)
{
    float x;
    __builtin_memcpy(&x, &bits, sizeof x);
    return x;
}

/// A product, made a float before anything is done with it. Where the CPU can multiply and add in one rounding the
/// compiler may do so unasked, depending on its flags; the empty statement stands between the two operations.
inline float rounded(float product)
{
#if defined(__arm__) && defined(__ARM_FEATURE_FMA)
    __asm__("" : "+t"(product));
#elif defined(__aarch64__)
    __asm__("" : "+w"(product));
#elif defined(__riscv_flen)
    __asm__("" : "+f"(product));
#elif defined(__FMA__) || defined(__FMA4__)
    __asm__("" : "+x"(product));
#endif
    return product;
}

/// The one NaN that leaves these kernels; which NaN an operation makes differs between CPUs.
inline float quietNan()
{
    return fromBits(0x7FC00000u);
}

inline bool isNan(float x)
{
    return !(x == x);
}

inline bool isFinite(float x)
{
    return (bitsOf(x) & 0x7F800000u) != 0x7F800000u;
}

inline float absolute(float x)
{
    return fromBits(bitsOf(x) & 0x7FFFFFFFu);
}

/// The smaller one; NaN when either is; the first of two equal ones (which matters for zeros of different sign).
inline float lesser(float a, float b)
{
    return b < a || isNan(b) ? b : a;
}

/// The larger one; NaN when either is; the first of two equal ones.
inline float greater(float a, float b)
{
    return b > a || isNan(b) ? b : a;
}

/// A count as a float; exact below 2^24.
inline float real(size_t count)
{
    return static_cast<float>(static_cast<uint32_t>(count));
}

/// Square root in integer arithmetic, correctly rounded, digit by digit as on paper.
///
/// With x = s * 2^(e - 23), 2^23 <= s < 2^24, the root of the 50-bit number s * 2^25 (even e) or s * 2^26 (odd e) has
/// 25 bits, one more than the result. That bit decides the rounding alone: an odd root never is exact, because its
/// square would be odd.
inline float squareRootByDigits(float x)
{
    uint32_t bits = bitsOf(x);
    if ((bits & 0x7FFFFFFFu) == 0 || bits == 0x7F800000u)
        return x;
    if (bits > 0x7F800000u)
        return quietNan();
    int32_t exponent = static_cast<int32_t>(bits >> 23) - 127;
    uint32_t digits = bits & 0x007FFFFFu;
    if (exponent == -127) {
        exponent = -126;
        while (digits < 0x00800000u) {
            digits <<= 1;
            --exponent;
        }
    } else {
        digits |= 0x00800000u;
    }
    digits <<= (exponent & 1) != 0 ? 8 : 7; // 26 digits, at the top of the word
    uint32_t root = 0;
    uint32_t rest = 0;
    for (int i = 0; i < 25; ++i) {
        rest = (rest << 2) | (digits >> 30);
        digits <<= 2;
        const uint32_t trial = (root << 2) | 1u;
        root <<= 1;
        if (rest >= trial) {
            rest -= trial;
            root |= 1u;
        }
    }
    const int32_t half = (exponent - (exponent & 1)) / 2;
    return fromBits(((root + 1u) >> 1) + (static_cast<uint32_t>(half + 126) << 23));
}

/// Square root, correctly rounded: by the CPU's instruction where it has one (IEEE 754 fixes its result too). NaN below
/// zero, -0 for -0.
inline float squareRoot(float x)
{
    if (!(x >= 0.0f))
        return quietNan();
#if defined(__SSE__) || defined(__x86_64__)
    return _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(x)));
#elif defined(__aarch64__)
    float root;
    __asm__("fsqrt %s0, %s1" : "=w"(root) : "w"(x));
    return root;
#elif defined(__arm__) && defined(__ARM_FP) && (__ARM_FP & 4)
    float root;
    __asm__("vsqrt.f32 %0, %1" : "=t"(root) : "t"(x));
    return root;
#elif defined(__riscv_flen)
    float root;
    __asm__("fsqrt.s %0, %1" : "=f"(root) : "f"(x));
    return root;
#else
    return squareRootByDigits(x);
#endif
}

/// Binary logarithm, within 2e-7 of the true value for results below 1 and within 2 units in the last place beyond.
/// -infinity for zeros, NaN below.
inline float log2Of(float x)
{
    if (x == 0.0f)
        return fromBits(0xFF800000u);
    if (!(x > 0.0f))
        return quietNan();
    uint32_t bits = bitsOf(x);
    if (bits == 0x7F800000u)
        return x;
    int32_t exponent = 0;
    if (bits < 0x00800000u) {
        bits = bitsOf(x * 8388608.0f); // 2^23: exact
        exponent = -23;
    }
    // x = m * 2^exponent with m between the roots of 1/2 and 2, so that nothing cancels near 1.
    const uint32_t shifted = bits - 0x3F3504F3u;
    exponent += static_cast<int32_t>(shifted) >> 23;
    const float m = fromBits((shifted & 0x007FFFFFu) + 0x3F3504F3u);
    // ln m = 2 artanh t with t = (m - 1) / (m + 1), |t| < 0.172; the first term left out is below 2e-9.
    const float t = (m - 1.0f) / (m + 1.0f);
    const float square = rounded(t * t);
    float series = 1.0f / 9.0f;
    series = rounded(series * square) + 1.0f / 7.0f;
    series = rounded(series * square) + 1.0f / 5.0f;
    series = rounded(series * square) + 1.0f / 3.0f;
    series = rounded(series * square) + 1.0f;
    const float twiceLog2E = 2.88539008f;
    return static_cast<float>(exponent) + rounded(rounded(t * series) * twiceLog2E);
}

/// Sum of term(0) ... term(count - 1). In blocks of sixteen, so that rounding errors grow with count / 16 and not with
/// count.
template <typename Term>
inline float blockSum(size_t count, Term term)
{
    float total = 0.0f;
    size_t i = 0;
    while (i < count) {
        const size_t end = count - i > 16 ? i + 16 : count;
        float part = 0.0f;
        for (; i < end; ++i)
            part += term(i);
        total += part;
    }
    return total;
}

/// Where a signal lies: mean = first + shift. Deviations are taken as (x - first) - shift, which is exactly zero for a
/// constant signal and loses nothing to a large offset such as gravity.
struct Centre
{
    float first;
    float shift;

    float mean() const { return first + shift; }
    float deviation(float x) const { return (x - first) - shift; }
};

inline Centre centreOf(const float* x, size_t count)
{
    const float first = x[0];
    const float sum = blockSum(count, [x, first](size_t i) { return x[i] - first; });
    return Centre{first, sum / real(count)};
}

/// Mean of the squared deviations.
inline float varianceAbout(const Centre& centre, const float* x, size_t count)
{
    const float sum = blockSum(count, [&centre, x](size_t i) {
        const float d = centre.deviation(x[i]);
        return rounded(d * d);
    });
    return sum / real(count);
}

/// Replaces every NaN by the one of quietNan(): the last step of every feature vector.
inline void canonicalNans(float* values, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        if (isNan(values[i]))
            values[i] = quietNan();
    }
}

} // namespace runtime
} // namespace ember
