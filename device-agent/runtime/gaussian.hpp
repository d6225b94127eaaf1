// SPDX-License-Identifier: MIT-0
#pragma once

#include "flash_data.hpp"

#include <stddef.h>

namespace ember {
namespace runtime {

// Gaussian naive Bayes on whole-number features, in integers: a class scores its constant less the sum of
// weight * (feature - mean)^2.

struct GaussianShape
{
    uint16_t features, classes;
    uint8_t fractionBits; ///< of means: a feature is shifted by them
    uint8_t scoreShift;   ///< from the sums to the scores
};

/// Largest magnitude of a shifted feature; what is beyond counts as this. Then a difference from a mean, which is
/// within it too, has a square of 28 bits.
constexpr int32_t kMostFixed = 8191;

template <typename Feature>
inline void fixedFeatures(const GaussianShape& shape, const Feature* from, int32_t* to)
{
    const int32_t most = kMostFixed >> shape.fractionBits;
    for (unsigned i = 0; i < shape.features; ++i) {
        int32_t x = from[i];
        x = x > most ? most : x < -most ? -most : x;
        to[i] = x * (int32_t{1} << shape.fractionBits);
    }
}

/// The table has a word for each feature: the mean in the upper half, below it a weight of 11 bits and, in the lowest
/// 5, how far it is shifted. Squares are taken modulo 2^32, in which they fit: unsigned products are one instruction.
#if defined(__clang__)
__attribute__((no_sanitize("unsigned-integer-overflow")))
#endif
inline uint64_t
weightedSquares(const int32_t* x, const uint32_t* table, unsigned count)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < count; ++i) {
        const uint32_t word = fromFlash(table + i);
        const auto difference = static_cast<uint32_t>(x[i] - (static_cast<int32_t>(word) >> 16));
        const uint32_t weight = ((word >> 5) & 0x7FFu) << (word & 31u);
        sum += static_cast<uint64_t>(difference * difference) * weight;
    }
    return sum;
}

inline int32_t saturated(int64_t value)
{
    return value > INT32_MAX ? INT32_MAX : value < INT32_MIN ? INT32_MIN : static_cast<int32_t>(value);
}

/// Scores of all classes; returns the class with the largest, the first of equals. `table` is [classes, features].
inline uint16_t gaussianScores(const GaussianShape& shape, const int32_t* x, const uint32_t* table,
                               const int32_t* constants, int32_t* scores)
{
    uint16_t winner = 0;
    int64_t most = 0;
    for (uint16_t c = 0; c < shape.classes; ++c) {
        const uint64_t sum = weightedSquares(x, table + static_cast<size_t>(c) * shape.features, shape.features);
        const int64_t score = fromFlash(constants + c) * (int64_t{1} << shape.scoreShift) - static_cast<int64_t>(sum);
        if (c == 0 || score > most) {
            most = score;
            winner = c;
        }
        scores[c] = saturated(score >> shape.scoreShift);
    }
    return winner;
}

} // namespace runtime
} // namespace ember
