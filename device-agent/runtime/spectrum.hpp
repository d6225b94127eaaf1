// SPDX-License-Identifier: MIT-0
#pragma once

#include "fft.hpp"

namespace ember {
namespace runtime {

// How a segment is weighted before the transform.
constexpr uint32_t kTaperNone = 0;
constexpr uint32_t kTaperHann = 1; ///< sin^2(pi i / points), periodic

// How band powers are given.
constexpr uint32_t kLevelPower = 0;
constexpr uint32_t kLevelLog2 = 1; ///< binary logarithm, not below kSilenceLog2

// What spectrumShape() computes, in the order of these bits.
constexpr uint32_t kCentroid = 1u << 0; ///< mean frequency, weighted with power
constexpr uint32_t kRollOff = 1u << 1;  ///< lowest frequency below which 85 % of the power lies
constexpr uint32_t kEntropy = 1u << 2;  ///< of the power as a distribution: 0 for one line, 1 for white noise
constexpr unsigned kShapeCount = 3;

constexpr float kSilenceLog2 = -60.0f;

/// Power at the frequencies 0 ... points / 2.
constexpr size_t spectrumBins(size_t points)
{
    return points / 2 + 1;
}

namespace detail {

inline float hann(const float* sine, size_t points, size_t i)
{
    return 0.5f - rounded(0.5f * unitRoot(sine, points, i).re);
}

inline void addPowers(const Complex* z, size_t points, float* power)
{
    power[0] += rounded(z[0].re * z[0].re);
    power[points / 2] += rounded(z[0].im * z[0].im);
    for (size_t k = 1; k < points / 2; ++k)
        power[k] += rounded(z[k].re * z[k].re) + rounded(z[k].im * z[k].im);
}

} // namespace detail

/// One-sided power spectrum by Welch's method (1967): segments of `points` samples that overlap by half, in the middle
/// of the signal, less the signal's mean, weighted, transformed, averaged. The sum of all bins is the variance of the
/// (weighted) signal. Needs rows >= points. `work` takes points / 2 complex values, `power` spectrumBins(points).
__attribute__((always_inline)) inline void powerSpectrum(uint32_t taper, const float* x, size_t rows, size_t points,
                                                         const float* sine, Complex* work, float* power)
{
    const Centre centre = centreOf(x, rows);
    const size_t hop = points / 2;
    const size_t segments = (rows - points) / hop + 1;
    const size_t begin = (rows - points - (segments - 1) * hop) / 2;
    for (size_t k = 0; k < spectrumBins(points); ++k)
        power[k] = 0.0f;
    for (size_t s = 0; s < segments; ++s) {
        const float* from = x + begin + s * hop;
        for (size_t i = 0; i < points; i += 2) {
            Complex pair = {centre.deviation(from[i]), centre.deviation(from[i + 1])};
            if (taper == kTaperHann) {
                pair.re = pair.re * detail::hann(sine, points, i);
                pair.im = pair.im * detail::hann(sine, points, i + 1);
            }
            work[i / 2] = pair;
        }
        realFft(work, points, sine);
        detail::addPowers(work, points, power);
    }
    // Parseval: the squares of a transform sum to points times the squares of the signal; the squares of the Hann
    // weights sum to 3/8 of the points.
    const float weights = taper == kTaperHann ? 0.375f : 1.0f;
    const float twoSided = 1.0f / (real(points) * real(points) * weights * real(segments));
    power[0] = power[0] * twoSided;
    power[points / 2] = power[points / 2] * twoSided;
    for (size_t k = 1; k < points / 2; ++k)
        power[k] = power[k] * (2.0f * twoSided);
}

template <uint32_t Taper>
__attribute__((noinline)) void powerSpectrum(const float* x, size_t rows, size_t points, const float* sine, float* work,
                                             float* power)
{
    powerSpectrum(Taper, x, rows, points, sine, reinterpret_cast<Complex*>(work), power);
}

/// Power in each of `bands` bands; band b holds the bins edges[b] ... edges[b + 1] - 1.
__attribute__((always_inline)) inline void bandPowers(uint32_t level, const float* power, const uint16_t* edges,
                                                      size_t bands, float* out)
{
    for (size_t b = 0; b < bands; ++b) {
        const float* from = power + edges[b];
        const float sum = blockSum(static_cast<size_t>(edges[b + 1] - edges[b]), [from](size_t i) { return from[i]; });
        out[b] = level == kLevelLog2 ? greater(log2Of(sum), kSilenceLog2) : sum;
    }
}

template <uint32_t Level>
__attribute__((noinline)) void bandPowers(const float* power, const uint16_t* edges, size_t bands, float* out)
{
    bandPowers(Level, power, edges, bands, out);
}

/// Frequency and power of the `count` highest local maxima, highest first, pairwise; zeros where there are no more.
/// Bin 0 is left out; the ends count as maxima when they are higher than their one neighbour.
inline void spectrumPeaks(const float* power, size_t bins, float binWidth, size_t count, float* out)
{
    size_t last = 0;
    for (size_t p = 0; p < count; ++p) {
        size_t best = 0;
        for (size_t k = 1; k < bins; ++k) {
            const bool rises = k == 1 || power[k] > power[k - 1];
            const bool falls = k + 1 == bins || power[k] >= power[k + 1];
            const bool open = p == 0 || power[k] < power[last] || (power[k] == power[last] && k > last);
            if (rises && falls && open && power[k] > 0.0f && (best == 0 || power[k] > power[best]))
                best = k;
        }
        // A spectrum of NaNs has no maxima; its difference makes the answer NaN too.
        const float doubt = power[1] - power[1];
        out[2 * p] = rounded(real(best) * binWidth) + doubt;
        out[2 * p + 1] = (best == 0 ? 0.0f : power[best]) + doubt;
        if (best == 0) {
            for (size_t i = 2 * p + 2; i < 2 * count; ++i)
                out[i] = doubt;
            return;
        }
        last = best;
    }
}

namespace detail {

inline float centroid(const float* power, size_t bins, float total)
{
    const float moment = blockSum(bins - 1, [power](size_t i) { return rounded(real(i + 1) * power[i + 1]); });
    return moment / total;
}

inline float rollOff(const float* power, size_t bins, float total)
{
    const float wanted = 0.85f * total;
    float below = 0.0f;
    size_t k = 0;
    while (k + 1 < bins && below < wanted)
        below += power[++k];
    return real(k) + (total - total);
}

inline float entropy(const float* power, size_t bins, float total)
{
    const float inverse = 1.0f / total;
    const float sum = blockSum(bins - 1, [power, inverse](size_t i) {
        const float share = power[i + 1] * inverse;
        return share == 0.0f ? 0.0f : rounded(share * log2Of(share));
    });
    return greater(0.0f, -sum) / log2Of(real(bins - 1));
}

} // namespace detail

/// The chosen figures of the spectrum's form over all bins but bin 0; frequencies are in the unit of `binWidth`. All
/// are zero for silence.
__attribute__((always_inline)) inline void spectrumShape(uint32_t chosen, const float* power, size_t bins,
                                                         float binWidth, float* out)
{
    const float total = blockSum(bins - 1, [power](size_t i) { return power[i + 1]; });
    const bool silent = total == 0.0f;
    if ((chosen & kCentroid) != 0)
        *out++ = silent ? 0.0f : detail::centroid(power, bins, total) * binWidth;
    if ((chosen & kRollOff) != 0)
        *out++ = silent ? 0.0f : detail::rollOff(power, bins, total) * binWidth;
    if ((chosen & kEntropy) != 0)
        *out++ = silent ? 0.0f : detail::entropy(power, bins, total);
}

template <uint32_t Chosen>
__attribute__((noinline)) void spectrumShape(const float* power, size_t bins, float binWidth, float* out)
{
    spectrumShape(Chosen, power, bins, binWidth, out);
}

} // namespace runtime
} // namespace ember
