// SPDX-License-Identifier: MIT-0
#pragma once

#include "conv.hpp"
#include "dense.hpp"
#include "elementwise.hpp"

// Convolutions whose result nobody needs as a whole: two pixels of it at a time go on to the next operation.

namespace ember {
namespace runtime {
namespace nn {

/// Adds (Sign -1: subtracts) another image; MadeFirst: the convolution's result is the first value. `made` has room for
/// two pixels. The result may lie where the other image does.
template <int Sign, bool MadeFirst>
struct ToSum
{
    int8_t* made;
    const int8_t* other;
    unsigned channels;
    PairScale scale;
    Range range;
    int8_t* out;

    int8_t* place(unsigned) const { return made; }
    void take(unsigned pixel, unsigned count) const
    {
        const size_t at = static_cast<size_t>(pixel) * channels;
        const size_t size = static_cast<size_t>(count) * channels;
        add<Sign>(MadeFirst ? made : other + at, MadeFirst ? other + at : made, size, scale, range, out + at);
    }
};

/// Adds the products with a dense layer's weights to its sums. `in` values of the image are one row of weights.
struct ToDense
{
    int8_t* made;
    unsigned channels;
    const uint8_t* weights;
    unsigned in, outputs;
    int32_t* sums;

    int8_t* place(unsigned) const { return made; }
    void take(unsigned pixel, unsigned count) const
    {
        const uint8_t* w = weights + static_cast<size_t>(pixel) * channels;
        for (unsigned i = 0; i < outputs; ++i, w += in)
            sums[i] = dotRow(made, w, count * channels, sums[i]);
    }
};

template <typename Scale, typename DenseScale>
inline void convolveDense(const ConvShape& shape, const int8_t* image, const uint8_t* weights, const Channel* channels,
                          Range range, uint16_t* column, const ToDense& dense, const Channel* denseChannels,
                          Range denseRange, int8_t* out)
{
    for (unsigned i = 0; i < dense.outputs; ++i)
        dense.sums[i] = readWord(&denseChannels[i].bias);
    convolve<Scale>(shape, image, weights, channels, range, column, dense);
    for (unsigned i = 0; i < dense.outputs; ++i)
        out[i] = storedOf<DenseScale>(dense.sums[i], denseChannels + i, denseRange);
}

} // namespace nn
} // namespace runtime
} // namespace ember
