// SPDX-License-Identifier: MIT-0
#pragma once

#include "bit_reversal.hpp"

#include <stddef.h>
#include <stdint.h>

// The transform of a real signal in 16-bit integers, for cores where every float operation is a call. Values share one
// exponent (block floating point): before each pass they are scaled down just as far as the pass can make them grow, so
// that little is lost and nothing overflows. Integers only, so all computers and boards agree by nature.

namespace ember {
namespace runtime {

// The caller's scratch is declared as floats; these may lie in it.
typedef int16_t __attribute__((may_alias)) ScratchInt16;
struct __attribute__((may_alias)) FixedComplex
{
    int16_t re;
    int16_t im;
};

namespace detail {

struct Wide
{
    int32_t re;
    int32_t im;
};

/// cos and sin of 2 pi i / points in Q15, for 0 <= i < points, out of the first quarter of a sine.
inline Wide fixedRoot(const int16_t* sine, size_t points, size_t i)
{
    const size_t quarter = points / 4;
    if (i < quarter)
        return Wide{sine[quarter - i], sine[i]};
    if (i < 2 * quarter)
        return Wide{-sine[i - quarter], sine[2 * quarter - i]};
    if (i < 3 * quarter)
        return Wide{-sine[3 * quarter - i], -sine[i - 2 * quarter]};
    return Wide{sine[i - 3 * quarter], -sine[4 * quarter - i]};
}

// Inside a pass values have four bits more, so that a pass rounds once.
constexpr unsigned kGuardBits = 4;

__attribute__((always_inline)) inline Wide widened(const FixedComplex& z)
{
    return Wide{static_cast<int32_t>(z.re) * 16, static_cast<int32_t>(z.im) * 16};
}

/// z (re - i im), rounded: a bias here would add up over the passes. |z| |root| < 2^31 - 2^11.
__attribute__((always_inline)) inline Wide fixedTurned(const FixedComplex& z, const Wide& root)
{
    constexpr int32_t half = static_cast<int32_t>(1) << (14 - kGuardBits);
    return Wide{(z.re * root.re + z.im * root.im + half) >> (15 - kGuardBits),
                (z.im * root.re - z.re * root.im + half) >> (15 - kGuardBits)};
}

/// At least the magnitude of a value, and at most 12 % more.
__attribute__((always_inline)) inline int32_t magnitudeBound(int32_t re, int32_t im)
{
    const int32_t a = re < 0 ? -re : re;
    const int32_t b = im < 0 ? -im : im;
    return a > b ? a + (b >> 1) + 1 : b + (a >> 1) + 1;
}

/// Stores with rounding and follows the largest magnitude.
struct FixedStore
{
    unsigned shift;
    int32_t half;
    int32_t most;

    explicit FixedStore(unsigned bits)
        : shift(bits)
        , half(static_cast<int32_t>(1) << (bits - 1))
        , most(0)
    {}

    __attribute__((always_inline)) void put(FixedComplex& at, int32_t re, int32_t im)
    {
        re = (re + half) >> shift;
        im = (im + half) >> shift;
        at.re = static_cast<int16_t>(re);
        at.im = static_cast<int16_t>(im);
        const int32_t bound = magnitudeBound(re, im);
        most = bound > most ? bound : most;
    }
};

__attribute__((always_inline)) inline void fixedJoin4(FixedComplex* z, size_t span, const Wide& a, const Wide& c,
                                                      const Wide& b, const Wide& d, FixedStore& store)
{
    const Wide evenSum = {a.re + c.re, a.im + c.im};
    const Wide evenDifference = {a.re - c.re, a.im - c.im};
    const Wide oddSum = {b.re + d.re, b.im + d.im};
    const Wide oddDifference = {b.re - d.re, b.im - d.im};
    store.put(z[0], evenSum.re + oddSum.re, evenSum.im + oddSum.im);
    store.put(z[span], evenDifference.re + oddDifference.im, evenDifference.im - oddDifference.re);
    store.put(z[2 * span], evenSum.re - oddSum.re, evenSum.im - oddSum.im);
    store.put(z[3 * span], evenDifference.re - oddDifference.im, evenDifference.im + oddDifference.re);
}

/// Bits by which a pass must scale down when it makes magnitudes of up to `most` grow by 2^growth at most.
inline unsigned scaleBits(int32_t most, unsigned growth)
{
    unsigned bits = 0;
    while ((most << growth) >> bits > 32766)
        ++bits;
    return bits;
}

inline int32_t fixedButterfly4(FixedComplex* z, size_t count, size_t span, const int16_t* sine, size_t points,
                               unsigned bits)
{
    FixedStore store(kGuardBits + bits);
    for (size_t group = 0; group < count; group += 4 * span) {
        FixedComplex* at = z + group;
        fixedJoin4(at, span, widened(at[0]), widened(at[span]), widened(at[2 * span]), widened(at[3 * span]), store);
    }
    const size_t step = points / (4 * span);
    for (size_t j = 1; j < span; ++j) {
        const Wide once = fixedRoot(sine, points, j * step);
        const Wide twice = fixedRoot(sine, points, 2 * j * step);
        const Wide thrice = fixedRoot(sine, points, 3 * j * step);
        for (size_t group = 0; group < count; group += 4 * span) {
            FixedComplex* at = z + group + j;
            fixedJoin4(at, span, widened(at[0]), fixedTurned(at[span], twice), fixedTurned(at[2 * span], once),
                       fixedTurned(at[3 * span], thrice), store);
        }
    }
    return store.most;
}

inline int32_t fixedButterfly2(FixedComplex* z, size_t count, unsigned bits)
{
    FixedStore store(kGuardBits + bits);
    for (size_t i = 0; i < count; i += 2) {
        const Wide a = widened(z[i]);
        const Wide b = widened(z[i + 1]);
        store.put(z[i], a.re + b.re, a.im + b.im);
        store.put(z[i + 1], a.re - b.re, a.im - b.im);
    }
    return store.most;
}

/// Complex transform in place; `most` is a bound of the magnitudes, before and after. Returns the exponent that
/// it has added.
inline int32_t fixedComplexFft(FixedComplex* z, size_t count, const int16_t* sine, size_t points, int32_t& most)
{
    reverseBits(z, count);
    int32_t exponent = 0;
    size_t span = 1;
    for (size_t rest = count; rest > 1; rest >>= 2) {
        if (rest == 2) {
            const unsigned bits = scaleBits(most, 1);
            most = fixedButterfly2(z, count, bits);
            exponent += static_cast<int32_t>(bits);
            span = 2;
        }
    }
    for (; span < count; span *= 4) {
        const unsigned bits = scaleBits(most, 2);
        most = fixedButterfly4(z, count, span, sine, points, bits);
        exponent += static_cast<int32_t>(bits);
    }
    return exponent;
}

/// Bound of the magnitudes that parting the transform of pairs into that of the signal makes. Worth a look at every
/// value: it is often half of what could be.
inline int32_t splitBound(const FixedComplex* z, size_t half)
{
    int32_t most = 2 * magnitudeBound(z[0].re, z[0].im);
    for (size_t k = 1; k <= half / 2; ++k) {
        const int32_t bound = magnitudeBound(z[k].re, z[k].im) + magnitudeBound(z[half - k].re, z[half - k].im);
        most = bound > most ? bound : most;
    }
    return most;
}

} // namespace detail

/// Discrete Fourier transform of a real signal in place, as realFft() of fft.hpp: the true values are those in z times
/// 2^exponent, and the exponent is what is returned. Parts are -32767 to 32767; `most` is a bound of |z|, see
/// magnitudeBound(). `sine` holds sin(2 pi i / points) in Q15 for i = 0 ... points / 4. `points` is a power of two, 8
/// to 4096.
inline int32_t fixedRealFft(FixedComplex* z, size_t points, const int16_t* sine, int32_t most)
{
    const size_t half = points / 2;
    int32_t exponent = detail::fixedComplexFft(z, half, sine, points, most);
    // One bit because results are computed twice as large.
    const unsigned bits = 1 + detail::scaleBits(detail::splitBound(z, half), 0);
    exponent += static_cast<int32_t>(bits) - 1;
    detail::FixedStore store(bits);
    detail::FixedStore wide(detail::kGuardBits + bits);
    const int32_t first = z[0].re; // wider than int on AVR
    const int32_t second = z[0].im;
    store.put(z[0], 2 * (first + second), 2 * (first - second));
    for (size_t k = 1; k <= half / 2; ++k) {
        const detail::Wide a = {z[k].re, z[k].im};
        const detail::Wide b = {z[half - k].re, z[half - k].im};
        const detail::Wide even = {(a.re + b.re) * 16, (a.im - b.im) * 16};
        // Sums of two parts have 17 bits: the root gives one up so that products fit.
        const detail::Wide root = detail::fixedRoot(sine, points, k);
        const detail::Wide small = {(root.re + 1) >> 1, (root.im + 1) >> 1};
        const int32_t oddRe = a.im + b.im;
        const int32_t oddIm = b.re - a.re;
        constexpr int32_t round = static_cast<int32_t>(1) << (13 - detail::kGuardBits);
        const detail::Wide turned = {(oddRe * small.re + oddIm * small.im + round) >> (14 - detail::kGuardBits),
                                     (oddIm * small.re - oddRe * small.im + round) >> (14 - detail::kGuardBits)};
        wide.put(z[half - k], even.re - turned.re, turned.im - even.im);
        wide.put(z[k], even.re + turned.re, even.im + turned.im);
    }
    return exponent;
}

} // namespace runtime
} // namespace ember
