// SPDX-License-Identifier: MIT-0
#pragma once

#include "fixed_fft.hpp"
#include "real.hpp"

// Log-mel energies and cepstra of 16-bit sound in integers; audio.hpp is the same in floats. Logarithms are binary, in
// Q9: 512 for a factor of two.

namespace ember {
namespace runtime {

constexpr int32_t kFixedLogOne = 512;
constexpr size_t kFixedMostBins = 255; ///< between the middles of two neighbouring filters

namespace detail {

/// log2(1 + i / 32) in Q15, rounded.
inline uint32_t fixedLogStep(uint32_t i)
{
    static const uint16_t steps[33] = {0,     1455,  2866,  4236,  5568,  6863,  8124,  9352,  10549, 11716, 12855,
                                       13968, 15055, 16117, 17156, 18173, 19168, 20143, 21098, 22034, 22952, 23852,
                                       24736, 25604, 26455, 27292, 28114, 28922, 29717, 30498, 31267, 32024, 32768};
    return steps[i];
}

/// log2(value) in Q9; needs a value above zero.
inline int32_t fixedLog2(uint64_t value)
{
    int32_t exponent = 31;
    while ((value >> 32) != 0) {
        value >>= 1;
        ++exponent;
    }
    uint32_t bits = static_cast<uint32_t>(value);
    for (unsigned step = 16; step > 0; step >>= 1) {
        if ((bits >> (32u - step)) == 0) {
            bits <<= step;
            exponent -= static_cast<int32_t>(step);
        }
    }
    const uint32_t fraction = (bits << 1) >> 16; // behind the leading one, in Q16
    const uint32_t at = fraction >> 11;
    const uint32_t low = fixedLogStep(at);
    const uint32_t log = low + (((fixedLogStep(at + 1) - low) * (fraction & 0x7FFu)) >> 11);
    return exponent * kFixedLogOne + static_cast<int32_t>((log + 32u) >> 6);
}

/// A sample with pre-emphasis, in Q15.
template <typename Sample>
inline int32_t emphasised(const Sample* first, size_t stride, size_t i, int32_t coefficient)
{
    const int32_t before = first[(i > 0 ? i - 1 : 0) * stride];
    return static_cast<int32_t>(first[i * stride]) * 32768 - coefficient * before;
}

/// One frame with pre-emphasis under Hann's window, scaled to 15 bits and more: sample = z 2^(what is returned).
template <typename Sample>
inline int32_t fixedFrame(const Sample* first, size_t stride, size_t points, int32_t coefficient, const int16_t* sine,
                          FixedComplex* z, int32_t& most)
{
    uint32_t magnitudes = 0;
    for (size_t i = 0; i < points; ++i) {
        const int32_t value = emphasised(first, stride, i, coefficient);
        magnitudes |= static_cast<uint32_t>(value < 0 ? ~value : value);
    }
    unsigned shift = 0;
    while ((magnitudes >> shift) > 32767u)
        ++shift;
    most = 0;
    ScratchInt16* out = reinterpret_cast<ScratchInt16*>(z);
    for (size_t i = 0; i < points; ++i) {
        const int32_t weight = (32768 - fixedRoot(sine, points, i).re) >> 1;
        const int32_t value = emphasised(first, stride, i, coefficient) >> shift;
        const int32_t weighted = (value * weight + 16384) >> 15;
        const int32_t magnitude = weighted < 0 ? -weighted : weighted;
        most = magnitude > most ? magnitude : most;
        out[i] = static_cast<int16_t>(weighted);
    }
    return static_cast<int32_t>(shift) - 15;
}

/// A sum of products of 32 and 8 bits, in two words so that no product is wider than one.
struct WideSum
{
    uint32_t high;
    uint32_t low;

    void add(uint32_t power, uint32_t weight)
    {
        high += (power >> 16) * weight;
        low += (power & 0xFFFFu) * weight;
    }
    uint64_t value() const { return (static_cast<uint64_t>(high) << 16) + low; }
};

inline uint32_t powerAt(const FixedComplex* z, size_t points, size_t k)
{
    if (k == 0 || k == points / 2) {
        const int32_t part = k == 0 ? z[0].re : z[0].im;
        return static_cast<uint32_t>(part * part);
    }
    const int32_t re = z[k].re;
    const int32_t im = z[k].im;
    return static_cast<uint32_t>(re * re) + static_cast<uint32_t>(im * im);
}

} // namespace detail

/// Binary logarithms in Q9 of the mel energies of one frame, in the unit of the samples squared, not below `floor`;
/// silence is `floor`. Tables as for melEnergies(), with weights in Q8. Needs at most kFixedMostBins from edge to edge.
/// `scratch` takes points / 2 floats, `out` as many as hold `mels` int16.
template <typename Sample>
inline void fixedMelFrame(const Sample* first, size_t stride, size_t points, size_t coefficient, const int16_t* sine,
                          const uint16_t* edges, const uint16_t* weights, size_t mels, float floor, float* scratch,
                          float* out)
{
    FixedComplex* z = reinterpret_cast<FixedComplex*>(scratch);
    ScratchInt16* logs = reinterpret_cast<ScratchInt16*>(out);
    int32_t most = 0;
    int32_t exponent = detail::fixedFrame(first, stride, points, static_cast<int32_t>(coefficient), sine, z, most);
    exponent += fixedRealFft(z, points, sine, most);
    const int32_t scale = (2 * exponent - 8) * kFixedLogOne;
    const int32_t least = static_cast<int32_t>(floor * static_cast<float>(kFixedLogOne));
    uint64_t before = 0;
    for (size_t m = 0; m <= mels; ++m) {
        detail::WideSum all = {0, 0};
        detail::WideSum rising = {0, 0};
        const uint16_t* weight = weights + (edges[m] - edges[0]);
        for (size_t k = edges[m]; k < edges[m + 1]; ++k) {
            const uint32_t power = detail::powerAt(z, points, k);
            all.add(power, 256);
            rising.add(power, *weight++);
        }
        if (m > 0) {
            const uint64_t energy = before + (all.value() - rising.value());
            const int32_t log = energy == 0 ? least : detail::fixedLog2(energy) + scale;
            logs[m - 1] = static_cast<int16_t>(log < least ? least : log);
        }
        before = rising.value();
    }
}

/// The logarithms as floats: value * scale + offset.
inline void fixedLevels(const float* logs, size_t count, float scale, float offset, float* out)
{
    const ScratchInt16* from = reinterpret_cast<const ScratchInt16*>(logs);
    for (size_t i = 0; i < count; ++i)
        out[i] = rounded(static_cast<float>(from[i]) * scale) + offset;
}

/// Products of the logarithms with a table in Q10, one row for each output: value * scale, and `offset` on the first.
/// At most 64 logarithms.
inline void fixedProduct(const float* logs, size_t count, const int16_t* table, size_t outputs, float scale,
                         float offset, float* out)
{
    const ScratchInt16* from = reinterpret_cast<const ScratchInt16*>(logs);
    for (size_t c = 0; c < outputs; ++c) {
        int32_t sum = 0;
        for (size_t i = 0; i < count; ++i)
            sum += static_cast<int32_t>(from[i]) * *table++;
        out[c] = rounded(static_cast<float>(sum) * scale) + (c == 0 ? offset : 0.0f);
    }
}

} // namespace runtime
} // namespace ember
