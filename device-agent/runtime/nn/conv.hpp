// SPDX-License-Identifier: MIT-0
#pragma once

#include "lanes.hpp"
#include "scale.hpp"

// Convolution of 8-bit channels-last images, two pixels and two output channels at a time. Each pixel's window is
// gathered once, as a column of 16-bit lanes, and multiplied with all channels' weights.
//
// Columns hold u = x + 128 and weights are stored as v = w + 128, so that cores without signed loads of short form need
// none:  sum w (x - zero) = sum v u - 128 sum u - (128 + zero) sum w,  whose last term is in the bias already.
//
// A row of the window begins with a group of four lanes; lanes behind its end hold 0. Within a group lanes lie in the
// order 0 2 1 3, which is how packed instructions take bytes apart. Weights: for each pair of channels, for each group,
// four bytes of either channel.

namespace ember {
namespace runtime {
namespace nn {

struct ConvShape
{
    uint16_t inHeight, inWidth, inChannels;
    uint16_t kernelHeight, kernelWidth;
    uint16_t strideY, strideX;
    uint16_t padTop, padLeft;
    uint16_t outHeight, outWidth, outChannels;
    uint8_t padding; ///< zero point + 128
    bool backward;   ///< last pixel first: a result with more channels may lie where the image does

    /// Of one row of the window.
    constexpr unsigned lanes() const { return static_cast<unsigned>(kernelWidth) * inChannels; }
    constexpr unsigned groups() const { return kernelHeight * ((lanes() + 3) / 4); }
};

/// Where a lane lies in its group.
constexpr uint8_t kLanePlace[4] = {0, 2, 1, 3};

/// Sums of two pixels and two channels: channel 0 pixel 0, channel 0 pixel 1, channel 1 pixel 0, channel 1 pixel 1.
struct FourSums
{
    uint32_t s00, s01, s10, s11;
};

/// Adds the products of `groups` times four lanes; returns the weights behind them. In C, for cores without better.
inline const uint8_t* addProductsPlain(const uint16_t* column, const uint8_t* weights, unsigned groups, FourSums& sums)
{
    for (; groups != 0; --groups, column += 8, weights += 8) {
        for (unsigned i = 0; i < 4; ++i) {
            const uint32_t v0 = readFlash8(weights + i);
            const uint32_t v1 = readFlash8(weights + i + 4);
            sums.s00 += v0 * column[kLanePlace[i]];
            sums.s01 += v0 * column[kLanePlace[i] + 4];
            sums.s10 += v1 * column[kLanePlace[i]];
            sums.s11 += v1 * column[kLanePlace[i] + 4];
        }
    }
    return weights;
}

#if defined(EMBER_NN_DSP)
#define EMBER_NN_GROUP                                                                                                 \
    "ldr %[a], [%[w]], #4\n ldr %[c], [%[w]], #4\n"                                                                    \
    "ldrd %[x], %[y], [%[p]], #8\n"                                                                                    \
    "uxtb16 %[b], %[a], ror #8\n uxtb16 %[a], %[a]\n"                                                                  \
    "uxtb16 %[d], %[c], ror #8\n uxtb16 %[c], %[c]\n"                                                                  \
    "smlad %[s00], %[a], %[x], %[s00]\n smlad %[s10], %[c], %[x], %[s10]\n"                                            \
    "smlad %[s00], %[b], %[y], %[s00]\n smlad %[s10], %[d], %[y], %[s10]\n"                                            \
    "ldrd %[x], %[y], [%[p]], #8\n"                                                                                    \
    "smlad %[s01], %[a], %[x], %[s01]\n smlad %[s11], %[c], %[x], %[s11]\n"                                            \
    "smlad %[s01], %[b], %[y], %[s01]\n smlad %[s11], %[d], %[y], %[s11]\n"

EMBER_NN_INLINE const uint8_t* addProducts(const uint16_t* column, const uint8_t* weights, unsigned groups,
                                           FourSums& sums)
{
    uint32_t a, b, c, d, x, y;
    // Two groups a turn; of an odd number the first turn is entered in the middle.
    __asm__ volatile("lsrs %[n], %[n], #1\n"
                     "bcc 1f\n"
                     "adds %[n], %[n], #1\n"
                     "b 2f\n"
                     "1:\n" EMBER_NN_GROUP "2:\n" EMBER_NN_GROUP "subs %[n], %[n], #1\n"
                     "bne 1b\n"
                     : [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [x] "=&r"(x), [y] "=&r"(y),
                       [p] "+r"(column), [w] "+r"(weights), [n] "+r"(groups), [s00] "+r"(sums.s00),
                       [s01] "+r"(sums.s01), [s10] "+r"(sums.s10), [s11] "+r"(sums.s11)
                     :
                     : "cc", "memory");
    return weights;
}
#undef EMBER_NN_GROUP

#elif defined(__ARM_ARCH_6M__) && !defined(__clang__)
// Sums stay in high registers, where an addition is as short as in low ones.
#define EMBER_NN_LANE(x0, x1, w0, w1)                                                                                  \
    "ldrh %[a], [%[p], #" x0 "]\n ldrh %[b], [%[p], #" x1 "]\n"                                                        \
    "ldrb %[c], [%[w], #" w0 "]\n ldrb %[d], [%[w], #" w1 "]\n"                                                        \
    "movs %[t], %[a]\n muls %[t], %[c]\n add r8, %[t]\n"                                                               \
    "muls %[a], %[d]\n add r10, %[a]\n"                                                                                \
    "muls %[c], %[b]\n add r9, %[c]\n"                                                                                 \
    "muls %[d], %[b]\n add r11, %[d]\n"
#define EMBER_NN_GROUP                                                                                                 \
    EMBER_NN_LANE("0", "8", "0", "4")                                                                                  \
    EMBER_NN_LANE("4", "12", "1", "5")                                                                                 \
    EMBER_NN_LANE("2", "10", "2", "6")                                                                                 \
    EMBER_NN_LANE("6", "14", "3", "7")

inline const uint8_t* addProducts(const uint16_t* column, const uint8_t* weights, unsigned groups, FourSums& sums)
{
    uint32_t a, b, c, d, t;
    __asm__ volatile(
        ".syntax unified\n"
        "mov r12, %[end]\n movs %[t], #0\n"
        "mov r8, %[t]\n mov r9, %[t]\n mov r10, %[t]\n mov r11, %[t]\n"
        "1:\n" EMBER_NN_GROUP "adds %[p], #16\n adds %[w], #8\n cmp %[w], r12\n"
        "bne 1b\n"
        "mov %[a], r8\n mov %[b], r9\n mov %[c], r10\n mov %[d], r11\n"
        : [a] "=&l"(a), [b] "=&l"(b), [c] "=&l"(c), [d] "=l"(d), [t] "=&l"(t), [p] "+l"(column), [w] "+l"(weights)
        : [end] "3"(weights + groups * 8)
        : "r8", "r9", "r10", "r11", "r12", "cc", "memory");
    sums.s00 += a;
    sums.s01 += b;
    sums.s10 += c;
    sums.s11 += d;
    return weights;
}
#undef EMBER_NN_GROUP
#undef EMBER_NN_LANE

#else
inline const uint8_t* addProducts(const uint16_t* column, const uint8_t* weights, unsigned groups, FourSums& sums)
{
    return addProductsPlain(column, weights, groups, sums);
}
#endif

/// Fills the lanes of one of the two pixels of a column: groups of four, each behind the other pixel's.
class ColumnWriter
{
public:
    ColumnWriter(uint16_t* column, unsigned pixel)
        : m_at(column + pixel * 4)
    {}

    uint32_t sum() const { return static_cast<uint32_t>(m_sum); }

    /// A row of the window that lies in the image.
    void copyRow(const int8_t* from, unsigned count)
    {
        for (; count >= 4; count -= 4, from += 4)
            copyGroup(from);
        if (count != 0) {
            put(0, biased(from[0]));
            put(1, count > 1 ? biased(from[1]) : 0u);
            put(2, count > 2 ? biased(from[2]) : 0u);
            put(3, 0);
            m_at += 8;
        }
    }

    /// A row that begins and ends with padding.
    void fillRow(uint8_t padding, unsigned before, const int8_t* from, unsigned count, unsigned behind)
    {
        unsigned lane = 0;
        for (unsigned i = before; i != 0; --i)
            next(lane, padding);
        for (unsigned i = count; i != 0; --i)
            next(lane, biased(*from++));
        for (unsigned i = behind; i != 0; --i)
            next(lane, padding);
        while (lane != 0)
            next(lane, 0);
    }

private:
    static unsigned biased(int8_t x) { return static_cast<uint8_t>(x) ^ 0x80u; }

    void put(unsigned lane, unsigned u)
    {
        m_at[kLanePlace[lane]] = static_cast<uint16_t>(u);
        m_sum += static_cast<int32_t>(u);
    }

    void next(unsigned& lane, unsigned u)
    {
        put(lane, u);
        lane = (lane + 1) & 3;
        if (lane == 0)
            m_at += 8;
    }

    void copyGroup(const int8_t* from)
    {
#if defined(EMBER_NN_DSP)
        const uint32_t word = loadWord(from) ^ 0x80808080u;
        storeWord(m_at, unsignedEven(word));
        storeWord(m_at + 2, unsignedOdd(word));
        m_sum = addBytes(word, 0, m_sum);
#else
        put(0, biased(from[0]));
        put(1, biased(from[1]));
        put(2, biased(from[2]));
        put(3, biased(from[3]));
#endif
        m_at += 8;
    }

    uint16_t* m_at;
    int32_t m_sum = 0;
};

/// The window of one output pixel as lanes; returns their sum.
inline uint32_t gatherWindow(const ConvShape& shape, const int8_t* image, unsigned pixel, uint16_t* column,
                             unsigned which)
{
    ColumnWriter writer(column, which);
    const unsigned channels = shape.inChannels;
    if (shape.kernelHeight == 1 && shape.kernelWidth == 1 && shape.strideX == 1 && shape.strideY == 1) {
        writer.copyRow(image + static_cast<size_t>(pixel) * channels, channels);
        return writer.sum();
    }
    const unsigned outY = pixel / shape.outWidth;
    const int left =
        static_cast<int>((pixel - outY * shape.outWidth) * shape.strideX) - static_cast<int>(shape.padLeft);
    const int top = static_cast<int>(outY * shape.strideY) - static_cast<int>(shape.padTop);
    const int right = left + static_cast<int>(shape.kernelWidth);
    const int width = static_cast<int>(shape.inWidth);
    const int from = left < 0 ? 0 : left;
    const int to = right > width ? width : right;
    const unsigned lanes = shape.lanes();
    const unsigned before = static_cast<unsigned>(from - left) * channels;
    const unsigned behind = static_cast<unsigned>(right - to) * channels;
    const unsigned rowBytes = shape.inWidth * channels;
    const int8_t* row = image + static_cast<ptrdiff_t>(top) * static_cast<ptrdiff_t>(rowBytes) +
                        static_cast<unsigned>(from) * static_cast<size_t>(channels);
    for (int y = top; y < top + static_cast<int>(shape.kernelHeight); ++y, row += rowBytes) {
        if (y < 0 || y >= static_cast<int>(shape.inHeight))
            writer.fillRow(shape.padding, lanes, image, 0, 0);
        else if (before + behind == 0)
            writer.copyRow(row, lanes);
        else
            writer.fillRow(shape.padding, before, row, lanes - before - behind, behind);
    }
    return writer.sum();
}

inline FourSums beginSums(const Channel* channel, uint32_t offset0, uint32_t offset1)
{
    const uint32_t bias0 = static_cast<uint32_t>(readWord(&channel[0].bias));
    const uint32_t bias1 = static_cast<uint32_t>(readWord(&channel[1].bias));
    return {bias0 - offset0, bias0 - offset1, bias1 - offset0, bias1 - offset1};
}

/// The outputs of one channel of two pixels, of which the second lies `next` behind the first. A pixel alone is both:
/// what belongs to the second is written first.
template <typename Scale>
inline void storeTwo(uint32_t sum0, uint32_t sum1, const Channel* channel, const Range& range, int8_t* out, size_t next)
{
    const int32_t multiplier = readWord(&channel->multiplier);
    const int right = static_cast<int>(readWord(&channel->right));
    out[next] = Scale::stored(static_cast<int32_t>(sum1), multiplier, right, range);
    out[0] = Scale::stored(static_cast<int32_t>(sum0), multiplier, right, range);
}

/// Outputs of a convolution that lie one pixel behind the other. May be the convolution's image for kernels of one cell
/// with steps of one: forward when the result has no more channels, backward when it has no fewer.
struct ToImage
{
    int8_t* out;
    unsigned channels;

    /// Where the outputs of `pixel` and the one behind it go.
    int8_t* place(unsigned pixel) const { return out + static_cast<size_t>(pixel) * channels; }
    /// They are there: one pixel or two.
    void take(unsigned, unsigned) const {}
};

/// `column` has 8 * groups() lanes, at an address that divides by 8; `channels` has an even number.
template <typename Scale, typename Target>
inline void convolve(const ConvShape& shape, const int8_t* image, const uint8_t* weights, const Channel* channels,
                     Range range, uint16_t* column, const Target& target)
{
    const unsigned groups = shape.groups();
    const unsigned pixels = static_cast<unsigned>(shape.outHeight) * shape.outWidth;
    const unsigned outputs = shape.outChannels;
    for (unsigned done = 0; done < pixels; done += 2) {
        const unsigned pixel = shape.backward ? ((pixels - 1) & ~1u) - done : done;
        const bool two = pixel + 1 < pixels;
        const uint32_t offset0 = gatherWindow(shape, image, pixel, column, 0) * 128u;
        const uint32_t offset1 = two ? gatherWindow(shape, image, pixel + 1, column, 1) * 128u : 0u;
        int8_t* at = target.place(pixel);
        const size_t next = two ? outputs : 0;
        const uint8_t* w = weights;
        const Channel* channel = channels;
        for (unsigned pairs = outputs / 2; pairs != 0; --pairs, at += 2, channel += 2) {
            FourSums sums = beginSums(channel, offset0, offset1);
            w = addProducts(column, w, groups, sums);
            storeTwo<Scale>(sums.s00, sums.s01, channel, range, at, next);
            storeTwo<Scale>(sums.s10, sums.s11, channel + 1, range, at + 1, next);
        }
        // Of an odd number of channels the last one has a neighbour in the tables, of which nothing is written.
        if (outputs % 2 != 0) {
            FourSums sums = beginSums(channel, offset0, offset1);
            addProducts(column, w, groups, sums);
            storeTwo<Scale>(sums.s00, sums.s01, channel, range, at, next);
        }
        target.take(pixel, two ? 2 : 1);
    }
}

} // namespace nn
} // namespace runtime
} // namespace ember
