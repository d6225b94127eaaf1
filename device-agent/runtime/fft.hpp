// SPDX-License-Identifier: MIT-0
#pragma once

#include "bit_reversal.hpp"
#include "real.hpp"

namespace ember {
namespace runtime {

struct Complex
{
    float re;
    float im;
};

/// Floats in the sine table of a transform of `points`.
constexpr size_t sineTableSize(size_t points)
{
    return points / 4 + 1;
}

/// cos(2 pi i / points) and sin of the same, for 0 <= i < points, out of the first quarter of a sine.
inline Complex unitRoot(const float* sine, size_t points, size_t i)
{
    const size_t quarter = points / 4;
    if (i < quarter)
        return Complex{sine[quarter - i], sine[i]};
    if (i < 2 * quarter)
        return Complex{-sine[i - quarter], sine[2 * quarter - i]};
    if (i < 3 * quarter)
        return Complex{-sine[3 * quarter - i], -sine[i - 2 * quarter]};
    return Complex{sine[i - 3 * quarter], -sine[4 * quarter - i]};
}

namespace detail {

/// value * (root.re - i root.im): the factors of a forward transform.
__attribute__((always_inline)) inline Complex turned(const Complex& value, const Complex& root)
{
    return Complex{rounded(value.re * root.re) + rounded(value.im * root.im),
                   rounded(value.im * root.re) - rounded(value.re * root.im)};
}

inline void butterfly2(Complex* z, size_t count)
{
    for (size_t i = 0; i < count; i += 2) {
        const Complex a = z[i];
        const Complex b = z[i + 1];
        z[i] = Complex{a.re + b.re, a.im + b.im};
        z[i + 1] = Complex{a.re - b.re, a.im - b.im};
    }
}

/// Joins four transforms of length `span`, which bit reversal has left in the order 0, 2, 1, 3.
__attribute__((always_inline)) inline void join4(Complex* z, size_t span, const Complex& a, const Complex& c,
                                                 const Complex& b, const Complex& d)
{
    const Complex evenSum = {a.re + c.re, a.im + c.im};
    const Complex evenDifference = {a.re - c.re, a.im - c.im};
    const Complex oddSum = {b.re + d.re, b.im + d.im};
    const Complex oddDifference = {b.re - d.re, b.im - d.im};
    z[0] = Complex{evenSum.re + oddSum.re, evenSum.im + oddSum.im};
    z[2 * span] = Complex{evenSum.re - oddSum.re, evenSum.im - oddSum.im};
    z[span] = Complex{evenDifference.re + oddDifference.im, evenDifference.im - oddDifference.re};
    z[3 * span] = Complex{evenDifference.re - oddDifference.im, evenDifference.im + oddDifference.re};
}

inline void butterfly4(Complex* z, size_t count, size_t span, const float* sine, size_t points)
{
    for (size_t group = 0; group < count; group += 4 * span) {
        Complex* at = z + group;
        join4(at, span, at[0], at[span], at[2 * span], at[3 * span]);
    }
    const size_t step = points / (4 * span);
    for (size_t j = 1; j < span; ++j) {
        const Complex once = unitRoot(sine, points, j * step);
        const Complex twice = unitRoot(sine, points, 2 * j * step);
        const Complex thrice = unitRoot(sine, points, 3 * j * step);
        for (size_t group = 0; group < count; group += 4 * span) {
            Complex* at = z + group + j;
            join4(at, span, at[0], turned(at[span], twice), turned(at[2 * span], once), turned(at[3 * span], thrice));
        }
    }
}

inline void complexFft(Complex* z, size_t count, const float* sine, size_t points)
{
    reverseBits(z, count);
    size_t span = 1;
    for (size_t rest = count; rest > 1; rest >>= 2) {
        if (rest == 2) { // an odd number of factors of two
            butterfly2(z, count);
            span = 2;
        }
    }
    for (; span < count; span *= 4)
        butterfly4(z, count, span, sine, points);
}

} // namespace detail

/// Discrete Fourier transform of a real signal in place; `points` is a power of two, 8 or more. Afterwards
/// z[k] is the sum of x[i] exp(-2 pi j i k / points) for 0 < k < points / 2, z[0].re the one for k = 0 and z[0].im the
/// one for k = points / 2, both of which are real. `sine` holds sin(2 pi i / points) for i = 0 ... points / 4.
///
/// The signal goes through a complex transform of half the length as even + j odd samples, radix 4 with one pass of
/// radix 2 where needed (Cooley and Tukey 1965; Sorensen et al. 1987 for the real case).
inline void realFft(Complex* z, size_t points, const float* sine)
{
    const size_t half = points / 2;
    detail::complexFft(z, half, sine, points);
    const Complex first = z[0];
    z[0] = Complex{first.re + first.im, first.re - first.im};
    for (size_t k = 1; k <= half / 2; ++k) {
        const Complex a = z[k];
        const Complex b = z[half - k];
        const Complex even = {rounded(0.5f * (a.re + b.re)), rounded(0.5f * (a.im - b.im))};
        const Complex odd = {0.5f * (a.im + b.im), 0.5f * (b.re - a.re)};
        const Complex turned = detail::turned(odd, unitRoot(sine, points, k));
        z[half - k] = Complex{even.re - turned.re, turned.im - even.im};
        z[k] = Complex{even.re + turned.re, even.im + turned.im};
    }
}

} // namespace runtime
} // namespace ember
