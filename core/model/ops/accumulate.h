// SPDX-License-Identifier: GPL-3.0-or-later
// The sums of convolutions and dense layers, and how integer sums become outputs. Private to core/model.
#pragma once

#include "core/model/ops/window.h"

#include <algorithm>

namespace ember::model::ops {

/// Longest sum of int8 products that cannot overflow 32 bits: 2^31 / (255 * 128).
constexpr qint64 kMaxInt8Sum = 65'536;

template <typename Acc, typename X, typename W>
Acc dot(const X* x, const W* w, qint64 count)
{
    Acc sum = 0;
    for (qint64 i = 0; i < count; ++i)
        sum += static_cast<Acc>(x[i]) * static_cast<Acc>(w[i]);
    return sum;
}

/// Elements minus their zero point, wide enough for it.
template <typename To, typename From>
std::vector<To> widened(std::span<const From> from, qint32 zeroPoint)
{
    std::vector<To> to(from.size());
    for (std::size_t i = 0; i < from.size(); ++i)
        to[i] = static_cast<To>(from[i] - zeroPoint);
    return to;
}

/// The cells under a window, as offsets of the input's and the kernel's cells.
struct Tap
{
    qint64 cell = 0;
    qint64 tap = 0;
};

/// Calls visit(output cell, taps inside the input) for every output cell of one image.
template <typename Visit>
void forEachWindow(const Volume& in, const Walk& walk, Visit visit)
{
    std::vector<Tap> taps;
    taps.reserve(static_cast<std::size_t>(std::min(walk.taps(), in.cells())));
    qint64 cell = 0;
    for (qint64 oz = 0; oz < walk.output[0]; ++oz) {
        for (qint64 oy = 0; oy < walk.output[1]; ++oy) {
            for (qint64 ox = 0; ox < walk.output[2]; ++ox) {
                taps.clear();
                for (qint64 kz = 0; kz < walk.kernel[0]; ++kz) {
                    const qint64 z = oz * walk.stride[0] - walk.padBegin[0] + kz * walk.dilation[0];
                    if (z < 0 || z >= in.size[0])
                        continue;
                    for (qint64 ky = 0; ky < walk.kernel[1]; ++ky) {
                        const qint64 y = oy * walk.stride[1] - walk.padBegin[1] + ky * walk.dilation[1];
                        if (y < 0 || y >= in.size[1])
                            continue;
                        for (qint64 kx = 0; kx < walk.kernel[2]; ++kx) {
                            const qint64 x = ox * walk.stride[2] - walk.padBegin[2] + kx * walk.dilation[2];
                            if (x >= 0 && x < in.size[2])
                                taps.push_back({(z * in.size[1] + y) * in.size[2] + x,
                                                (kz * walk.kernel[1] + ky) * walk.kernel[2] + kx});
                        }
                    }
                }
                visit(cell++, taps);
            }
        }
    }
}

/// Convolution of channels-last data with weights [out, taps, in / groups]; store(element of the output, channel, sum).
template <typename Acc, typename X, typename W, typename Store>
void convolve(const Volume& in, const Walk& walk, qint64 outChannels, qint64 groups, const X* x, const W* w,
              Store store)
{
    const qint64 inPerGroup = in.channels / groups;
    const qint64 outPerGroup = outChannels / groups;
    for (qint64 n = 0; n < in.batch; ++n) {
        const X* image = x + n * in.cells() * in.channels;
        forEachWindow(in, walk, [&](qint64 cell, const std::vector<Tap>& taps) {
            const qint64 base = (n * walk.outputs() + cell) * outChannels;
            for (qint64 o = 0; o < outChannels; ++o) {
                const qint64 first = o / outPerGroup * inPerGroup;
                const W* kernel = w + o * walk.taps() * inPerGroup;
                Acc sum = 0;
                for (const Tap& t : taps)
                    sum += dot<Acc>(image + t.cell * in.channels + first, kernel + t.tap * inPerGroup, inPerGroup);
                store(base + o, o, sum);
            }
        });
    }
}

/// Depthwise convolution of channels-last data with weights [taps, out].
template <typename Acc, typename X, typename W, typename Store>
void convolveDepthwise(const Volume& in, const Walk& walk, qint64 outChannels, const X* x, const W* w, Store store)
{
    const qint64 multiplier = outChannels / in.channels;
    std::vector<Acc> sums(static_cast<std::size_t>(outChannels));
    for (qint64 n = 0; n < in.batch; ++n) {
        const X* image = x + n * in.cells() * in.channels;
        forEachWindow(in, walk, [&](qint64 cell, const std::vector<Tap>& taps) {
            std::fill(sums.begin(), sums.end(), Acc(0));
            for (const Tap& t : taps) {
                const X* from = image + t.cell * in.channels;
                const W* kernel = w + t.tap * outChannels;
                Acc* sum = sums.data();
                if (multiplier == 1) {
                    for (qint64 c = 0; c < outChannels; ++c)
                        sum[c] += static_cast<Acc>(from[c]) * static_cast<Acc>(kernel[c]);
                    continue;
                }
                for (qint64 c = 0; c < in.channels; ++c) {
                    for (qint64 m = 0; m < multiplier; ++m, ++sum, ++kernel)
                        *sum += static_cast<Acc>(from[c]) * static_cast<Acc>(*kernel);
                }
            }
            const qint64 base = (n * walk.outputs() + cell) * outChannels;
            for (qint64 o = 0; o < outChannels; ++o)
                store(base + o, o, sums[static_cast<std::size_t>(o)]);
        });
    }
}

/// From the sums of one layer to its stored outputs.
class Requantiser
{
public:
    /// Multipliers of each output channel. `floatProduct`: input and weight scale are multiplied in float32, as the
    /// reference does for dense layers with one scale. `wideBias`: sums of 16-bit activations with a 64-bit bias.
    Requantiser(const Call& call, qint64 channels, Activation activation, bool floatProduct, bool wide);

    /// Int8 and int16 outputs, from a sum without bias.
    qint32 operator()(qint64 sum, qint64 channel) const
    {
        const auto c = static_cast<std::size_t>(channel);
        if (!m_bias.empty())
            sum += m_bias[c];
        const qint32 scaled = m_wide ? scaleWideBy(sum, m_multipliers[c])
                                     : scaleBy(static_cast<qint32>(sum), m_multipliers[c], m_rounding);
        return static_cast<qint32>(
            std::clamp<qint64>(static_cast<qint64>(scaled) + m_zeroPoint, m_range.low, m_range.high));
    }

private:
    std::vector<Multiplier> m_multipliers;
    std::vector<qint64> m_bias;
    qint32 m_zeroPoint = 0;
    ClampRange m_range;
    RequantiseRounding m_rounding;
    bool m_wide;
};

/// Checks of a quantised layer x, weights, [bias]: types, and a scale for each of `channels` along `axis`.
Status checkQuantisedLayer(const InferContext& context, qint64 channels, qint32 axis, qint64 sumLength);

/// Whether the layer computes in integers with scales.
bool isQuantisedLayer(const InferContext& context);
bool isQuantisedLayer(const Call& call);

} // namespace ember::model::ops
