// SPDX-License-Identifier: MIT-0
#pragma once

#include "fixed_linear.hpp"

#include <stddef.h>

namespace ember {
namespace runtime {

// Gaussian naive Bayes on whole-number features, in integers: a class scores its constant less the sum of
// weight * (feature - mean)^2. In a mixture, components do, and a class scores the logarithm of their sum, or as the
// best of them where `logs` is zeros.

struct GaussianShape
{
    uint16_t features, classes; ///< of a mixture: components
    uint8_t fractionBits;       ///< of means: a feature is shifted by them
    uint8_t scoreShift;         ///< from the sums to the scores
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

/// Whitened features have so many bits behind the point, and beyond this they count as this.
constexpr unsigned kWhitenedBits = 13;
constexpr int32_t kMostWhitened = int32_t{1} << 25;

/// Scores of Gaussians with covariances: the constant less the sum of squares of factors * x + offset, row by row.
/// `factors` is [classes, features, features], and `offsets` in units of the whitened features; shape.fractionBits is
/// from sums to these, shape.scoreShift from squares to scores. Returns the class with the largest, the first of
/// equals.
template <typename Feature>
inline uint16_t whitenedScores(const GaussianShape& shape, const Feature* x, const int32_t* factors,
                               const int32_t* offsets, const int32_t* constants, int32_t* scores)
{
    uint16_t winner = 0;
    for (uint16_t c = 0; c < shape.classes; ++c) {
        uint64_t sum = 0;
        for (uint16_t j = 0; j < shape.features; ++j, factors += shape.features, ++offsets) {
            const int64_t white =
                (weightedFeatures(x, factors, shape.features) >> shape.fractionBits) + fromFlash(offsets);
            const int64_t most = kMostWhitened;
            const int64_t cut = white > most ? most : white < -most ? -most : white;
            sum += static_cast<uint64_t>(cut * cut);
        }
        scores[c] = saturated(fromFlash(constants + c) - static_cast<int64_t>(sum >> shape.scoreShift));
        winner = scores[c] > scores[winner] ? c : winner;
    }
    return winner;
}

/// Steps of ln(1 + e^-d) between d = 0 and where it is nothing, in units of scores, which are 1/256.
constexpr unsigned kLogSteps = 100;
constexpr unsigned kLogStepBits = 4;

/// ln(e^a + e^b). `logs` has kLogSteps + 1 elements: 256 ln(1 + e^(-i / 16)), with straight lines between them.
inline int32_t logOfSum(int32_t a, int32_t b, const uint8_t* logs)
{
    const int32_t most = a > b ? a : b;
    const uint32_t apart = static_cast<uint32_t>(most) - static_cast<uint32_t>(a > b ? b : a);
    if (apart >= (uint32_t{kLogSteps} << kLogStepBits))
        return most;
    const unsigned step = static_cast<unsigned>(apart >> kLogStepBits);
    const int32_t here = readFlash8(logs + step);
    const int32_t next = readFlash8(logs + step + 1);
    const int32_t part = static_cast<int32_t>(apart & ((1u << kLogStepBits) - 1));
    const int64_t sum = static_cast<int64_t>(most) + here - (((here - next) * part) >> kLogStepBits);
    return saturated(sum);
}

/// Adds the opposite of a detector's decision behind it; returns 0 for a normal row, else 1.
inline uint16_t decideDetector(int32_t* scores)
{
    scores[1] = scores[0] == INT32_MIN ? INT32_MAX : -scores[0];
    return scores[0] >= 0 ? 0 : 1;
}

/// Scores of the classes of a mixture from those of its components; returns the one with the largest, the first of
/// equals. The components of class c lie from firsts[c] to before firsts[c + 1].
inline uint16_t mixtureScores(uint16_t classes, const uint16_t* firsts, const uint8_t* logs, const int32_t* parts,
                              int32_t* scores)
{
    uint16_t winner = 0;
    for (uint16_t c = 0; c < classes; ++c) {
        const uint16_t end = fromFlash(firsts + c + 1);
        uint16_t k = fromFlash(firsts + c);
        scores[c] = parts[k];
        while (++k < end)
            scores[c] = logOfSum(scores[c], parts[k], logs);
        winner = scores[c] > scores[winner] ? c : winner;
    }
    return winner;
}

} // namespace runtime
} // namespace ember
