// SPDX-License-Identifier: MIT-0
#pragma once

#include "gaussian.hpp"
#include "learn.hpp"

namespace ember {
namespace runtime {

// Naive Bayes, nearest centroids and mixtures that move their means to the rows they are taught. The mean of a
// component is (prior * trained mean + sum of its rows) / (prior + rows): the maximum a posteriori estimate with a
// relevance factor (Gauvain and Lee, 1994; Reynolds, Quatieri and Dunn, 2000), row by row. Variances and priors of
// classes stay.
//
// What is kept is the drift of each mean, in units of 2^-driftBits of the kernel's, and it never exceeds that mean's
// limit: the bound on what can be forgotten.

struct MeanLearning
{
    uint8_t driftBits;
    uint16_t prior;  ///< rows that the trained mean counts for
    uint16_t memory; ///< no row counts less than one in so many, so that learning never comes to rest
};

/// As weightedSquares(), around means that have drifted. A difference has 14 bits and a sign: limits keep means within
/// kMostFixed.
#if defined(__clang__)
__attribute__((no_sanitize("unsigned-integer-overflow")))
#endif
inline uint64_t
driftedSquares(const int32_t* x, const uint32_t* table, const int16_t* drift, uint8_t driftBits, unsigned count)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < count; ++i) {
        const uint32_t word = fromFlash(table + i);
        const int32_t mean = (static_cast<int32_t>(word) >> 16) + (int32_t{drift[i]} >> driftBits);
        const auto difference = static_cast<uint32_t>(x[i] - mean);
        const uint32_t weight = ((word >> 5) & 0x7FFu) << (word & 31u);
        sum += static_cast<uint64_t>(difference * difference) * weight;
    }
    return sum;
}

/// As gaussianScores(), around means that have drifted; `drift` is [classes, features].
inline uint16_t driftedScores(const GaussianShape& shape, const int32_t* x, const uint32_t* table,
                              const int32_t* constants, const int16_t* drift, uint8_t driftBits, int32_t* scores)
{
    uint16_t winner = 0;
    int64_t most = 0;
    for (uint16_t c = 0; c < shape.classes; ++c) {
        const size_t row = static_cast<size_t>(c) * shape.features;
        const uint64_t sum = driftedSquares(x, table + row, drift + row, driftBits, shape.features);
        const int64_t score = fromFlash(constants + c) * (int64_t{1} << shape.scoreShift) - static_cast<int64_t>(sum);
        if (c == 0 || score > most) {
            most = score;
            winner = c;
        }
        scores[c] = saturated(score >> shape.scoreShift);
    }
    return winner;
}

/// The component with the largest of the scores from `first` to before `end`, the first of equals: in a mixture the one
/// that a row belongs to.
inline uint16_t likeliest(const int32_t* scores, uint16_t first, uint16_t end)
{
    uint16_t best = first;
    for (uint16_t k = static_cast<uint16_t>(first + 1); k < end; ++k)
        best = scores[k] > scores[best] ? k : best;
    return best;
}

/// Moves the mean of `component` towards x, which are fixedFeatures(). `limits` has a limit for each mean, in units of
/// drift; `seen` counts the rows of each component.
inline LearnOutcome moveMean(const MeanLearning& learning, unsigned features, const int32_t* x, uint16_t component,
                             const uint32_t* table, const uint16_t* limits, int16_t* drift, uint16_t* seen)
{
    const size_t row = static_cast<size_t>(component) * features;
    seen[component] = countedUp(seen[component]);
    const uint32_t rows = static_cast<uint32_t>(learning.prior) + seen[component];
    const auto share = static_cast<int32_t>(rows < learning.memory ? rows : learning.memory);
    bool cut = false;
    bool moved = false;
    for (unsigned i = 0; i < features; ++i) {
        const int32_t mean = static_cast<int32_t>(fromFlash(table + row + i)) >> 16;
        const int32_t target = (x[i] - mean) * (int32_t{1} << learning.driftBits);
        const int32_t before = drift[row + i];
        const int32_t after =
            withinLimit<int32_t>(before + roundedQuotient(target - before, share), fromFlash(limits + row + i), &cut);
        drift[row + i] = static_cast<int16_t>(after);
        moved = moved || after != before;
    }
    return cut ? kLearnedToLimit : moved ? kLearned : kNothingToLearn;
}

/// Whether a drift that was kept somewhere can be one of this model.
inline bool isSoundDrift(size_t means, const uint16_t* limits, const int16_t* drift)
{
    for (size_t i = 0; i < means; ++i) {
        const int32_t limit = fromFlash(limits + i);
        if (drift[i] > limit || drift[i] < -limit)
            return false;
    }
    return true;
}

} // namespace runtime
} // namespace ember
