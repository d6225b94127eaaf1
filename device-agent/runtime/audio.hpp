// SPDX-License-Identifier: MIT-0
#pragma once

#include "spectrum.hpp"

// Features of sound: mel energies of short frames and what is made of them. Frames lie behind each other in a matrix,
// `values` floats for each. The same in integers: fixed_audio.hpp.

namespace ember {
namespace runtime {

// How a summary over frames is taken, in the order of these bits.
constexpr uint32_t kPoolMean = 1u << 0;
constexpr uint32_t kPoolDeviation = 1u << 1; ///< of the population
constexpr uint32_t kPoolMaximum = 1u << 2;
constexpr unsigned kPoolCount = 3;

/// 2^x, within 3e-7 relative; 0 below -126, infinity from 128.
inline float exp2Of(float x)
{
    if (!(x > -126.0f))
        return x - x == 0.0f || x < 0.0f ? 0.0f : x;
    if (x >= 128.0f)
        return fromBits(0x7F800000u);
    int32_t whole = static_cast<int32_t>(x);
    whole -= static_cast<float>(whole) > x ? 1 : 0;
    // 2^(1/2) 2^t with |t| <= 1/2, by the series of e^(t ln 2); the first term left out is below 4e-9.
    const float t = (x - static_cast<float>(whole)) - 0.5f;
    float series = 1.52527338e-5f; // (ln 2)^7 / 7!
    series = rounded(series * t) + 1.54035304e-4f;
    series = rounded(series * t) + 1.33335581e-3f;
    series = rounded(series * t) + 9.61812911e-3f;
    series = rounded(series * t) + 5.55041087e-2f;
    series = rounded(series * t) + 2.40226507e-1f;
    series = rounded(series * t) + 6.93147181e-1f;
    series = rounded(series * t) + 1.0f;
    const float scale = fromBits(static_cast<uint32_t>(whole + 127) << 23);
    return rounded(series * 1.41421356f) * scale;
}

/// y[i] = x[i] - coefficient x[i - 1], the first sample as if one like it came before (HTK).
inline void preEmphasis(float coefficient, size_t rows, float* x)
{
    for (size_t i = rows; i-- > 0;)
        x[i] = x[i] - rounded(coefficient * x[i > 0 ? i - 1 : 0]);
}

/// Squared magnitudes of the transform of one frame under Hann's window, in place: x[k] for 0 <= k <= points / 2.
/// `points` as for realFft().
inline void framePower(size_t points, const float* sine, float* x)
{
    for (size_t i = 0; i < points; ++i)
        x[i] = x[i] * detail::hann(sine, points, i);
    Complex* z = reinterpret_cast<Complex*>(x);
    realFft(z, points, sine);
    const float last = rounded(z[0].im * z[0].im);
    x[0] = rounded(z[0].re * z[0].re);
    for (size_t k = 1; k < points / 2; ++k) {
        const Complex value = z[k];
        x[k] = rounded(value.re * value.re) + rounded(value.im * value.im);
    }
    x[points / 2] = last;
}

/// Energies of `mels` triangular filters, times `scale`. Filter m rises over the bins edges[m] ... edges[m + 1] - 1 and
/// falls over the next ones; `weights` holds how far each bin from edges[0] on has risen, from 0 to 1.
inline void melEnergies(const float* power, const uint16_t* edges, const float* weights, size_t mels, float scale,
                        float* out)
{
    float before = 0.0f;
    for (size_t m = 0; m <= mels; ++m) {
        const float* from = power + edges[m];
        const float* weight = weights + (edges[m] - edges[0]);
        const size_t bins = static_cast<size_t>(edges[m + 1] - edges[m]);
        const float all = blockSum(bins, [from](size_t i) { return from[i]; });
        const float rising = blockSum(bins, [from, weight](size_t i) { return rounded(from[i] * weight[i]); });
        if (m > 0)
            out[m - 1] = greater(before + (all - rising), 0.0f) * scale;
        before = rising;
    }
}

/// Takes away what each value is on a running average (the noise), and leaves a twentieth of it at least, as the
/// front end of TensorFlow Lite Micro does. The average begins with the first frame.
inline void subtractNoise(size_t frames, size_t values, float smoothing, float* matrix)
{
    for (size_t v = 0; v < values; ++v) {
        float noise = matrix[v];
        for (size_t f = 0; f < frames; ++f) {
            float* at = matrix + f * values + v;
            noise = noise + rounded(smoothing * (*at - noise));
            *at = greater(*at - noise, rounded(0.05f * *at));
        }
    }
}

/// Per-channel energy normalisation (Wang et al. 2017): (E / (e + M)^a + d)^r - d^r with the running average M of E;
/// a = 0.98, d = 2, r = 1/2, e = 1e-6. M begins with the first frame.
inline void pcen(size_t frames, size_t values, float smoothing, float* matrix)
{
    for (size_t v = 0; v < values; ++v) {
        float average = matrix[v];
        for (size_t f = 0; f < frames; ++f) {
            float* at = matrix + f * values + v;
            average = average + rounded(smoothing * (*at - average));
            const float gain = exp2Of(-0.98f * log2Of(average + 1e-6f));
            *at = squareRoot(rounded(*at * gain) + 2.0f) - 1.41421356f;
        }
    }
}

/// 10 log10(x), not below `floor`, in place.
inline void decibels(float floor, size_t count, float* x)
{
    for (size_t i = 0; i < count; ++i)
        x[i] = greater(rounded(3.01029996f * log2Of(x[i])), floor);
}

/// out[c] = sum of table[c * count + i] x[i]: with the cosines of the DCT-II the cepstrum of log energies.
inline void matrixProduct(const float* x, size_t count, const float* table, size_t outputs, float* out)
{
    for (size_t c = 0; c < outputs; ++c) {
        const float* row = table + c * count;
        out[c] = blockSum(count, [x, row](size_t i) { return rounded(x[i] * row[i]); });
    }
}

namespace detail {

inline float* poolValue(uint32_t chosen, const float* first, size_t frames, size_t stride, float* out)
{
    const float begin = first[0];
    const float shift =
        blockSum(frames, [first, stride, begin](size_t f) { return first[f * stride] - begin; }) / real(frames);
    const Centre centre = {begin, shift};
    if ((chosen & kPoolMean) != 0)
        *out++ = centre.mean();
    if ((chosen & kPoolDeviation) != 0) {
        const float sum = blockSum(frames, [first, stride, &centre](size_t f) {
            const float d = centre.deviation(first[f * stride]);
            return rounded(d * d);
        });
        *out++ = squareRoot(sum / real(frames));
    }
    if ((chosen & kPoolMaximum) != 0) {
        float most = begin;
        for (size_t f = 1; f < frames; ++f)
            most = greater(most, first[f * stride]);
        *out++ = most;
    }
    return out;
}

} // namespace detail

/// The chosen summaries of each value over `slices` equal parts of the frames: slice by slice, value by value.
/// Needs slices <= frames.
__attribute__((always_inline)) inline void poolFrames(uint32_t chosen, const float* matrix, size_t frames,
                                                      size_t values, size_t slices, float* out)
{
    for (size_t s = 0; s < slices; ++s) {
        const size_t begin = s * frames / slices;
        const size_t end = (s + 1) * frames / slices;
        for (size_t v = 0; v < values; ++v)
            out = detail::poolValue(chosen, matrix + begin * values + v, end - begin, values, out);
    }
}

template <uint32_t Chosen>
__attribute__((noinline)) void poolFrames(const float* matrix, size_t frames, size_t values, size_t slices, float* out)
{
    poolFrames(Chosen, matrix, frames, values, slices, out);
}

} // namespace runtime
} // namespace ember
