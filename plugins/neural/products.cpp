// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/neural/products.h"

#include <algorithm>

namespace ember::neural {
namespace {

constexpr std::size_t kTile = 1'024; // floats of a row that stay in the fastest cache together with four others
constexpr std::size_t kLanes = 8;    // partial sums, which a compiler may keep in registers without reordering a sum

void addFourRows(const float* a, const float* b, std::size_t stride, float* to, std::size_t count)
{
    const float a0 = a[0], a1 = a[1], a2 = a[2], a3 = a[3];
    const float *b0 = b, *b1 = b + stride, *b2 = b + 2 * stride, *b3 = b + 3 * stride;
    for (std::size_t i = 0; i < count; ++i)
        to[i] += (a0 * b0[i] + a1 * b1[i]) + (a2 * b2[i] + a3 * b3[i]);
}

float dot(const float* a, const float* b, std::size_t count)
{
    float lanes[kLanes] = {};
    std::size_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        for (std::size_t lane = 0; lane < kLanes; ++lane)
            lanes[lane] += a[i + lane] * b[i + lane];
    }
    float sum = 0;
    for (const float lane : lanes)
        sum += lane;
    for (; i < count; ++i)
        sum += a[i] * b[i];
    return sum;
}

} // namespace

void addProduct(std::span<const float> a, std::span<const float> b, std::span<float> to, std::size_t depth,
                std::size_t width)
{
    const std::size_t rows = to.size() / width;
    for (std::size_t begin = 0; begin < width; begin += kTile) {
        const std::size_t count = std::min(kTile, width - begin);
        for (std::size_t r = 0; r < rows; ++r) {
            float* result = to.data() + r * width + begin;
            std::size_t k = 0;
            for (; k + 4 <= depth; k += 4)
                addFourRows(a.data() + r * depth + k, b.data() + k * width + begin, width, result, count);
            for (; k < depth; ++k) {
                const float factor = a[r * depth + k];
                const float* row = b.data() + k * width + begin;
                for (std::size_t i = 0; i < count; ++i)
                    result[i] += factor * row[i];
            }
        }
    }
}

void addProductOfRows(std::span<const float> a, std::span<const float> b, std::span<float> to, std::size_t depth,
                      std::size_t width)
{
    const std::size_t rows = to.size() / depth;
    for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t k = 0; k < depth; ++k)
            to[r * depth + k] += dot(a.data() + r * width, b.data() + k * width, width);
    }
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
