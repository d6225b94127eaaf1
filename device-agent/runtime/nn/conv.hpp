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
// Weights: for each pair of channels, for each four lanes, four bytes of either channel, in the order 0 2 1 3, which
// is how packed instructions take them apart. Lanes beyond the window hold 0.

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

    constexpr unsigned groups() const
    {
        return (static_cast<unsigned>(kernelHeight) * kernelWidth * inChannels + 3) / 4;
    }
};

/// Sums of two pixels and two channels: channel 0 pixel 0, channel 0 pixel 1, channel 1 pixel 0, channel 1 pixel 1.
struct FourSums
{
    uint32_t s00, s01, s10, s11;
};

/// Adds the products of `groups` times four lanes; returns the weights behind them. In C, for cores without better.
inline const uint8_t* addProductsPlain(const uint16_t* column, const uint8_t* weights, unsigned groups, FourSums& sums)
{
    static constexpr uint8_t kPlace[4] = {0, 2, 1, 3};
    for (; groups != 0; --groups, column += 8, weights += 8) {
        for (unsigned i = 0; i < 4; ++i) {
            const uint32_t v0 = readFlash8(weights + kPlace[i]);
            const uint32_t v1 = readFlash8(weights + kPlace[i] + 4);
            sums.s00 += v0 * column[i];
            sums.s01 += v0 * column[i + 4];
            sums.s10 += v1 * column[i];
            sums.s11 += v1 * column[i + 4];
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

EMBER_NN_INLINE const uint8_t* addProducts(const uint16_t* column, const uint8_t* weights, unsigned groups, FourSums& sums)
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
    EMBER_NN_LANE("2", "10", "2", "6")                                                                                 \
    EMBER_NN_LANE("4", "12", "1", "5")                                                                                 \
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

    void put(uint8_t u)
    {
        *m_at = u;
        m_sum += u;
        step();
    }

    void fill(uint8_t u, unsigned count)
    {
        for (; count != 0; --count)
            put(u);
    }

    void copy(const int8_t* from, unsigned count)
    {
        for (; count != 0 && m_lane != 0; --count)
            put(biased(*from++));
        for (; count >= 4; count -= 4, from += 4)
            copyGroup(from);
        for (; count != 0; --count)
            put(biased(*from++));
    }

    /// Lanes that are in no window.
    void finish()
    {
        while (m_lane != 0)
            put(0);
    }

private:
    static uint8_t biased(int8_t x) { return static_cast<uint8_t>(static_cast<uint8_t>(x) ^ 0x80u); }

    void step()
    {
        ++m_at;
        m_lane = static_cast<uint8_t>((m_lane + 1) & 3);
        if (m_lane == 0)
            m_at += 4;
    }

    void copyGroup(const int8_t* from)
    {
#if defined(EMBER_NN_DSP)
        const uint32_t word = loadWord(from) ^ 0x80808080u;
        const uint32_t even = unsignedEven(word);
        const uint32_t odd = unsignedOdd(word);
        const uint32_t lanes[2] = {lowHalves(even, odd), highHalves(even, odd)};
        memcpy(m_at, lanes, sizeof lanes);
        m_sum = addBytes(word, 0, m_sum);
#else
        for (unsigned i = 0; i < 4; ++i) {
            const uint8_t u = biased(from[i]);
            m_at[i] = u;
            m_sum += u;
        }
#endif
        m_at += 8;
    }

    uint16_t* m_at;
    int32_t m_sum = 0;
    uint8_t m_lane = 0;
};

/// The window of one output pixel as lanes; returns their sum.
inline uint32_t gatherWindow(const ConvShape& shape, const int8_t* image, unsigned pixel, uint16_t* column,
                             unsigned which)
{
    ColumnWriter writer(column, which);
    const unsigned channels = shape.inChannels;
    if (shape.kernelHeight == 1 && shape.kernelWidth == 1 && shape.strideX == 1 && shape.strideY == 1) {
        writer.copy(image + static_cast<size_t>(pixel) * channels, channels);
        writer.finish();
        return writer.sum();
    }
    const unsigned outY = pixel / shape.outWidth;
    const int left =
        static_cast<int>((pixel - outY * shape.outWidth) * shape.strideX) - static_cast<int>(shape.padLeft);
    const int top = static_cast<int>(outY * shape.strideY) - static_cast<int>(shape.padTop);
    const int right = left + static_cast<int>(shape.kernelWidth);
    const int bottom = top + static_cast<int>(shape.kernelHeight);
    const int width = static_cast<int>(shape.inWidth);
    const int from = left < 0 ? 0 : left;
    const int to = right > width ? width : right;
    for (int y = top; y < bottom; ++y) {
        if (y < 0 || y >= static_cast<int>(shape.inHeight) || from >= to) {
            writer.fill(shape.padding, shape.kernelWidth * channels);
            continue;
        }
        writer.fill(shape.padding, static_cast<unsigned>(from - left) * channels);
        writer.copy(image + (static_cast<size_t>(y) * shape.inWidth + static_cast<unsigned>(from)) * channels,
                    static_cast<unsigned>(to - from) * channels);
        writer.fill(shape.padding, static_cast<unsigned>(right - to) * channels);
    }
    writer.finish();
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
