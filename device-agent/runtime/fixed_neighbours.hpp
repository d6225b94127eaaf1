// SPDX-License-Identifier: MIT-0
#pragma once

#include "flash_data.hpp"

#include <stddef.h>

namespace ember {
namespace runtime {

// Nearest neighbours on whole-number features of 8 or 16 bits, in integers. The distance from a stored point is the sum
// over i of weight[i] * (x[i] - point[i])^2, or of weight[i] * |x[i] - point[i]|, exactly.

struct NeighbourShape
{
    uint16_t features, points, classes;
    uint16_t k; ///< that vote
};

struct SquaredDistance
{
    /// Modulo 2^32, in which the square of a difference of 17 bits fits, whatever its sign.
#if defined(__clang__)
    __attribute__((no_sanitize("unsigned-integer-overflow")))
#endif
    static uint32_t
    of(int32_t difference)
    {
        return static_cast<uint32_t>(difference) * static_cast<uint32_t>(difference);
    }
};
struct CityBlockDistance
{
    static uint32_t of(int32_t difference) { return static_cast<uint32_t>(difference < 0 ? -difference : difference); }
};

/// Every feature counts the same.
struct EqualWeights
{
    uint32_t operator[](unsigned) const { return 1; }
};
struct FlashWeights
{
    const uint32_t* from;
    uint32_t operator[](unsigned i) const { return fromFlash(from + i); }
};

/// Sum has the bits that the largest distance needs.
template <typename Sum, typename Metric, typename Feature, typename Point, typename Weights>
inline Sum pointDistance(Metric, unsigned count, const Feature* x, const Point* point, Weights weights)
{
    Sum sum = 0;
    for (unsigned i = 0; i < count; ++i) {
        const int32_t apart = static_cast<int32_t>(x[i]) - fromFlash(point + i);
        sum = static_cast<Sum>(sum + static_cast<Sum>(Metric::of(apart)) * weights[i]);
    }
    return sum;
}

/// Votes of the k nearest points by class; returns the class with the most, the first of equals. Of equally near points
/// the first counts. `nearest` and `voters` have room for k elements; `labels` holds the class of each point.
template <typename Sum, typename Metric, typename Feature, typename Point, typename Weights>
inline uint16_t nearestVotes(Metric metric, const NeighbourShape& shape, const Feature* x, const Point* points,
                             Weights weights, const uint16_t* labels, Sum* nearest, uint16_t* voters, int32_t* votes)
{
    unsigned found = 0;
    for (uint16_t p = 0; p < shape.points; ++p) {
        const Sum distance =
            pointDistance<Sum>(metric, shape.features, x, points + static_cast<size_t>(p) * shape.features, weights);
        unsigned at = found;
        while (at > 0 && distance < nearest[at - 1])
            --at;
        if (at == shape.k)
            continue;
        found += found < shape.k ? 1u : 0u;
        for (unsigned move = found - 1; move > at; --move) {
            nearest[move] = nearest[move - 1];
            voters[move] = voters[move - 1];
        }
        nearest[at] = distance;
        voters[at] = p;
    }
    for (uint16_t c = 0; c < shape.classes; ++c)
        votes[c] = 0;
    for (unsigned i = 0; i < found; ++i)
        ++votes[fromFlash(labels + voters[i])];
    uint16_t winner = 0;
    for (uint16_t c = 1; c < shape.classes; ++c)
        winner = votes[c] > votes[winner] ? c : winner;
    return winner;
}

} // namespace runtime
} // namespace ember
