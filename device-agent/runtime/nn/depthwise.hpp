// SPDX-License-Identifier: MIT-0
#pragma once

#include "lanes.hpp"
#include "scale.hpp"

// Depthwise convolution of 8-bit channels-last images, four channels at a time. Rows of the image pass through a ring
// of as many rows as the kernel has, with their padding, so that windows need no border, and the result may lie where
// the image does.
//
// The ring holds u = x + 128:  sum w (x - zero) = sum w u - (128 + zero) sum w,  whose last term is in the bias
// already. Weights: for each four channels, for each cell of the kernel, four bytes.

namespace ember {
namespace runtime {
namespace nn {

struct DepthwiseShape
{
    uint16_t inHeight, inWidth, channels;
    uint16_t kernelHeight, kernelWidth;
    uint16_t strideY, strideX;
    uint16_t padTop, padLeft;
    uint16_t outHeight, outWidth;
    uint16_t ringWidth; ///< cells of a row with its padding
    uint8_t padding;    ///< zero point + 128

    constexpr size_t rowBytes() const { return static_cast<size_t>(ringWidth) * channels; }
};

/// Adds one cell's products of four channels.
inline void addCell(const uint8_t* x, const uint8_t* w, int32_t* sums)
{
#if defined(EMBER_NN_DSP)
    const uint32_t cells = loadWord(x);
    const uint32_t weights = loadWord(w);
    const uint32_t xEven = unsignedEven(cells);
    const uint32_t wEven = signedEven(weights);
    const uint32_t xOdd = unsignedOdd(cells);
    const uint32_t wOdd = signedOdd(weights);
    sums[0] = addLow(xEven, wEven, sums[0]);
    sums[1] = addLow(xOdd, wOdd, sums[1]);
    sums[2] = addHigh(xEven, wEven, sums[2]);
    sums[3] = addHigh(xOdd, wOdd, sums[3]);
#else
    for (unsigned i = 0; i < 4; ++i)
        sums[i] += static_cast<int8_t>(readFlash8(w + i)) * static_cast<int32_t>(x[i]);
#endif
}

/// A window of any size: `ring` begins at row `slot` of the ring.
inline void addWindow(const DepthwiseShape& shape, const uint8_t* ring, unsigned slot, size_t cell, const uint8_t* w,
                      int32_t* sums)
{
    for (unsigned y = 0; y < shape.kernelHeight; ++y) {
        const uint8_t* x = ring + slot * shape.rowBytes() + cell;
        for (unsigned i = 0; i < shape.kernelWidth; ++i, x += shape.channels, w += 4)
            addCell(x, w, sums);
        slot = slot + 1 == shape.kernelHeight ? 0 : slot + 1;
    }
}

inline void addRowOf3(const uint8_t* x, unsigned channels, const uint8_t* w, int32_t* sums)
{
    addCell(x, w, sums);
    addCell(x + channels, w + 4, sums);
    addCell(x + 2 * channels, w + 8, sums);
}

/// One row of outputs. Cells3: a kernel of 3 by 3.
template <typename Scale, bool Cells3>
inline void depthwiseRow(const DepthwiseShape& shape, const uint8_t* ring, unsigned slot, const uint8_t* weights,
                         const Channels& constants, const Range& range, int8_t* out)
{
    const unsigned channels = shape.channels;
    const unsigned taps = static_cast<unsigned>(shape.kernelHeight) * shape.kernelWidth;
    const uint8_t* const row0 = ring + slot * shape.rowBytes();
    const uint8_t* const row1 = ring + (slot + 1 >= 3 ? slot - 2 : slot + 1) * shape.rowBytes();
    const uint8_t* const row2 = ring + (slot + 2 >= 3 ? slot - 1 : slot + 2) * shape.rowBytes();
    size_t cell = 0;
    for (unsigned x = 0; x < shape.outWidth; ++x, cell += static_cast<size_t>(shape.strideX) * channels) {
        const uint8_t* w = weights;
        for (unsigned channel = 0; channel < channels; channel += 4, w += taps * 4) {
            const unsigned count = channels - channel < 4 ? channels - channel : 4;
            int32_t sums[4];
            for (unsigned i = 0; i < 4; ++i)
                sums[i] = i < count ? readWord(constants.bias + channel + i) : 0;
            if (Cells3) {
                addRowOf3(row0 + cell + channel, channels, w, sums);
                addRowOf3(row1 + cell + channel, channels, w + 12, sums);
                addRowOf3(row2 + cell + channel, channels, w + 24, sums);
            } else {
                addWindow(shape, ring, slot, cell + channel, w, sums);
            }
            for (unsigned i = 0; i < count; ++i)
                *out++ = storedOf<Scale>(sums[i], constants, channel + i, range);
        }
    }
}

/// A row of the image, or of padding, with its padding. `to` has rowBytes().
inline void loadRow(const DepthwiseShape& shape, const int8_t* image, int y, uint8_t* to)
{
    if (y < 0 || y >= static_cast<int>(shape.inHeight)) {
        memset(to, shape.padding, shape.rowBytes());
        return;
    }
    const size_t left = static_cast<size_t>(shape.padLeft) * shape.channels;
    const size_t bytes = static_cast<size_t>(shape.inWidth) * shape.channels;
    const int8_t* const from = image + static_cast<size_t>(y) * bytes;
    memset(to, shape.padding, left);
    size_t i = 0;
#if defined(EMBER_NN_DSP)
    for (; i + 4 <= bytes; i += 4) {
        const uint32_t word = loadWord(from + i) ^ 0x80808080u;
        memcpy(to + left + i, &word, sizeof word);
    }
#endif
    for (; i < bytes; ++i)
        to[left + i] = static_cast<uint8_t>(static_cast<uint8_t>(from[i]) ^ 0x80u);
    memset(to + left + bytes, shape.padding, shape.rowBytes() - left - bytes);
}

/// `ring` has kernelHeight * rowBytes() + 3 bytes: of channels that are no multiple of four, more is read than counts.
template <typename Scale, bool Cells3>
inline void convolveDepthwise(const DepthwiseShape& shape, const int8_t* image, const uint8_t* weights,
                              const Channels& constants, const Range& range, uint8_t* ring, int8_t* out)
{
    int next = -static_cast<int>(shape.padTop); // row of the image that is loaded next
    unsigned slot = 0;                          // where it goes
    for (unsigned y = 0; y < shape.outHeight; ++y) {
        const int end = static_cast<int>(y * shape.strideY + shape.kernelHeight) - static_cast<int>(shape.padTop);
        for (; next < end; ++next) {
            loadRow(shape, image, next, ring + slot * shape.rowBytes());
            slot = slot + 1 == shape.kernelHeight ? 0 : slot + 1;
        }
        // The oldest row lies where the next one goes.
        depthwiseRow<Scale, Cells3>(shape, ring, slot, weights, constants, range, out);
        out += static_cast<size_t>(shape.outWidth) * shape.channels;
    }
}

} // namespace nn
} // namespace runtime
} // namespace ember
