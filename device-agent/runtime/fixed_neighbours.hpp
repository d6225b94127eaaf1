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

/// The k nearest points in order, and their distances; returns how many there are. Of equally near points the first
/// counts. `nearest` and `voters` have room for k elements.
template <typename Sum, typename Metric, typename Feature, typename Point, typename Weights>
inline unsigned nearestPoints(Metric metric, const NeighbourShape& shape, const Feature* x, const Point* points,
                              Weights weights, Sum* nearest, uint16_t* voters)
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
    return found;
}

inline uint16_t mostVotes(unsigned classes, const int32_t* votes)
{
    uint16_t winner = 0;
    for (uint16_t c = 1; c < classes; ++c)
        winner = votes[c] > votes[winner] ? c : winner;
    return winner;
}

/// Votes of the k nearest points by class; returns the class with the most, the first of equals. `labels` holds the
/// class of each point.
template <typename Sum, typename Metric, typename Feature, typename Point, typename Weights>
inline uint16_t nearestVotes(Metric metric, const NeighbourShape& shape, const Feature* x, const Point* points,
                             Weights weights, const uint16_t* labels, Sum* nearest, uint16_t* voters, int32_t* votes)
{
    const unsigned found = nearestPoints(metric, shape, x, points, weights, nearest, voters);
    for (uint16_t c = 0; c < shape.classes; ++c)
        votes[c] = 0;
    for (unsigned i = 0; i < found; ++i)
        ++votes[fromFlash(labels + voters[i])];
    return mostVotes(shape.classes, votes);
}

/// The largest number whose square is not above x.
inline uint32_t wholeRoot(uint64_t x)
{
    uint32_t root = 0;
    for (uint32_t bit = uint32_t{1} << 31; bit != 0; bit >>= 1) {
        const uint64_t next = root | bit;
        if (next * next <= x)
            root |= bit;
    }
    return root;
}

/// Lengths of distances that were shifted left so that the largest has no leading zeros, but for one: 32 bits.
inline uint32_t lengthOf(SquaredDistance, uint64_t distance)
{
    return wholeRoot(distance);
}
inline uint32_t lengthOf(CityBlockDistance, uint64_t distance)
{
    return static_cast<uint32_t>(distance >> 32);
}

/// How far distances are shifted: by an even number, so that roots keep their proportions.
inline unsigned lengthShift(uint64_t largest)
{
    unsigned shift = 0;
    while (shift < 62 && (largest >> (62 - shift)) == 0)
        shift += 2;
    return shift;
}

/// Shares of all votes have so many bits.
constexpr unsigned kShareBits = 15;

/// The same with votes that weigh the more the nearer a point is: in proportion to 1 / length, the nearest 65535.
/// Points at no distance outvote all others. Makes shares of all votes; returns the class with the most, the first of
/// equals.
template <typename Sum, typename Metric, typename Feature, typename Point, typename Weights>
inline uint16_t nearestShares(Metric metric, const NeighbourShape& shape, const Feature* x, const Point* points,
                              Weights weights, const uint16_t* labels, Sum* nearest, uint16_t* voters, int32_t* shares)
{
    const unsigned found = nearestPoints(metric, shape, x, points, weights, nearest, voters);
    for (uint16_t c = 0; c < shape.classes; ++c)
        shares[c] = 0;
    const unsigned shift = lengthShift(nearest[found - 1]);
    const uint64_t least = lengthOf(metric, static_cast<uint64_t>(nearest[0]) << shift);
    uint32_t all = 0;
    for (unsigned i = 0; i < found; ++i) {
        const uint32_t length = lengthOf(metric, static_cast<uint64_t>(nearest[i]) << shift);
        const auto vote = length == 0 ? 65535u : static_cast<uint32_t>((least * 65535u + length / 2) / length);
        shares[fromFlash(labels + voters[i])] += static_cast<int32_t>(vote);
        all += vote;
    }
    const uint16_t winner = mostVotes(shape.classes, shares);
    for (uint16_t c = 0; c < shape.classes; ++c)
        shares[c] = static_cast<int32_t>((static_cast<uint64_t>(static_cast<uint32_t>(shares[c])) << kShareBits) / all);
    return winner;
}

} // namespace runtime
} // namespace ember
