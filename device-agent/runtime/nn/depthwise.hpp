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

struct ChannelSums
{
    int32_t s0, s1, s2, s3;
};

/// Adds the products of four channels of a row of `cells` cells.
inline void addCells(const uint8_t* x, unsigned channels, unsigned cells, const uint8_t* w, ChannelSums& sums)
{
#if defined(EMBER_NN_DSP)
    uint32_t even, odd, wEven, wOdd;
    __asm__ volatile("1: ldr %[o], [%[x]]\n ldr %[v], [%[w]], #4\n"
                     "add %[x], %[step]\n"
                     "uxtb16 %[e], %[o]\n sxtb16 %[u], %[v]\n"
                     "uxtb16 %[o], %[o], ror #8\n sxtb16 %[v], %[v], ror #8\n"
                     "smlabb %[s0], %[e], %[u], %[s0]\n smlatt %[s2], %[e], %[u], %[s2]\n"
                     "smlabb %[s1], %[o], %[v], %[s1]\n smlatt %[s3], %[o], %[v], %[s3]\n"
                     "subs %[n], %[n], #1\n"
                     "bne 1b\n"
                     : [e] "=&r"(even), [o] "=&r"(odd), [u] "=&r"(wEven), [v] "=&r"(wOdd), [x] "+r"(x), [w] "+r"(w),
                       [n] "+r"(cells), [s0] "+r"(sums.s0), [s1] "+r"(sums.s1), [s2] "+r"(sums.s2), [s3] "+r"(sums.s3)
                     : [step] "r"(channels)
                     : "cc", "memory");
#else
    for (; cells != 0; --cells, x += channels, w += 4) {
        sums.s0 += static_cast<int8_t>(readFlash8(w)) * static_cast<int32_t>(x[0]);
        sums.s1 += static_cast<int8_t>(readFlash8(w + 1)) * static_cast<int32_t>(x[1]);
        sums.s2 += static_cast<int8_t>(readFlash8(w + 2)) * static_cast<int32_t>(x[2]);
        sums.s3 += static_cast<int8_t>(readFlash8(w + 3)) * static_cast<int32_t>(x[3]);
    }
#endif
}

#if defined(EMBER_NN_DSP)
#define EMBER_NN_CELL(address)                                                                                         \
    "ldr %[o], " address "\n ldr %[v], [%[w]], #4\n"                                                                   \
    "uxtb16 %[e], %[o]\n sxtb16 %[u], %[v]\n"                                                                          \
    "uxtb16 %[o], %[o], ror #8\n sxtb16 %[v], %[v], ror #8\n"                                                          \
    "smlabb %[s0], %[e], %[u], %[s0]\n smlatt %[s2], %[e], %[u], %[s2]\n"                                              \
    "smlabb %[s1], %[o], %[v], %[s1]\n smlatt %[s3], %[o], %[v], %[s3]\n"

/// The same for three cells, without a loop; returns the weights behind them.
EMBER_NN_INLINE const uint8_t* addThreeCells(const uint8_t* x, unsigned channels, const uint8_t* w, ChannelSums& sums)
{
    uint32_t even, odd, wEven, wOdd;
    __asm__ volatile(EMBER_NN_CELL("[%[x]]") EMBER_NN_CELL("[%[x], %[step]]") EMBER_NN_CELL("[%[x], %[step], lsl #1]")
                     : [e] "=&r"(even), [o] "=&r"(odd), [u] "=&r"(wEven), [v] "=&r"(wOdd), [w] "+r"(w),
                       [s0] "+r"(sums.s0), [s1] "+r"(sums.s1), [s2] "+r"(sums.s2), [s3] "+r"(sums.s3)
                     : [x] "r"(x), [step] "r"(channels)
                     : "memory");
    return w;
}
#undef EMBER_NN_CELL

#else
inline const uint8_t* addThreeCells(const uint8_t* x, unsigned channels, const uint8_t* w, ChannelSums& sums)
{
    addCells(x, channels, 3, w, sums);
    return w + 12;
}
#endif

#if defined(__ARM_ARCH_6M__) && !defined(__clang__)
// Sums stay in high registers, where an addition is as short as in low ones.
#define EMBER_NN_LANE(row, lane, weight, sum)                                                                          \
    "ldrb %[a], [%[" row "], #" lane "]\n ldrb %[b], [%[w], #" weight "]\n sxtb %[b], %[b]\n"                          \
    "muls %[a], %[b]\n add " sum ", %[a]\n"
#define EMBER_NN_CELL(row, w0, w1, w2, w3)                                                                             \
    EMBER_NN_LANE(row, "0", w0, "r8")                                                                                  \
    EMBER_NN_LANE(row, "1", w1, "r9") EMBER_NN_LANE(row, "2", w2, "r10") EMBER_NN_LANE(row, "3", w3, "r11")
#define EMBER_NN_ROW(row)                                                                                              \
    EMBER_NN_CELL(row, "0", "1", "2", "3")                                                                             \
    "add %[" row "], r12\n" EMBER_NN_CELL(row, "4", "5", "6", "7") "add %[" row "], r12\n" EMBER_NN_CELL(              \
        row, "8", "9", "10", "11") "adds %[w], #12\n"

/// Adds the products of four channels of three cells of each row; returns the weights behind them.
inline __attribute__((always_inline)) const uint8_t*
addNineCells(const uint8_t* const* rows, size_t cell, unsigned channels, const uint8_t* w, ChannelSums& sums)
{
    uint32_t a = channels, b;
    const uint8_t* top = rows[0] + cell;
    const uint8_t* middle = rows[1] + cell;
    const uint8_t* bottom = rows[2] + cell;
    __asm__ volatile(
        ".syntax unified\n mov r12, %[a]\n movs %[a], #0\n"
        "mov r8, %[a]\n mov r9, %[a]\n mov r10, %[a]\n mov r11, %[a]\n" EMBER_NN_ROW("top") EMBER_NN_ROW("middle")
            EMBER_NN_ROW("bottom") "mov %[a], r8\n mov %[b], r9\n"
                                   "mov %[top], r10\n mov %[middle], r11\n"
        : [a] "+l"(a), [b] "=&l"(b), [top] "+l"(top), [middle] "+l"(middle), [bottom] "+l"(bottom), [w] "+l"(w)
        :
        : "r8", "r9", "r10", "r11", "r12", "cc", "memory");
    sums.s0 += static_cast<int32_t>(a);
    sums.s1 += static_cast<int32_t>(b);
    sums.s2 += static_cast<int32_t>(reinterpret_cast<uintptr_t>(top));
    sums.s3 += static_cast<int32_t>(reinterpret_cast<uintptr_t>(middle));
    return w;
}
#undef EMBER_NN_ROW
#undef EMBER_NN_CELL
#undef EMBER_NN_LANE
#else
EMBER_NN_INLINE const uint8_t* addNineCells(const uint8_t* const* rows, size_t cell, unsigned channels,
                                            const uint8_t* w, ChannelSums& sums)
{
    w = addThreeCells(rows[0] + cell, channels, w, sums);
    w = addThreeCells(rows[1] + cell, channels, w, sums);
    return addThreeCells(rows[2] + cell, channels, w, sums);
}
#endif

/// The sums of four channels at one place of the kernel. Slot: the row of the ring that is the window's first.
inline void addWindow(const DepthwiseShape& shape, const uint8_t* ring, unsigned slot, const uint8_t* w,
                      ChannelSums& sums)
{
    const size_t rowBytes = shape.rowBytes();
    const uint8_t* x = ring + slot * rowBytes;
    for (unsigned y = 0; y < shape.kernelHeight; ++y, w += 4u * shape.kernelWidth) {
        addCells(x, shape.channels, shape.kernelWidth, w, sums);
        x += rowBytes;
        if (++slot == shape.kernelHeight) {
            x -= shape.kernelHeight * rowBytes;
            slot = 0;
        }
    }
}

inline ChannelSums biases(const Channel* channel)
{
    return {readWord(&channel[0].bias), readWord(&channel[1].bias), readWord(&channel[2].bias),
            readWord(&channel[3].bias)};
}

/// The outputs of up to four channels.
template <typename Scale>
inline void storeFour(const ChannelSums& sums, const Channel* channel, const Range& range, unsigned count, int8_t* out)
{
    out[0] = storedOf<Scale>(sums.s0, channel, range);
    if (count < 4) {
        if (count > 1)
            out[1] = storedOf<Scale>(sums.s1, channel + 1, range);
        if (count > 2)
            out[2] = storedOf<Scale>(sums.s2, channel + 2, range);
        return;
    }
    out[1] = storedOf<Scale>(sums.s1, channel + 1, range);
    out[2] = storedOf<Scale>(sums.s2, channel + 2, range);
    out[3] = storedOf<Scale>(sums.s3, channel + 3, range);
}

/// One row of outputs.
template <typename Scale>
inline void depthwiseRow(const DepthwiseShape& shape, const uint8_t* ring, unsigned slot, const uint8_t* weights,
                         const Channel* constants, const Range& range, int8_t* out)
{
    const unsigned taps = static_cast<unsigned>(shape.kernelHeight) * shape.kernelWidth;
    for (unsigned x = 0; x < shape.outWidth; ++x) {
        const uint8_t* w = weights;
        const Channel* channel = constants;
        const uint8_t* cell = ring + static_cast<size_t>(x) * shape.strideX * shape.channels;
        for (unsigned left = shape.channels; left != 0; w += taps * 4, cell += 4, channel += 4) {
            ChannelSums sums = biases(channel);
            addWindow(shape, cell, slot, w, sums);
            const unsigned count = left < 4 ? left : 4;
            storeFour<Scale>(sums, channel, range, count, out);
            out += count;
            left -= count;
        }
    }
}

/// The same for kernels of 3 by 3.
template <typename Scale>
inline void depthwiseRow3(const DepthwiseShape& shape, const uint8_t* ring, unsigned slot, const uint8_t* weights,
                          const Channel* constants, const Range& range, int8_t* out)
{
    const unsigned channels = shape.channels;
    const uint8_t* rows[3];
    for (const uint8_t*& row : rows) {
        row = ring + slot * shape.rowBytes();
        slot = slot == 2 ? 0 : slot + 1;
    }
    const size_t step = static_cast<size_t>(shape.strideX) * channels;
    const size_t end = shape.outWidth * step;
    for (size_t pixel = 0; pixel != end; pixel += step) {
        const uint8_t* w = weights;
        const Channel* channel = constants;
        size_t cell = pixel;
        for (unsigned left = channels; left != 0; channel += 4, cell += 4) {
            ChannelSums sums = biases(channel);
            w = addNineCells(rows, cell, channels, w, sums);
            const unsigned count = left < 4 ? left : 4;
            storeFour<Scale>(sums, channel, range, count, out);
            out += count;
            left -= count;
        }
    }
}

/// A row of the image, or of padding, with its padding. `to` has rowBytes().
inline void loadRow(const DepthwiseShape& shape, const int8_t* image, int y, uint8_t* to)
{
    if (y < 0 || y >= static_cast<int>(shape.inHeight)) {
        __builtin_memset(to, shape.padding, shape.rowBytes());
        return;
    }
    const size_t left = static_cast<size_t>(shape.padLeft) * shape.channels;
    const size_t bytes = static_cast<size_t>(shape.inWidth) * shape.channels;
    const int8_t* const from = image + static_cast<size_t>(y) * bytes;
    __builtin_memset(to, shape.padding, left);
    size_t i = 0;
#if defined(EMBER_NN_DSP)
    for (; i + 4 <= bytes; i += 4) {
        const uint32_t word = loadWord(from + i) ^ 0x80808080u;
        __builtin_memcpy(to + left + i, &word, sizeof word);
    }
#endif
    for (; i < bytes; ++i)
        to[left + i] = static_cast<uint8_t>(static_cast<uint8_t>(from[i]) ^ 0x80u);
    __builtin_memset(to + left + bytes, shape.padding, shape.rowBytes() - left - bytes);
}

/// `ring` has kernelHeight * rowBytes() + 3 bytes: of channels that are no multiple of four, more is read than counts.
/// `constants` has a multiple of four. Cells3: a kernel of 3 by 3.
template <typename Scale, bool Cells3>
inline void convolveDepthwise(const DepthwiseShape& shape, const int8_t* image, const uint8_t* weights,
                              const Channel* constants, Range range, uint8_t* ring, int8_t* out)
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
        if (Cells3)
            depthwiseRow3<Scale>(shape, ring, slot, weights, constants, range, out);
        else
            depthwiseRow<Scale>(shape, ring, slot, weights, constants, range, out);
        out += static_cast<size_t>(shape.outWidth) * shape.channels;
    }
}

} // namespace nn
} // namespace runtime
} // namespace ember
