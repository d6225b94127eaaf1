// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/neural/products.h"

#include <cstring>

#if defined(__x86_64__) && defined(__GNUC__)
#define EMBER_WIDE_LANES 1
#endif

namespace ember::neural {
namespace {

// Every result is one sum in one order, however many of them are computed side by side: wider registers change the
// time and no bit. For that reason no fused multiply-add either.
using Four = float __attribute__((vector_size(16)));
using Eight = float __attribute__((vector_size(32)));

constexpr std::size_t kLanes = 8; // partial sums of a product of rows
constexpr std::size_t kRows = 4;  // results below each other that share what is read

template <typename Lanes>
constexpr std::size_t kWidth = sizeof(Lanes) / sizeof(float);

struct Product
{
    const float* a;
    const float* b;
    float* to;
    std::size_t rows, depth, width;
};

// A block of the result stays in registers while all of the depth is added to it.
template <typename Lanes, std::size_t Rows, std::size_t Vectors>
[[gnu::always_inline]] inline void addTile(const Product& p, std::size_t row, std::size_t column)
{
    Lanes sums[Rows][Vectors];
    float* to = p.to + row * p.width + column;
    for (std::size_t r = 0; r < Rows; ++r) {
        for (std::size_t v = 0; v < Vectors; ++v)
            std::memcpy(&sums[r][v], to + r * p.width + v * kWidth<Lanes>, sizeof(Lanes));
    }
    const float* a = p.a + row * p.depth;
    const float* b = p.b + column;
    for (std::size_t k = 0; k < p.depth; ++k, b += p.width) {
        Lanes values[Vectors];
        for (std::size_t v = 0; v < Vectors; ++v) // one at a time stays in registers
            std::memcpy(&values[v], b + v * kWidth<Lanes>, sizeof(Lanes));
        for (std::size_t r = 0; r < Rows; ++r) {
            const float factor = a[r * p.depth + k];
            for (std::size_t v = 0; v < Vectors; ++v)
                sums[r][v] += factor * values[v];
        }
    }
    for (std::size_t r = 0; r < Rows; ++r) {
        for (std::size_t v = 0; v < Vectors; ++v)
            std::memcpy(to + r * p.width + v * kWidth<Lanes>, &sums[r][v], sizeof(Lanes));
    }
}

// All rows of the next columns, as often as that many are left; returns the first column behind them.
template <typename Lanes, std::size_t Vectors>
[[gnu::always_inline]] inline std::size_t addStripes(const Product& p, std::size_t column)
{
    for (; column + Vectors * kWidth<Lanes> <= p.width; column += Vectors * kWidth<Lanes>) {
        std::size_t row = 0;
        for (; row + kRows <= p.rows; row += kRows)
            addTile<Lanes, kRows, Vectors>(p, row, column);
        for (; row < p.rows; ++row)
            addTile<Lanes, 1, Vectors>(p, row, column);
    }
    return column;
}

// sum of a[i] b[i] over kLanes partial sums, for some rows of a with some of b.
template <typename Lanes, std::size_t Rows, std::size_t Others>
[[gnu::always_inline]] inline void addDots(const Product& p, std::size_t row, std::size_t other)
{
    constexpr std::size_t kParts = kLanes / kWidth<Lanes>;
    Lanes sums[Rows][Others][kParts] = {};
    const float* a = p.a + row * p.width;
    const float* b = p.b + other * p.width;
    std::size_t i = 0;
    for (; i + kLanes <= p.width; i += kLanes) {
        for (std::size_t part = 0; part < kParts; ++part) {
            const std::size_t at = i + part * kWidth<Lanes>;
            for (std::size_t r = 0; r < Rows; ++r) {
                Lanes mine;
                std::memcpy(&mine, a + r * p.width + at, sizeof mine);
                for (std::size_t o = 0; o < Others; ++o) {
                    Lanes its;
                    std::memcpy(&its, b + o * p.width + at, sizeof its);
                    sums[r][o][part] += mine * its;
                }
            }
        }
    }
    for (std::size_t r = 0; r < Rows; ++r) {
        for (std::size_t o = 0; o < Others; ++o) {
            float l[kLanes];
            std::memcpy(l, sums[r][o], sizeof l);
            float sum = ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]));
            for (std::size_t rest = i; rest < p.width; ++rest)
                sum += a[r * p.width + rest] * b[o * p.width + rest];
            p.to[(row + r) * p.depth + other + o] += sum;
        }
    }
}

template <typename Lanes, std::size_t Rows, std::size_t Others>
[[gnu::always_inline]] inline void addDotsOfRows(const Product& p, std::size_t row)
{
    std::size_t other = 0;
    for (; other + Others <= p.depth; other += Others)
        addDots<Lanes, Rows, Others>(p, row, other);
    for (; other < p.depth; ++other)
        addDots<Lanes, Rows, 1>(p, row, other);
}

template <typename Lanes, std::size_t Others>
[[gnu::always_inline]] inline void addAllDots(const Product& p)
{
    std::size_t row = 0;
    for (; row + 2 <= p.rows; row += 2)
        addDotsOfRows<Lanes, 2, Others>(p, row);
    for (; row < p.rows; ++row)
        addDotsOfRows<Lanes, 1, Others>(p, row);
}

void addInFours(const Product& p)
{
    addStripes<float, 1>(p, addStripes<Four, 1>(p, addStripes<Four, 2>(p, 0)));
}

void addDotsInFours(const Product& p)
{
    addAllDots<Four, 2>(p);
}

#ifdef EMBER_WIDE_LANES
[[gnu::target("avx2")]] void addInEights(const Product& p)
{
    addStripes<float, 1>(p, addStripes<Four, 1>(p, addStripes<Eight, 1>(p, addStripes<Eight, 2>(p, 0))));
}

[[gnu::target("avx2")]] void addDotsInEights(const Product& p)
{
    addAllDots<Eight, 4>(p);
}
#endif

} // namespace

Lanes bestLanes()
{
#ifdef EMBER_WIDE_LANES
    static const bool wide = __builtin_cpu_supports("avx2") != 0;
    return wide ? Lanes::Eight : Lanes::Four;
#else
    return Lanes::Four;
#endif
}

void addProduct(std::span<const float> a, std::span<const float> b, std::span<float> to, std::size_t depth,
                std::size_t width, [[maybe_unused]] Lanes lanes)
{
    const Product product{a.data(), b.data(), to.data(), to.size() / width, depth, width};
#ifdef EMBER_WIDE_LANES
    if (lanes == Lanes::Eight)
        return addInEights(product);
#endif
    addInFours(product);
}

void addProductOfRows(std::span<const float> a, std::span<const float> b, std::span<float> to, std::size_t depth,
                      std::size_t width, [[maybe_unused]] Lanes lanes)
{
    const Product product{a.data(), b.data(), to.data(), to.size() / depth, depth, width};
#ifdef EMBER_WIDE_LANES
    if (lanes == Lanes::Eight)
        return addDotsInEights(product);
#endif
    addDotsInFours(product);
}

float sumOf(std::span<const float> values)
{
    float lanes[kLanes] = {};
    std::size_t i = 0;
    for (; i + kLanes <= values.size(); i += kLanes) {
        for (std::size_t lane = 0; lane < kLanes; ++lane)
            lanes[lane] += values[i + lane];
    }
    float sum = 0;
    for (const float lane : lanes)
        sum += lane;
    for (; i < values.size(); ++i)
        sum += values[i];
    return sum;
}

void transpose(std::span<const float> from, std::span<float> to, std::size_t columns)
{
    const std::size_t rows = from.size() / columns;
    for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t c = 0; c < columns; ++c)
            to[c * rows + r] = from[r * columns + c];
    }
}

} // namespace ember::neural
