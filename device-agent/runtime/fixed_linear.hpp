// SPDX-License-Identifier: MIT-0
#pragma once

#include "fixed_power.hpp"

#include <stddef.h>

namespace ember {
namespace runtime {

// Linear models on whole-number features, in integers: score o is bias[o] + sum over i of weight[o, i] * x[i]. Weights
// of 16 bits have sums of 32, which the generator keeps in their range; those of 32 bits have sums of 64.

struct LinearShape
{
    uint16_t features, outputs;
    uint8_t scoreShift; ///< from sums to scores
};

/// Scores beyond count as this, so that differences of two have 32 bits.
constexpr int32_t kMostScore = 1000000000;

template <typename Feature>
inline int32_t weightedFeatures(const Feature* x, const int16_t* weights, unsigned count)
{
    int32_t sum = 0;
    for (unsigned i = 0; i < count; ++i)
        sum += static_cast<int32_t>(fromFlash(weights + i)) * x[i];
    return sum;
}

template <typename Feature>
inline int64_t weightedFeatures(const Feature* x, const int32_t* weights, unsigned count)
{
    int64_t sum = 0;
    for (unsigned i = 0; i < count; ++i)
        sum += static_cast<int64_t>(fromFlash(weights + i)) * x[i];
    return sum;
}

/// Scores of all outputs; returns the largest, the first of equals. `weights` is [outputs, features]; biases are in
/// units of the scores.
template <typename Feature, typename Weight>
inline uint16_t linearScores(const LinearShape& shape, const Feature* x, const Weight* weights, const int32_t* biases,
                             int32_t* scores)
{
    uint16_t winner = 0;
    int64_t most = 0;
    for (uint16_t o = 0; o < shape.outputs; ++o) {
        const int64_t sum = static_cast<int64_t>(fromFlash(biases + o)) * (int64_t{1} << shape.scoreShift) +
                            weightedFeatures(x, weights + static_cast<size_t>(o) * shape.features, shape.features);
        if (o == 0 || sum > most) {
            most = sum;
            winner = o;
        }
        const int64_t score = sum >> shape.scoreShift;
        scores[o] = static_cast<int32_t>(score > kMostScore ? kMostScore : score < -kMostScore ? -kMostScore : score);
    }
    return winner;
}

/// How scores become powers of e: a difference d is 2^-(d * slope / 2^slopeShift / 65536), and nothing from `far` on.
struct ShareShape
{
    uint32_t far;
    uint32_t slope;
    uint8_t slopeShift;
};

inline uint16_t shareOfDifference(const ShareShape& shape, uint32_t difference, const uint16_t* powers)
{
    if (difference >= shape.far)
        return 0;
    return powerOfHalf(static_cast<uint32_t>((static_cast<uint64_t>(difference) * shape.slope) >> shape.slopeShift),
                       powers);
}

/// Softmax in place: shares of 65535.
inline void softmaxShares(const ShareShape& shape, const uint16_t* powers, uint16_t count, int32_t* scores)
{
    int32_t most = scores[0];
    for (uint16_t i = 1; i < count; ++i)
        most = scores[i] > most ? scores[i] : most;
    uint32_t sum = 0;
    for (uint16_t i = 0; i < count; ++i) {
        const uint32_t difference = static_cast<uint32_t>(most) - static_cast<uint32_t>(scores[i]);
        scores[i] = shareOfDifference(shape, difference, powers);
        sum += static_cast<uint32_t>(scores[i]);
    }
    for (uint16_t i = 0; i < count; ++i)
        scores[i] = static_cast<int32_t>((static_cast<uint32_t>(scores[i]) * 65535u) / sum);
}

/// The logistic function of each score in place: shares of 65535.
inline void logisticShares(const ShareShape& shape, const uint16_t* powers, uint16_t count, int32_t* scores)
{
    for (uint16_t i = 0; i < count; ++i) {
        const bool negative = scores[i] < 0;
        const uint32_t size = negative ? 0u - static_cast<uint32_t>(scores[i]) : static_cast<uint32_t>(scores[i]);
        const uint32_t power = shareOfDifference(shape, size, powers);
        const uint32_t part = negative ? power : 65535u;
        scores[i] = static_cast<int32_t>((part * 65535u) / (65535u + power));
    }
}

} // namespace runtime
} // namespace ember
